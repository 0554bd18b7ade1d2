import type { AssessedTest } from './assessments/assessment.js';
import { addTransitions, NO_TRANSITIONS, predictNextFailure, type NextFailure } from './domain/next-failure.js';
import type { TransitionCounts } from './domain/flakiness-posterior.js';
import { evidenceOf } from './domain/test-history.js';
import type { TestName } from './tests/test-names.service.js';

export interface LikelyFailure {
  readonly testId: string;
  readonly name: string;
  readonly suite: string;
  readonly prediction: NextFailure;
}

export interface NextRun {
  /** Most likely first, at most ten. */
  readonly likeliest: readonly LikelyFailure[];
}

const suiteKey = ({ projectId, suite }: AssessedTest): string => `${projectId}:${suite}`;

/** Transitions of each suite's tests, summed. */
export const suiteTransitions = (tests: readonly AssessedTest[]): ReadonlyMap<string, TransitionCounts> => {
  const sums = new Map<string, TransitionCounts>();
  for (const test of tests) {
    const key = suiteKey(test);
    sums.set(key, addTransitions(sums.get(key) ?? NO_TRANSITIONS, test.assessment.counts));
  }
  return sums;
};

export const predictionOf = (test: AssessedTest, suites: ReadonlyMap<string, TransitionCounts>): NextFailure =>
  predictNextFailure({
    test: test.assessment.counts,
    suite: suites.get(suiteKey(test)) ?? NO_TRANSITIONS,
    recent: evidenceOf(test.history).failed.subarray(test.assessment.segmentStart),
  });

const LIKELIEST = 10;
const CANDIDATES = 200;

/** The tests most likely to fail in the next run, among those that failed lately or are flaky. */
export const likelyFailures = (tests: readonly AssessedTest[], names: ReadonlyMap<string, TestName>): NextRun => {
  const suites = suiteTransitions(tests);
  const candidates = tests
    .filter(({ assessment }) => assessment.segmentFailures > 0)
    .sort((a, b) => urgency(b) - urgency(a))
    .slice(0, CANDIDATES);
  const likeliest = candidates
    .map((test) => ({ test, prediction: predictionOf(test, suites) }))
    .sort((a, b) => (b.prediction.probability ?? 0) - (a.prediction.probability ?? 0))
    .slice(0, LIKELIEST)
    .flatMap(({ test, prediction }) => {
      const name = names.get(`${test.projectId}:${test.number}`);
      return name ? [{ testId: name.testId, name: name.name, suite: name.suite, prediction }] : [];
    });
  return { likeliest };
};

const urgency = ({ assessment: { lastFailed, segmentFailures, segmentRuns } }: AssessedTest): number =>
  (lastFailed ? 1 : 0) + segmentFailures / segmentRuns;
