import type { AttemptRecord, ResultStatus, Run } from './model.js';
import { RESULT_STATUSES } from './model.js';

/** What a run adds up to: outcomes (the last attempt of each test) by status, and all attempts. */
export interface RunTotals {
  readonly attempts: number;
  /** Outcomes: tests that have an attempt in the run. */
  readonly executions: number;
  readonly passed: number;
  readonly failed: number;
  readonly broken: number;
  readonly timeout: number;
  readonly skipped: number;
  readonly cancelled: number;
  /** Outcomes that passed after at least one failed attempt. */
  readonly flaky: number;
}

/** An attempt, by what an index of the results finds it. */
export interface AttemptRef {
  /** Number of the test. */
  readonly test: number;
  readonly attempt: number;
  readonly status: ResultStatus;
}

/** A run with what only `executions` shows of it. */
export interface RunRecord extends Run {
  readonly totals: RunTotals;
  /** The attempts that came last, the newest first; at most 20. */
  readonly newest: readonly AttemptRef[];
  /** Shard numbers of the build that have sent something to this run, sorted. */
  readonly shardsSeen: readonly number[];
  readonly createdAt: Date;
  /** When the run last received something. */
  readonly updatedAt: Date;
}

export const NO_TOTALS: RunTotals = {
  attempts: 0,
  executions: 0,
  passed: 0,
  failed: 0,
  broken: 0,
  timeout: 0,
  skipped: 0,
  cancelled: 0,
  flaky: 0,
};

interface Outcome {
  attempt: number;
  status: ResultStatus;
  failures: number;
}

const isFailure = (status: ResultStatus): boolean => status === 'failed' || status === 'broken' || status === 'timeout';

/** Counts outcomes and attempts; all zero for no attempts. Independent of the order. */
export const totalsOf = (attempts: readonly AttemptRecord[]): RunTotals => {
  const outcomes = new Map<number, Outcome>();
  for (const { test, attempt, status } of attempts) {
    const outcome = outcomes.get(test);
    const failures = isFailure(status) ? 1 : 0;
    if (outcome === undefined) outcomes.set(test, { attempt, status, failures });
    else {
      outcome.failures += failures;
      if (attempt > outcome.attempt) Object.assign(outcome, { attempt, status });
    }
  }
  const counts = Object.fromEntries(RESULT_STATUSES.map((status) => [status, 0])) as Record<ResultStatus, number>;
  let flaky = 0;
  for (const { status, failures } of outcomes.values()) {
    counts[status]++;
    if (status === 'passed' && failures > 0) flaky++;
  }
  return { attempts: attempts.length, executions: outcomes.size, ...counts, flaky };
};

const MOST_NEWEST = 20;

/**
 * The attempts that came last: by generation, then by start.
 * @param fresh of this generation, or all
 * @param before what they were until now; fills up what `fresh` leaves
 */
export const newestOf = (fresh: readonly AttemptRecord[], before: readonly AttemptRef[]): AttemptRef[] => {
  const newest: AttemptRecord[] = [];
  for (const record of fresh) {
    const at = newest.findIndex((other) => isNewer(record, other));
    if (at >= 0) newest.splice(at, 0, record);
    else newest.push(record);
    if (newest.length > MOST_NEWEST) newest.pop();
  }
  const refs = newest.map(({ test, attempt, status }): AttemptRef => ({ test, attempt, status }));
  const known = new Set(refs.map(({ test, attempt }) => `${test}/${attempt}`));
  return [...refs, ...before.filter(({ test, attempt }) => !known.has(`${test}/${attempt}`))].slice(0, MOST_NEWEST);
};

const isNewer = (a: AttemptRecord, b: AttemptRecord): boolean =>
  a.generation === b.generation ? a.at > b.at : a.generation > b.generation;
