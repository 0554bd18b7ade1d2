import { Z95 } from '../../common/stats/index.js';
import { bucketValueMs, quantilesMs } from './histogram.js';
import type { CellAggregate } from './query.js';

export interface Bounds {
  readonly low: number | null;
  readonly high: number | null;
}

const UNKNOWN: Bounds = { low: null, high: null };

/**
 * 95 % interval of a count taken as Poisson: Byar's approximation of the exact one (Breslow & Day 1987, p. 69), 0 to 3.7
 * for a count of 0.
 */
export const countBounds = (k: number): Bounds => {
  const above = k + 1;
  const low = k === 0 ? 0 : k * Math.max(0, 1 - 1 / (9 * k) - Z95 / (3 * Math.sqrt(k))) ** 3;
  return { low, high: above * (1 - 1 / (9 * above) + Z95 / (3 * Math.sqrt(above))) ** 3 };
};

/** Sum of squared durations in ms², from the histogram: each at most 5 % off. */
const sumOfSquares = ({ histogram }: CellAggregate): number => {
  let sum = 0;
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    const n = histogram[bucket]!;
    if (n > 0) sum += n * bucketValueMs(bucket) ** 2;
  }
  return sum;
};

/** 95 % interval of the mean duration in ms, by the central limit theorem; unknown below two durations. */
export const meanBounds = (aggregate: CellAggregate): Bounds => {
  const { durationN: n, durationSumUs } = aggregate;
  if (n < 2) return UNKNOWN;
  const mean = durationSumUs / n / 1000;
  const variance = (Math.max(0, sumOfSquares(aggregate) / n - mean ** 2) * n) / (n - 1);
  const half = Z95 * Math.sqrt(variance / n);
  return { low: Math.max(0, mean - half), high: mean + half };
};

/** 95 % interval of a sum of durations in ms, the number of them taken as Poisson too; unknown without any. */
export const totalBounds = (aggregate: CellAggregate): Bounds => {
  if (aggregate.durationN === 0) return UNKNOWN;
  const total = aggregate.durationSumUs / 1000;
  const half = Z95 * Math.sqrt(sumOfSquares(aggregate));
  return { low: Math.max(0, total - half), high: total + half };
};

/**
 * 95 % interval of a quantile in ms between two order statistics (Hahn & Meeker 1991, section 5.2, normal approximation
 * of the ranks): free of any assumption about the distribution. Unknown below two durations.
 */
export const quantileBounds = (aggregate: CellAggregate, q: number): Bounds => {
  const { durationN: n, histogram, durationMinUs, durationMaxUs } = aggregate;
  if (n < 2) return UNKNOWN;
  const half = Z95 * Math.sqrt(n * q * (1 - q));
  const ranks = [Math.max(1, Math.floor(n * q - half)), Math.min(n, Math.ceil(n * q + half) + 1)];
  const shares = ranks.map((rank) => rank / n);
  const [low = null, high = null] = quantilesMs(histogram, n, shares, durationMinUs, durationMaxUs);
  return { low, high };
};
