import { jeffreys, betaCdf, wilson } from '../../common/stats/index.js';
import type { Interval95, PosteriorRate } from '../../common/stats/index.js';

export interface FailureRate {
  readonly numerator: number;
  readonly denominator: number;
  /** Posterior under Jeffreys' prior; null without outcomes. */
  readonly posterior: PosteriorRate | null;
  /** P(p > .01). */
  readonly aboveOnePercent: number | null;
  readonly wilson: Interval95;
}

/** Failure rate of k of n with both intervals (statistics.md section 1). */
export const failureRate = (failures: number, n: number): FailureRate => ({
  numerator: failures,
  denominator: n,
  posterior: n > 0 ? jeffreys(failures, n) : null,
  aboveOnePercent: n > 0 ? 1 - betaCdf(0.01, failures + 0.5, n - failures + 0.5) : null,
  wilson: wilson(failures, n),
});

/**
 * Flips / (runs - 1): "Modeling and Ranking Flaky Tests at Apple", ICSE-SEIP 2020. null below two outcomes.
 * @param failed 1 = failed, oldest first
 */
export const flipRate = (failed: Uint8Array): number | null => {
  if (failed.length < 2) return null;
  let flips = 0;
  for (let i = 1; i < failed.length; i++) if (failed[i] !== failed[i - 1]) flips += 1;
  return flips / (failed.length - 1);
};

/** -sum p log2 p over pass and fail, in bits (same paper): 0 for one kind of outcome, 1 for half and half. */
export const outcomeEntropy = (failures: number, n: number): number | null => {
  if (n === 0) return null;
  return [failures / n, 1 - failures / n].reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
};
