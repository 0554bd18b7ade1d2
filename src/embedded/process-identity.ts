import { readFile } from 'node:fs/promises';
import { runCommand } from './run-command.js';

export interface ProcessIdentity {
  /** When it was started, in a form that only serves to be compared: a pid alone may have been given to another process. */
  readonly started: string;
  readonly command: string;
}

/** undefined when there is no such process (a zombie counts as gone). */
export const identify = async (pid: number): Promise<ProcessIdentity | undefined> => {
  if (process.platform !== 'linux') return identifyByPs(pid);
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // the second field is the name in brackets and may hold blanks: count from behind it
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return { started: fields[19] ?? '', command: command.replaceAll('\0', ' ') };
  } catch {
    return undefined;
  }
};

const identifyByPs = async (pid: number): Promise<ProcessIdentity | undefined> => {
  const ask = (column: string): Promise<string> =>
    runCommand('ps', ['-p', String(pid), '-o', `${column}=`], { timeoutMs: 5_000 }).then(({ output }) => output.trim());
  const [started, command] = [await ask('lstart'), await ask('command')];
  return started === '' ? undefined : { started, command };
};
