import { quantileSorted, seededRandom } from '../../common/stats/index.js';

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, ties counting half (Mann-Whitney).
 * null without a positive or without a negative.
 */
export const auc = (positives: ArrayLike<number>, negatives: ArrayLike<number>): number | null => {
  if (positives.length === 0 || negatives.length === 0) return null;
  const sorted = Float64Array.from(negatives).sort();
  let wins = 0;
  for (let i = 0; i < positives.length; i++) {
    const below = lowerBound(sorted, positives[i]!, false);
    wins += below + (lowerBound(sorted, positives[i]!, true) - below) / 2;
  }
  return wins / (positives.length * negatives.length);
};

/** How many of `sorted` are below `x`, or up to it. */
const lowerBound = (sorted: Float64Array, x: number, included: boolean): number => {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x || (included && sorted[middle] === x)) low = middle + 1;
    else high = middle;
  }
  return low;
};

export interface AucEstimate {
  readonly status: 'ok' | 'insufficient_data';
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * AUC with its percentile bootstrap interval (95 %): positives and negatives are drawn again separately, so that each
 * round has both.
 */
export const aucWithInterval = (
  positives: readonly number[],
  negatives: readonly number[],
  options: { readonly seed: number; readonly rounds?: number },
): AucEstimate => {
  const counts = { positives: positives.length, negatives: negatives.length };
  const value = auc(positives, negatives);
  if (value === null) return { status: 'insufficient_data', value, low: null, high: null, ...counts };
  const random = seededRandom(options.seed);
  const redraw = (from: readonly number[]): number[] => from.map(() => from[Math.floor(random() * from.length)]!);
  const rounds = Float64Array.from(
    { length: options.rounds ?? 2000 },
    () => auc(redraw(positives), redraw(negatives)) ?? 0.5,
  ).sort();
  return {
    status: 'ok',
    value,
    low: quantileSorted(rounds, 0.025),
    high: quantileSorted(rounds, 0.975),
    ...counts,
  };
};

export interface BrierEvaluation {
  readonly status: 'ok' | 'insufficient_data';
  readonly n: number;
  /** Mean squared error of the predictions, and of always predicting the base rate. */
  readonly brier: number | null;
  readonly baseline: number | null;
  /** 1 - brier / baseline: above 0 is better than the base rate; null where the baseline has no error. */
  readonly skill: number | null;
}

/**
 * Brier score (Brier 1950) on outcomes that the predictions have not seen.
 * @param baseRate the rate known before those outcomes
 */
export const evaluateBrier = (
  pairs: readonly { readonly probability: number; readonly failed: boolean }[],
  baseRate: number,
): BrierEvaluation => {
  const n = pairs.length;
  if (n === 0) return { status: 'insufficient_data', n, brier: null, baseline: null, skill: null };
  const score = (predict: (pair: (typeof pairs)[number]) => number): number =>
    pairs.reduce((sum, pair) => sum + (predict(pair) - Number(pair.failed)) ** 2, 0) / n;
  const brier = score((pair) => pair.probability);
  const baseline = score(() => baseRate);
  return { status: 'ok', n, brier, baseline, skill: baseline > 0 ? 1 - brier / baseline : null };
};
