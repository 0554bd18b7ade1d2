/**
 * Named places where a test can kill the process: `FAILPOINTS="results-inserted=kill@3,summary-written=kill@1"` sends
 * SIGKILL the third (first) time the place is reached. Without the variable it costs one property read.
 */
const armed = new Map<string, number>(
  (process.env.FAILPOINTS ?? '')
    .split(',')
    .map((entry) => /^([\w-]+)=kill@(\d+)$/.exec(entry.trim()))
    .filter((match) => match !== null)
    .map((match): [string, number] => [match[1] ?? '', Number(match[2])]),
);

export const failpoint = (name: string): void => {
  if (armed.size === 0) return;
  const left = armed.get(name);
  if (left === undefined) return;
  if (left <= 1) process.kill(process.pid, 'SIGKILL');
  armed.set(name, left - 1);
};
