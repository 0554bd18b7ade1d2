export interface Timing {
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Nearest-rank percentiles of durations in ms. */
export const timingOf = (durations: readonly number[]): Timing => {
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
};

/** Runs a measurement so many times, one after the other; `run` answers its own ms. */
export const repeat = async (times: number, run: (i: number) => Promise<number>): Promise<Timing> => {
  const durations: number[] = [];
  for (let i = 0; i < times; i++) durations.push(await run(i));
  return timingOf(durations);
};

export const timed = async <T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> => {
  const started = performance.now();
  const value = await work();
  return { ms: performance.now() - started, value };
};
