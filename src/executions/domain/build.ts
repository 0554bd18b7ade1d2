import { NO_TOTALS, type RunRecord, type RunTotals } from './run-record.js';

/** running: a run still is; incomplete: shards are missing; aborted: a run was; finished: all is there. */
export const BUILD_STATUSES = ['running', 'incomplete', 'aborted', 'finished'] as const;
export type BuildStatus = (typeof BUILD_STATUSES)[number];

/** The runs of one build together. */
export interface Build {
  readonly buildId: string;
  readonly status: BuildStatus;
  readonly shardsSeen: readonly number[];
  /** The largest number that a run has named; undefined when none has. */
  readonly shardsExpected?: number;
  readonly totals: RunTotals;
  readonly startedAt: Date;
  /** The latest end; undefined while a run has none. */
  readonly finishedAt?: Date;
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
}

const addTotals = (sum: RunTotals, more: RunTotals): RunTotals =>
  Object.fromEntries(
    (Object.keys(NO_TOTALS) as (keyof RunTotals)[]).map((key) => [key, sum[key] + more[key]]),
  ) as unknown as RunTotals;

const times = (dates: readonly Date[]): number[] => dates.map((date) => date.getTime());

/** @param runs at least one, oldest first */
export const buildOf = (buildId: string, runs: readonly RunRecord[]): Build => {
  const shardsSeen = [...new Set(runs.flatMap((run) => run.shardsSeen))].sort((a, b) => a - b);
  const expected = runs.map(({ build }) => build?.shards).filter((shards) => shards !== undefined);
  const shardsExpected = expected.length > 0 ? Math.max(...expected) : undefined;
  const ends = runs.map(({ finishedAt }) => finishedAt).filter((end) => end !== undefined);
  return {
    buildId,
    status: statusOf(runs, shardsExpected !== undefined && shardsSeen.length < shardsExpected),
    shardsSeen,
    shardsExpected,
    totals: runs.reduce((sum, { totals }) => addTotals(sum, totals), NO_TOTALS),
    startedAt: new Date(Math.min(...times(runs.map(({ startedAt }) => startedAt)))),
    finishedAt: ends.length === runs.length ? new Date(Math.max(...times(ends))) : undefined,
    runs,
  };
};

const statusOf = (runs: readonly RunRecord[], shardsMissing: boolean): BuildStatus => {
  if (runs.some(({ status }) => status === 'running')) return 'running';
  if (shardsMissing) return 'incomplete';
  return runs.some(({ status }) => status === 'aborted') ? 'aborted' : 'finished';
};
