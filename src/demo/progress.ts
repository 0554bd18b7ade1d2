import { SingleBar } from 'cli-progress';

export interface Progress {
  to(done: number): void;
  stop(): void;
}

const STEPS = 10;

/** A bar on a terminal; elsewhere, where a bar would fill the log, a line at every tenth. */
export const showProgress = (label: string, total: number, out: NodeJS.WriteStream = process.stderr): Progress => {
  if (!out.isTTY) return printTenths(label, total, out);
  const bar = new SingleBar({
    format: `${label} {bar} {percentage} %, {eta_formatted} left`,
    stream: out,
    hideCursor: true,
  });
  bar.start(total, 0);
  return { to: (done) => bar.update(done), stop: () => bar.stop() };
};

const printTenths = (label: string, total: number, out: NodeJS.WritableStream): Progress => {
  let printed = 0;
  return {
    to: (done) => {
      const tenth = total === 0 ? STEPS : Math.floor((done * STEPS) / total);
      if (tenth <= printed) return;
      printed = tenth;
      out.write(`${label}: ${tenth * STEPS} %\n`);
    },
    stop: () => undefined,
  };
};
