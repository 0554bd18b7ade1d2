import { Z95, twoSidedP } from '../../common/stats/index.js';
import { autocorrelation, countInversions, ranks, tieSizes } from './ranks.js';
import type { Gapped } from './series.js';
import { present } from './series.js';
import { senSlope } from './theil-sen.js';

const { abs, max, min, sign, sqrt } = Math;

export interface MannKendall {
  readonly n: number;
  /** Concordant less discordant pairs. */
  readonly s: number;
  readonly variance: number;
  readonly z: number;
  readonly p: number;
  /** Kendall's tau-a: S over the number of pairs. */
  readonly tau: number;
}

/** Hirsch-type corrections look at so many lags only; the all-lag form has false positive rates of .42 to .51. */
export const MAX_LAG = 3;

const resultOf = (n: number, s: number, variance: number): MannKendall => {
  const z = s === 0 || variance <= 0 ? 0 : (s - sign(s)) / sqrt(variance);
  return { n, s, variance, z, p: twoSidedP(z), tau: n > 1 ? s / ((n * (n - 1)) / 2) : 0 };
};

/** S = sum of sgn(x_j - x_i) over j > i: all pairs less ties less twice the inversions. */
const scoreOf = (x: ArrayLike<number>, ties: readonly number[]): number =>
  (x.length * (x.length - 1)) / 2 - ties.reduce((sum, t) => sum + (t * (t - 1)) / 2, 0) - 2 * countInversions(x);

const testOf = (x: Float64Array): MannKendall => {
  const n = x.length;
  const ties = tieSizes(x);
  const tied = ties.reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  return resultOf(n, scoreOf(x, ties), (n * (n - 1) * (2 * n + 5) - tied) / 18);
};

/** Mann-Kendall with ties; gaps are left out (Mann 1945, Kendall 1975). Below two points: S = 0, p = 1. */
export const mannKendall = (values: Gapped): MannKendall => testOf(present(values).value);

/** The series less its Sen slope, gaps left out: what is left to be autocorrelated. */
const detrended = (values: Gapped): Float64Array => {
  const { value } = present(values);
  const slope = senSlope(values, 0)?.slope ?? 0;
  return value.map((x, i) => x - (i + 1) * slope);
};

/**
 * Variance factor of Hamed & Rao 1998: 1 + 2 / (n(n-1)(n-2)) x sum (n-k)(n-k-1)(n-k-2) rho_k over the significant
 * autocorrelations of the ranks of the Sen-detrended data, lags <= 3.
 */
export const hamedRaoFactor = (values: Gapped): number => {
  const x = detrended(values);
  const n = x.length;
  if (n < 4) return 1;
  const rho = autocorrelation(ranks(x), MAX_LAG);
  let sum = 0;
  for (let k = 1; k <= min(MAX_LAG, n - 1); k++)
    if (abs(rho[k]!) > Z95 / sqrt(n)) sum += (n - k) * (n - k - 1) * (n - k - 2) * rho[k]!;
  return 1 + (2 / (n * (n - 1) * (n - 2))) * sum;
};

/** Mann-Kendall with the variance corrected for autocorrelation; the factor is never below 1. */
export const hamedRao = (values: Gapped): MannKendall => {
  const plain = mannKendall(values);
  return resultOf(plain.n, plain.s, plain.variance * max(1, hamedRaoFactor(values)));
};

/** Mann-Kendall of x_t - r_1 x_(t-1) (von Storch 1995). */
export const preWhitened = (values: Gapped): MannKendall => {
  const { value } = present(values);
  const r = autocorrelation(value, 1)[1]!;
  return testOf(value.subarray(1).map((x, i) => x - r * value[i]!));
};

/**
 * Mann-Kendall after trend-free pre-whitening (Yue, Pilon, Phinney & Cavadias 2002): r_1 is taken of the Sen-detrended
 * data, so that a strong trend is not mistaken for autocorrelation and whitened away.
 */
export const trendFreePreWhitened = (values: Gapped): MannKendall => {
  const { value } = present(values);
  const r = autocorrelation(detrended(values), 1)[1]!;
  return testOf(value.subarray(1).map((x, i) => x - r * value[i]!));
};
