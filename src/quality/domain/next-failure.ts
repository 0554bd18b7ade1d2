import { betaQuantile } from '../../common/stats/index.js';
import type { TransitionCounts } from './flakiness-posterior.js';

/** Pseudo-counts that the suite lends to each transition rate of a test. */
const SUITE_WEIGHT = 2;
/** Outcomes after which an old one weighs half in the recent rate; and what the recent rate counts for. */
const HALF_LIFE = 5;
const RECENT_WEIGHT = 0.25;

export const NEXT_FAILURE_DEFINITION = { id: 'next_failure.markov', version: 1 } as const;

export interface NextFailureInput {
  /** Transitions of the test's last segment. */
  readonly test: TransitionCounts;
  /** Transitions of all tests of its suite, summed. */
  readonly suite: TransitionCounts;
  /** The segment's outcomes, oldest first, 1 = failed. */
  readonly recent: ArrayLike<number>;
}

export interface NextFailure {
  readonly definition: typeof NEXT_FAILURE_DEFINITION;
  readonly status: 'ok' | 'insufficient_data';
  readonly probability: number | null;
  /** 95 % interval of the transition rate behind it. */
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
}

const suiteRate = (changes: number, n: number): number => (changes + 0.5) / (n + 1);

/** Share of failures with weights that halve every five outcomes. */
const recentRate = (outcomes: ArrayLike<number>): number => {
  const decay = 2 ** (-1 / HALF_LIFE);
  let [failures, total] = [0, 0];
  for (let i = 0; i < outcomes.length; i++) {
    failures = failures * decay + outcomes[i]!;
    total = total * decay + 1;
  }
  return failures / total;
};

/**
 * P(the next run of the test fails): the transition rate out of its newest outcome (a two-state Markov chain) on its last
 * segment, with the suite's rate as prior, blended with its recent failure rate. Judge it with `evaluateBrier`.
 */
export const predictNextFailure = ({ test, suite, recent }: NextFailureInput): NextFailure => {
  const definition = NEXT_FAILURE_DEFINITION;
  const n = recent.length;
  if (n === 0) return { definition, status: 'insufficient_data', probability: null, low: null, high: null, n };
  const afterFailure = recent[n - 1] === 1;
  const [failures, total] = afterFailure ? [test.nF - test.nFP, test.nF] : [test.nPF, test.nP];
  const prior = afterFailure ? 1 - suiteRate(suite.nFP, suite.nF) : suiteRate(suite.nPF, suite.nP);
  const a = failures + SUITE_WEIGHT * prior;
  const b = total - failures + SUITE_WEIGHT * (1 - prior);
  const weight = RECENT_WEIGHT / (1 + n / HALF_LIFE);
  return {
    definition,
    status: 'ok',
    probability: (1 - weight) * (a / (a + b)) + weight * recentRate(recent),
    low: betaQuantile(0.025, a, b),
    high: betaQuantile(0.975, a, b),
    n,
  };
};

export const addTransitions = (a: TransitionCounts, b: TransitionCounts): TransitionCounts => ({
  nP: a.nP + b.nP,
  nPF: a.nPF + b.nPF,
  nF: a.nF + b.nF,
  nFP: a.nFP + b.nFP,
});
export const NO_TRANSITIONS: TransitionCounts = { nP: 0, nPF: 0, nF: 0, nFP: 0 };
