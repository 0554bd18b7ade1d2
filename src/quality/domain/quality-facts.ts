import type { FailureEpisode, RecoveryTime } from './episodes.js';
import type { TestAssessment } from './flakiness.js';
import type { TestLabel } from './labels.js';
import type { Outage } from './outages.js';
import type { QualityScore } from './quality-score.js';
import type { Reliability } from './reliability.js';
import type { WeightedFigure } from './stability.js';

export interface TestFact {
  readonly testId: string;
  readonly name: string;
  readonly suite: string;
  readonly assessment: TestAssessment;
  /** Run ids behind the label, newest first. */
  readonly evidenceRuns: readonly string[];
  readonly quarantined: boolean;
  /** 0..1; null with too few durations. */
  readonly durationStability: number | null;
  readonly openEpisodes: readonly (FailureEpisode & { readonly firstRunId: string })[];
}

/** A rate before and now, as counts. */
export interface RateFact {
  readonly numerator: number;
  readonly denominator: number;
}

/** All that rules may look at: one scope, one window, and the window before where there is one. */
export interface QualityFacts {
  /** Epoch ms. */
  readonly now: number;
  readonly tests: readonly TestFact[];
  readonly score: QualityScore;
  readonly previousScore?: QualityScore;
  readonly passRate: RateFact;
  readonly previousPassRate?: RateFact;
  readonly stability: WeightedFigure;
  readonly recovery: RecoveryTime;
  readonly previousRecovery?: RecoveryTime;
  readonly reliability: Reliability;
  readonly outages: readonly Outage[];
  /** Retried outcomes and the ms that superseded attempts took. */
  readonly retries: { readonly outcomes: number; readonly wastedMs: number; readonly runs: readonly string[] };
  /** Newest runs of the scope, newest first: what a figure of the whole scope links to. */
  readonly recentRuns: readonly string[];
}

export type LabelCounts = Readonly<Record<TestLabel, number>>;

/** How many tests carry each label. */
export const countLabels = (labels: Iterable<TestLabel>): LabelCounts => {
  const counts: Record<TestLabel, number> = {
    insufficient_data: 0,
    new: 0,
    broken: 0,
    confirmed: 0,
    suspected: 0,
    failing: 0,
    stable: 0,
  };
  for (const label of labels) counts[label] += 1;
  return counts;
};
