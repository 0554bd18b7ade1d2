/** One run as a history refers to it; shared by the histories of all tests. */
export interface HistoryRun {
  readonly runId: string;
  /** Epoch ms. */
  readonly startedAt: number;
  /** '' where the client sent none; so are branch and environment. */
  readonly commit: string;
  readonly branch: string;
  readonly environment: string;
}

/**
 * The outcomes of one test, oldest first, in columns: row i is the last attempt of the test in one run. Superseded
 * attempts are not rows; `attempts` counts them.
 */
export interface TestHistory {
  readonly length: number;
  /** Epoch ms, ascending. */
  readonly at: Float64Array;
  /** Position in RESULT_STATUSES. */
  readonly status: Uint8Array;
  /** Index into `table.runs`. */
  readonly run: Uint32Array;
  readonly attempts: Uint16Array;
  /** 1 where it passed after at least one failed attempt of the same run. */
  readonly flakyInRun: Uint8Array;
  /** Microseconds; NaN where the client sent none. */
  readonly durationUs: Float64Array;
  readonly table: RunTable;
  /** Where it is known already. */
  readonly spread?: DurationSpread;
}

/** Of the passing outcomes with a duration. */
export interface DurationSpread {
  readonly n: number;
  /** Microseconds; null without one. */
  readonly median: number | null;
  /** 1 - min(1, MAD / median), 0..1; null below 5. */
  readonly stability: number | null;
}

/** The runs that histories refer to, with what is computed once for all tests. */
export interface RunTable {
  readonly runs: readonly HistoryRun[];
  /** Dense number of (commit, branch, environment): the same code; -1 where the commit is unknown. */
  readonly code: Int32Array;
  /** Dense number of the commit; -1 where unknown. */
  readonly commit: Int32Array;
  /** 1 for a run that is left out of flakiness (an outage). */
  readonly excluded: Uint8Array;
}

export const PASSED = 0;
const FIRST_UNJUDGED = 4;
/** Passed, failed, broken and timeout are evidence; skipped and cancelled are not. */
export const isJudged = (status: number): boolean => status < FIRST_UNJUDGED;
export const isFailure = (status: number): boolean => status > PASSED && status < FIRST_UNJUDGED;

const numberBy = (runs: readonly HistoryRun[], key: (run: HistoryRun) => string): Int32Array => {
  const known = new Map<string, number>();
  return Int32Array.from(runs, (run) => {
    if (run.commit === '') return -1;
    const name = key(run);
    const number = known.get(name) ?? known.size;
    known.set(name, number);
    return number;
  });
};

/** @param excludedRunIds runs that are no evidence (outages that nobody put back) */
export const runTable = (runs: readonly HistoryRun[], excludedRunIds: ReadonlySet<string> = new Set()): RunTable => ({
  runs,
  code: numberBy(runs, (run) => JSON.stringify([run.commit, run.branch, run.environment])),
  commit: numberBy(runs, (run) => run.commit),
  excluded: Uint8Array.from(runs, (run) => (excludedRunIds.has(run.runId) ? 1 : 0)),
});

/** The outcomes that count as evidence: skipped, cancelled and excluded runs left out; order kept. */
export interface Evidence {
  readonly length: number;
  /** 1 = failed, broken or timeout. */
  readonly failed: Uint8Array;
  /** Row of the history. */
  readonly row: Uint32Array;
  readonly failures: number;
  readonly history: TestHistory;
}

export const evidenceOf = (history: TestHistory): Evidence => {
  const { status, run, table } = history;
  const failed = new Uint8Array(history.length);
  const row = new Uint32Array(history.length);
  let length = 0;
  let failures = 0;
  for (let i = 0; i < history.length; i++) {
    if (!isJudged(status[i]!) || table.excluded[run[i]!] === 1) continue;
    const failure = status[i] === PASSED ? 0 : 1;
    failed[length] = failure;
    failures += failure;
    row[length] = i;
    length += 1;
  }
  return { length, failed: failed.subarray(0, length), row: row.subarray(0, length), failures, history };
};

/** The run behind outcome `position` of the evidence. */
export const runOf = (evidence: Evidence, position: number): HistoryRun => {
  const { history, row } = evidence;
  return history.table.runs[history.run[row[position]!]!]!;
};

/** The dense commit number of outcome `position`; -1 where unknown. */
export const commitOf = (evidence: Evidence, position: number): number => {
  const { history, row } = evidence;
  return history.table.commit[history.run[row[position]!]!]!;
};
