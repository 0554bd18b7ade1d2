import { betaQuantile } from './beta.js';
import { Z95 } from './normal.js';

const { max, min, sqrt } = Math;

export interface Interval95 {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of k of n (Wilson 1927). n = 0 gives [0, 1]: nothing is known.
 * @param z 1.96 (default) for 95 %
 */
export const wilson = (k: number, n: number, z: number = Z95): Interval95 => {
  if (!(n > 0)) return { low: 0, high: 1 };
  const p = k / n;
  const square = (z * z) / n;
  const centre = (p + square / 2) / (1 + square);
  const half = sqrt((p * (1 - p) * z * z) / n + (square * square) / 4) / (1 + square);
  return { low: k <= 0 ? 0 : max(0, centre - half), high: k >= n ? 1 : min(1, centre + half) };
};

export interface PosteriorRate extends Interval95 {
  readonly mean: number;
}

/** Posterior of a rate after k of n under Jeffreys' prior, Beta(k + 1/2, n - k + 1/2): mean and 95 % interval. */
export const jeffreys = (k: number, n: number): PosteriorRate => {
  const a = k + 0.5;
  const b = n - k + 0.5;
  return { mean: a / (a + b), low: betaQuantile(0.025, a, b), high: betaQuantile(0.975, a, b) };
};
