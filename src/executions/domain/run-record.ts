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

/** A run with what only `executions` shows of it. */
export interface RunRecord extends Run {
  readonly totals: RunTotals;
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
