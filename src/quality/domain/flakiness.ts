import type { FlakinessPosterior, FlakinessPosteriors, TransitionCounts } from './flakiness-posterior.js';
import { FLAKINESS_DEFINITION, countTransitions } from './flakiness-posterior.js';
import type { TestLabel } from './labels.js';
import { labelOf } from './labels.js';
import type { Disagreement } from './same-code.js';
import { disagreementsOf, mayDisagree } from './same-code.js';
import { lastSegmentStart } from './segmentation.js';
import type { Evidence, TestHistory } from './test-history.js';
import { commitOf, evidenceOf } from './test-history.js';

/** What a ranking says of one test: the light part, computed for every test. */
export interface TestAssessment {
  readonly status: 'ok' | 'insufficient_data';
  readonly definition: typeof FLAKINESS_DEFINITION;
  readonly label: TestLabel;
  /** phi on the last segment. Rank by `flakiness.low`. Without outcomes it is the prior: do not print it. */
  readonly flakiness: FlakinessPosterior;
  readonly counts: TransitionCounts;
  /** Judged outcomes, all and in the last segment. */
  readonly runs: number;
  readonly failures: number;
  readonly segmentRuns: number;
  readonly segmentFailures: number;
  /** Position in the evidence at which the last segment begins. */
  readonly segmentStart: number;
  /** Judged outcomes of runs that were left out (outages). */
  readonly excludedRuns: number;
  readonly lastFailed: boolean;
  /** Epoch ms of the newest judged outcome; undefined without one. */
  readonly lastAt?: number;
  readonly disagreements: readonly Disagreement[];
  /** Indices into the run table of the runs that the label rests on, newest first, at most 20. */
  readonly evidenceRuns: readonly number[];
}

const excludedOf = (history: TestHistory): number => {
  let count = 0;
  for (let i = 0; i < history.length; i++) count += history.table.excluded[history.run[i]!]!;
  return count;
};

const failuresFrom = (evidence: Evidence, from: number): number => {
  let count = 0;
  for (let i = from; i < evidence.length; i++) count += evidence.failed[i]!;
  return count;
};

/**
 * Judges one test by its newest stretch of one failure rate (statistics.md section 1).
 * @param now epoch ms: evidence on the same code confirms for 90 days
 */
export const assessTest = (history: TestHistory, posteriors: FlakinessPosteriors, now: number): TestAssessment => {
  const evidence = evidenceOf(history);
  const { failed, length, failures } = evidence;
  const mixed = failures > 0 && failures < length;
  const segmentStart = mixed ? lastSegmentStart({ failed, commitOf: (i) => commitOf(evidence, i) }) : 0;
  const counts = countTransitions(failed, segmentStart);
  const flakiness = posteriors.of(counts);
  const disagreements = mayDisagree(history, failures, length) ? disagreementsOf(history) : [];
  const segmentFailures = segmentStart === 0 ? failures : failuresFrom(evidence, segmentStart);
  const facts = { evidence, segmentStart, segmentFailures, flakiness, disagreements, now };
  const { label, runs } = labelOf(facts);
  return {
    status: length === 0 ? 'insufficient_data' : 'ok',
    definition: FLAKINESS_DEFINITION,
    label,
    flakiness,
    counts,
    runs: length,
    failures,
    segmentRuns: length - segmentStart,
    segmentFailures,
    segmentStart,
    excludedRuns: excludedOf(history),
    lastFailed: length > 0 && failed[length - 1] === 1,
    ...(length > 0 && { lastAt: history.at[evidence.row[length - 1]!]! }),
    disagreements,
    evidenceRuns: runs,
  };
};
