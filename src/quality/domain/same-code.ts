import { jeffreys } from '../../common/stats/index.js';
import type { PosteriorRate } from '../../common/stats/index.js';
import type { TestHistory } from './test-history.js';
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
