import { RESULT_STATUSES, type ResultStatus, type Run } from '../../executions/index.js';
import { FAILED, RAN, ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_STATUS, type DayRows } from '../../metrics/index.js';

const DAY_MS = 86_400_000;
const PASSED = 0;

/** The last attempt of one test in one run. */
export interface Outcome {
  /** Number of the test within its project; of its present name where it was renamed: what outcomes are matched by. */
  readonly test: number;
  /** The number it was stored under. */
  readonly number: number;
  readonly runId: string;
  readonly runStartedAtSeconds: number;
  readonly attempt: number;
  /** Position in RESULT_STATUSES. */
  readonly status: number;
  /** Passed after at least one failure on the same code: an attempt of the run, or a run that was run again. */
  readonly flaky: boolean;
  /** Epoch ms. */
  readonly at: number;
  /** NaN where the client sent none. */
  readonly durationUs: number;
  readonly suite: string;
}

export const statusOf = (outcome: Outcome): ResultStatus => RESULT_STATUSES[outcome.status]!;
export const isFailed = (outcome: Outcome): boolean => FAILED[outcome.status] === true;
export const isPassed = (outcome: Outcome): boolean => outcome.status === PASSED;
/** Passed, failed, broken or timeout; skipped and cancelled did not run. */
export const hasRun = (outcome: Outcome): boolean => RAN[outcome.status] === true;

/** The outcomes of a day that a scan matched. */
export const outcomesOf = (
  { projectId, day, rows, match }: DayRows,
  canonical: (projectId: string, number: number) => number,
): Outcome[] => {
  const found: Outcome[] = [];
  for (let i = 0; i < rows.length; i++) {
    const flags = rows.flags[i]!;
    if (match[i] === 0 || (flags & ROW_FINAL) === 0) continue;
    const run = rows.runs[rows.run[i]!]!;
    const number = rows.test[i]!;
    found.push({
      test: canonical(projectId, number),
      number,
      runId: run.runId,
      runStartedAtSeconds: run.startedAtSeconds,
      attempt: rows.attempt[i]!,
      status: flags & ROW_STATUS,
      flaky: (flags & ROW_FLAKY) !== 0,
      at: day * DAY_MS + rows.at[i]!,
      durationUs: (flags & ROW_HAS_DURATION) === 0 ? NaN : rows.durationUs[i]!,
      suite: rows.groups[rows.group[i]!]!.suite,
    });
  }
  return found;
};

/** What tells one job of a build from another, and when it ran. */
export interface JobRun {
  readonly runId: string;
  readonly startedAt: Date;
  readonly finishedAt?: Date;
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly environment?: string;
  readonly build?: { readonly shard?: number };
  readonly ci?: { readonly job?: string };
}

const jobOf = ({ name, branch, commit, environment, build, ci }: JobRun): string =>
  JSON.stringify([name, branch, commit, environment, build?.shard, ci?.job]);

/**
 * Runs of a build that repeat an earlier one: the same job (name, CI job, shard, branch, commit, environment) begun after
 * the other had ended. Jobs that ran side by side are no repetitions, whatever they are called.
 * @returns for each run that is repeated the ids of the later runs, oldest first
 */
export const rerunsOf = (runs: readonly JobRun[]): ReadonlyMap<string, readonly string[]> => {
  const ordered = [...runs].sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime());
  const reruns = new Map<string, string[]>();
  ordered.forEach((run, position) => {
    const end = (run.finishedAt ?? run.startedAt).getTime();
    const later = ordered
      .slice(position + 1)
      .filter((other) => other.startedAt.getTime() >= end && jobOf(other) === jobOf(run));
    if (later.length > 0)
      reruns.set(
        run.runId,
        later.map(({ runId }) => runId),
      );
  });
  return reruns;
};

/** A run of a build, with what tells whether it still goes on. */
export interface BuildRun extends JobRun {
  readonly status: Run['status'];
  readonly createdAt: Date;
  /** When it last received something. */
  readonly updatedAt: Date;
}

/**
 * Runs that were cut off and that a finished later run of the same job stands in for. One that has not ended counts as
 * cut off only where it says which shard it is and was silent since before the other came in: of jobs side by side that
 * share all else, one may still be at work. Else it is waited for until it is aborted for its silence.
 */
export const supersededRuns = (runs: readonly BuildRun[]): ReadonlySet<string> => {
  const byId = new Map(runs.map((run) => [run.runId, run]));
  const standsIn = (later: BuildRun, run: BuildRun): boolean => {
    if (later.status !== 'finished' || later.startedAt <= run.startedAt) return false;
    return run.status === 'aborted' || (run.build?.shard !== undefined && run.updatedAt <= later.createdAt);
  };
  const superseded = [...rerunsOf(runs)].filter(([runId, laterIds]) => {
    const run = byId.get(runId)!;
    return run.status !== 'finished' && laterIds.some((laterId) => standsIn(byId.get(laterId)!, run));
  });
  return new Set(superseded.map(([runId]) => runId));
};

/**
 * The outcomes that count of a build: where a job was run again, the test's newest outcome among them, flaky when it
 * passes and an earlier one failed, as attempts of one run would be.
 */
export const withoutRerun = (outcomes: readonly Outcome[], runs: readonly JobRun[]): Outcome[] => {
  const reruns = rerunsOf(runs);
  if (reruns.size === 0) return [...outcomes];
  const byPlace = new Map(outcomes.map((outcome) => [`${outcome.runId}:${outcome.test}`, outcome]));
  const failedBefore = new Set<Outcome>();
  const superseded = new Set<Outcome>();
  for (const outcome of outcomes)
    for (const runId of reruns.get(outcome.runId) ?? []) {
      const later = byPlace.get(`${runId}:${outcome.test}`);
      if (!later || !hasRun(later)) continue;
      superseded.add(outcome);
      if (isFailed(outcome)) failedBefore.add(later);
    }
  return outcomes
    .filter((outcome) => !superseded.has(outcome))
    .map((outcome) => (failedBefore.has(outcome) && isPassed(outcome) ? { ...outcome, flaky: true } : outcome));
};

/** One outcome per test: a failed one before any other, then the newest that ran. */
export const worstByTest = (outcomes: readonly Outcome[]): Map<number, Outcome> => {
  const worst = new Map<number, Outcome>();
  const rank = (outcome: Outcome): number => (isFailed(outcome) ? 2 : hasRun(outcome) ? 1 : 0);
  for (const outcome of outcomes) {
    const known = worst.get(outcome.test);
    const better = known && (rank(known) - rank(outcome) || known.at - outcome.at);
    if (better === undefined || better < 0) worst.set(outcome.test, outcome);
  }
  return worst;
};
