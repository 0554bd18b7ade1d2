import type { Run } from '../../executions/index.js';
import { wallTimeOf, type CellAggregate } from '../../metrics/index.js';

/** How well the runs behind a report used their time. Times in ms. */
export interface Efficiency {
  readonly runs: number;
  /** Runs with a start and a finish: wall time and parallelism are about these. */
  readonly finishedRuns: number;
  readonly wallTimeMs: number;
  /** Time that the counted outcomes of the finished runs took. */
  readonly testTimeMs: number;
  /** Test time / wall time; null without wall time, and where only a part of the runs' outcomes is counted. */
  readonly parallelism: number | null;
  readonly retries: number;
  /** Time of superseded attempts. */
  readonly retryTimeMs: number;
  /** Retry time / (test time + retry time) over all runs; null where no time was spent. */
  readonly retryShare: number | null;
}

export interface FigureSummary {
  /** Runs that sent it. */
  readonly n: number;
  readonly average: number;
  readonly min: number;
  readonly max: number;
}

const ratio = (a: number, b: number): number | null => (b > 0 ? a / b : null);

/** What the outcomes are that are counted. */
export interface CountedOutcomes {
  /** Retries are among them already. */
  readonly attemptsAll: boolean;
  /** Of the same run others may be left out: their time is in its wall time all the same. */
  readonly isPart: boolean;
}

/** @param timeByRun microseconds that the counted outcomes of each run took */
export const efficiencyOf = (
  runs: readonly Run[],
  timeByRun: ReadonlyMap<string, number>,
  totals: CellAggregate,
  { attemptsAll, isPart }: CountedOutcomes,
): Efficiency => {
  let [finishedRuns, wallTimeMs, testTimeUs] = [0, 0, 0];
  for (const run of runs) {
    const wall = wallTimeOf(run);
    if (wall === undefined) continue;
    finishedRuns++;
    wallTimeMs += wall;
    testTimeUs += timeByRun.get(run.runId) ?? 0;
  }
  const allUs = totals.durationSumUs + (attemptsAll ? 0 : totals.retryDurationUs);
  return {
    runs: timeByRun.size,
    finishedRuns,
    wallTimeMs,
    testTimeMs: testTimeUs / 1000,
    parallelism: isPart ? null : ratio(testTimeUs / 1000, wallTimeMs),
    retries: totals.retries,
    retryTimeMs: totals.retryDurationUs / 1000,
    retryShare: ratio(totals.retryDurationUs, allUs),
  };
};

const RESOURCES = ['cpuPercent', 'memoryMb', 'diskIoMb', 'networkIoMb'] as const;

/** Resource figures where runs sent them; empty where none did. */
export const resourcesOf = (runs: readonly Run[]): Record<string, FigureSummary> =>
  summarise(runs.flatMap(({ resources }) => RESOURCES.map((name): Figure => [name, resources?.[name]])));

/** The clients' own figures by name; empty where no run sent one. */
export const runFiguresOf = (runs: readonly Run[]): Record<string, FigureSummary> =>
  summarise(runs.flatMap(({ metrics }): Figure[] => Object.entries(metrics ?? {})));

type Figure = readonly [name: string, value: number | undefined];

const summarise = (figures: readonly Figure[]): Record<string, FigureSummary> => {
  const byName = new Map<string, number[]>();
  for (const [name, value] of figures) {
    if (value === undefined || !Number.isFinite(value)) continue;
    const values = byName.get(name);
    if (values) values.push(value);
    else byName.set(name, [value]);
  }
  const entries = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, summaryOf(values)]);
  return Object.fromEntries(entries) as Record<string, FigureSummary>;
};

const summaryOf = (values: readonly number[]): FigureSummary => ({
  n: values.length,
  average: values.reduce((sum, value) => sum + value, 0) / values.length,
  min: values.reduce((a, b) => Math.min(a, b)),
  max: values.reduce((a, b) => Math.max(a, b)),
});
