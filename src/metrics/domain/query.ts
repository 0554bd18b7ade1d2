import type { ResultStatus, RunKind } from '../../executions/index.js';

/** What an outcome can be grouped by. `tag` counts an outcome once under each of its tags. */
export const DIMENSIONS = [
  'project',
  'team',
  'suite',
  'test',
  'type',
  'tag',
  'branch',
  'environment',
  'owner',
  'user',
  'kind',
  'run',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/**
 * The one filter. Lists are alternatives. In every list of names a leading `!` negates; in `suites` and `branches` `*`
 * stands for any text (so `checkout/*` is a prefix). `tags` = any of them, `tagsAll` = all of them.
 */
export interface MetricFilter {
  readonly projects?: readonly string[];
  readonly teams?: readonly string[];
  readonly suites?: readonly string[];
  /** Test ids. */
  readonly tests?: readonly string[];
  readonly types?: readonly string[];
  readonly tags?: readonly string[];
  readonly tagsAll?: readonly string[];
  readonly branches?: readonly string[];
  readonly environments?: readonly string[];
  readonly owners?: readonly string[];
  readonly users?: readonly string[];
  readonly kinds?: readonly RunKind[];
  readonly statuses?: readonly ResultStatus[];
  /** Run ids (for drill-down and comparison); not part of the public filter DTO. */
  readonly runs?: readonly string[];
  /** Values that must hold as they are, without negation and glob, '' for none; not part of the public filter DTO. */
  readonly exact?: readonly ExactValue[];
}

export interface ExactValue {
  readonly dimension: Exclude<Dimension, 'test' | 'run'>;
  readonly value: string;
}

export const CALENDAR_INTERVALS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type CalendarInterval = (typeof CALENDAR_INTERVALS)[number];
/** Weeks start on Monday (ISO 8601); `{ days: n }` counts from the start of the range. */
export type Interval = CalendarInterval | { readonly days: number };

/** Half-open: from included, to excluded. */
export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
  readonly timeZone: string;
}

/** final: one outcome per test and run, its last attempt; all: every attempt, each at its own time. */
export type AttemptMode = 'final' | 'all';

export interface MetricQuery {
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  /** Absent: no time buckets, one row per group. */
  readonly interval?: Interval;
  /** At most two. */
  readonly groupBy?: readonly Dimension[];
  readonly attempts: AttemptMode;
}

/** A bucket of local time as UTC instants, cut to the range. */
export interface TimeBucket {
  readonly from: Date;
  readonly to: Date;
}

/** Everything that the metric catalogue is computed from; merges by addition. Durations in microseconds. */
export interface CellAggregate {
  /** By the position in RESULT_STATUSES. */
  readonly counts: Float64Array;
  /** Passed after at least one failed attempt of the same run. */
  flaky: number;
  /** Outcomes with more than one attempt. */
  retried: number;
  /** Superseded attempts in the cell, and the time they took. */
  retries: number;
  retryDurationUs: number;
  /** Over outcomes that ran (passed, failed, broken, timeout) and have a duration. */
  durationN: number;
  durationSumUs: number;
  durationMinUs: number;
  durationMaxUs: number;
  /** Counts per histogram bucket (histogram.ts). */
  histogram: Uint32Array;
}

export interface AnswerRow {
  /** Index into `buckets`; absent without an interval. */
  readonly bucket?: number;
  /** One value per groupBy dimension. `test` is the test id, `project` the key, `run` the run id. */
  readonly group: readonly string[];
  readonly aggregate: CellAggregate;
}

/** rollup: from sealed days; rows: from columnar attempts of some or all days. */
export type Plan = 'rollup' | 'rows';

export interface MetricAnswer {
  /** Position in the commit log that the figures stand for. */
  readonly asOf: number;
  /** When the newest commit in scope came in; undefined when there is none. */
  readonly newestCommitAt?: Date;
  readonly plan: Plan;
  readonly buckets: readonly TimeBucket[];
  /** Sorted by bucket, then group. Buckets and groups without an outcome are left out. */
  readonly rows: readonly AnswerRow[];
  readonly totals: CellAggregate;
  /** Runs read at another generation than the one the log holds at `asOf`; a drill-down must read the same. */
  readonly pins: readonly Pin[];
}

export interface Pin {
  readonly runId: string;
  readonly generation: number;
}

/** Where a read stands: a position, and the runs that were read at another generation. */
export interface AsOf {
  readonly position: number;
  readonly pins: readonly Pin[];
}
