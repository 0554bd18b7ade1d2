import type { Run } from '../../executions/index.js';
import type { MetricValue } from './catalogue.js';
import type { DayRows } from './rows.js';

const DAY_MS = 86_400_000;

/** Which runs have outcomes in which bucket: each run in the bucket of its first outcome of the range. */
export class RunBuckets {
  private readonly first = new Map<string, { at: number; bucket: number }>();

  add({ day, rows, match }: DayRows, bucketAt: (epochMs: number) => number): void {
    const earliest = new Float64Array(rows.runs.length).fill(Infinity);
    for (let i = 0; i < rows.length; i++)
      if (match[i]) {
        const run = rows.run[i]!;
        earliest[run] = Math.min(earliest[run]!, rows.at[i]!);
      }
    rows.runs.forEach(({ runId }, index) => {
      const at = day * DAY_MS + earliest[index]!;
      const bucket = at < Infinity ? bucketAt(at) : -1;
      const known = this.first.get(runId);
      if (bucket >= 0 && (!known || at < known.at)) this.first.set(runId, { at, bucket });
    });
  }

  runIds(): string[] {
    return [...this.first.keys()];
  }

  byBucket(buckets: number): string[][] {
    const ids = Array.from({ length: buckets }, (): string[] => []);
    for (const [runId, { bucket }] of this.first) ids[bucket]!.push(runId);
    return ids;
  }
}

const mean = (values: readonly number[]): MetricValue => ({
  value: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
  n: values.length,
});

/** Wall time of a finished run in ms; undefined while it runs, or where its finish lies before its start. */
export const wallTimeOf = ({ startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>): number | undefined => {
  const ms = finishedAt === undefined ? -1 : finishedAt.getTime() - startedAt.getTime();
  return ms < 0 ? undefined : ms;
};

/** `runs`, `run_duration` or `run.<name>` over some runs; null where no run has the figure. */
export const runMetricValue = (id: string, runIds: readonly string[], runs: ReadonlyMap<string, Run>): MetricValue => {
  if (id === 'runs') return { value: runIds.length, n: runIds.length };
  const read = (run: Run): number | undefined =>
    id === 'run_duration' ? wallTimeOf(run) : ownFigure(run.metrics, id.slice('run.'.length));
  const values = runIds.flatMap((runId) => {
    const run = runs.get(runId);
    const value = run && read(run);
    return value === undefined ? [] : [value];
  });
  return mean(values);
};

const ownFigure = (metrics: Run['metrics'], name: string): number | undefined =>
  metrics && Object.hasOwn(metrics, name) ? metrics[name] : undefined;
