import { jeffreys } from '../../common/stats/index.js';
import type { PosteriorRate } from '../../common/stats/index.js';
import type { RunTable, TestHistory } from './test-history.js';
import { PASSED, isJudged } from './test-history.js';

/** A count with its share: mean and 95 % interval under Jeffreys' prior; null where there was no chance to count. */
export interface ShareEstimate {
  readonly numerator: number;
  readonly denominator: number;
  readonly estimate: PosteriorRate | null;
}
export const share = (numerator: number, denominator: number): ShareEstimate => ({
  numerator,
  denominator,
  estimate: denominator > 0 ? jeffreys(numerator, denominator) : null,
});

/** Both outcomes on the same code. */
export interface Disagreement {
  /** Epoch ms of the newest run of it. */
  readonly at: number;
  readonly kind: 'retry_passed' | 'runs_differ';
  /** Indices into the run table: one run for a retry, a failed and a passed one for runs that differ. */
  readonly runs: readonly number[];
}

export interface SameCode {
  /** Oldest first. */
  readonly disagreements: readonly Disagreement[];
  /** Of the codes on which the test was tried at least twice, those on which it disagreed with itself. */
  readonly rate: ShareEstimate;
}

interface CodeState {
  attempts: number;
  disagreed: boolean;
  passed: number;
  failed: number;
}

const judgedRows = function* (history: TestHistory): Generator<number> {
  for (let i = 0; i < history.length; i++)
    if (isJudged(history.status[i]!) && history.table.excluded[history.run[i]!] === 0) yield i;
};

/**
 * Disagreement on the same code (same commit, branch and environment): a retry that passed, or two runs that differ.
 * A run without a commit can only disagree with itself. Runs left out as outages are no evidence.
 */
export const sameCode = (history: TestHistory): SameCode => {
  const codes = new Map<number, CodeState>();
  const disagreements: Disagreement[] = [];
  for (const i of judgedRows(history)) {
    const run = history.run[i]!;
    const code = history.table.code[run]!;
    // Codes are numbered from 0; a run without a commit stands for itself below.
    const key = code >= 0 ? code : -1 - run;
    const state = codes.get(key) ?? { attempts: 0, disagreed: false, passed: -1, failed: -1 };
    codes.set(key, state);
    state.attempts += Math.max(1, history.attempts[i]!);
    const at = history.at[i]!;
    if (history.flakyInRun[i] === 1) {
      disagreements.push({ at, kind: 'retry_passed', runs: [run] });
      state.disagreed = true;
    }
    const passed = history.status[i] === PASSED;
    const other = passed ? state.failed : state.passed;
    if (other >= 0 && other !== run) {
      disagreements.push({ at, kind: 'runs_differ', runs: passed ? [other, run] : [run, other] });
      state.disagreed = true;
    }
    if (passed) state.passed = run;
    else state.failed = run;
  }
  return { disagreements, rate: rateOf([...codes.values()]) };
};

interface Scratch {
  /** By code, then by run: which test was here last; so nothing has to be cleared between tests. */
  readonly seenBy: Int32Array;
  readonly passed: Int32Array;
  readonly failed: Int32Array;
  readonly codes: number;
  test: number;
}

const scratches = new WeakMap<RunTable, Scratch>();

const scratchOf = (table: RunTable): Scratch => {
  let scratch = scratches.get(table);
  if (!scratch) {
    const codes = table.code.reduce((most, code) => Math.max(most, code + 1), 0);
    const size = codes + table.runs.length;
    const [seenBy, passed, failed] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    scratches.set(table, (scratch = { seenBy, passed, failed, codes, test: 0 }));
  }
  scratch.test += 1;
  return scratch;
};

/** The disagreements of `sameCode` alone, for thousands of tests: without a map or an object per code. */
export const disagreementsOf = (history: TestHistory): Disagreement[] => {
  const { length, run: runs, status, flakyInRun, at, table } = history;
  const scratch = scratchOf(table);
  const { seenBy, passed, failed, codes, test } = scratch;
  const found: Disagreement[] = [];
  for (let i = 0; i < length; i++) {
    const run = runs[i]!;
    if (!isJudged(status[i]!) || table.excluded[run] === 1) continue;
    const code = table.code[run]!;
    const key = code >= 0 ? code : codes + run;
    if (seenBy[key] !== test) {
      seenBy[key] = test;
      passed[key] = failed[key] = -1;
    }
    if (flakyInRun[i] === 1) found.push({ at: at[i]!, kind: 'retry_passed', runs: [run] });
    const isPass = status[i] === PASSED;
    const other = isPass ? failed[key]! : passed[key]!;
    if (other >= 0 && other !== run)
      found.push({ at: at[i]!, kind: 'runs_differ', runs: isPass ? [other, run] : [run, other] });
    if (isPass) passed[key] = run;
    else failed[key] = run;
  }
  return found;
};

const rateOf = (states: readonly CodeState[]): ShareEstimate => {
  const tried = states.filter((state) => state.attempts > 1);
  return share(tried.filter((state) => state.disagreed).length, tried.length);
};

/** Whether `sameCode` would find anything; without its allocations, for rankings. */
export const mayDisagree = (history: TestHistory, failures: number, judged: number): boolean => {
  if (failures > 0 && failures < judged) return true;
  for (let i = 0; i < history.length; i++)
    if (history.flakyInRun[i] === 1 && history.table.excluded[history.run[i]!] === 0) return true;
  return false;
};

/** Of the outcomes whose first attempt failed and that were tried again, those that passed: Beta(1/2, 1/2) prior. */
export const passOnRetry = (history: TestHistory): ShareEstimate => {
  let [retried, passed] = [0, 0];
  for (const i of judgedRows(history)) {
    if (history.attempts[i]! < 2) continue;
    retried += 1;
    if (history.status[i] === PASSED) passed += 1;
  }
  return share(passed, retried);
};
