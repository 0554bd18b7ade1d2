import { betaCdf, betaQuantile } from './beta.js';

const { min, sqrt } = Math;

/** P(T <= t) of Student's t with `df` > 0 degrees of freedom (A&S 26.7.1). */
export const studentTCdf = (t: number, df: number): number => {
  const tail = betaCdf(df / (df + t * t), df / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
};

/** Two-sided p value of a t statistic. */
export const studentTTwoSidedP = (t: number, df: number): number => betaCdf(df / (df + t * t), df / 2, 0.5);

/** Quantile of Student's t. */
export const studentTQuantile = (p: number, df: number): number => {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  if (p === 0.5) return 0;
  const tail = min(p, 1 - p);
  // Of x = df / (df + t^2) the complement is t^2 / (df + t^2), a Beta(1/2, df / 2).
  const complement = betaQuantile(1 - 2 * tail, 0.5, df / 2);
  const t = sqrt((df * complement) / (1 - complement));
  return p < 0.5 ? -t : t;
};

export interface Sample {
  readonly n: number;
  readonly mean: number;
  /** Of the sample, n - 1 in the denominator. */
  readonly variance: number;
}
export interface WelchResult {
  readonly t: number;
  readonly df: number;
  readonly p: number;
  /** mean(b) - mean(a) with its 95 % interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** Welch's test of two means; undefined where a sample has fewer than 2 values or neither varies. */
export const welch = (a: Sample, b: Sample): WelchResult | undefined => {
  if (a.n < 2 || b.n < 2) return undefined;
  const ea = a.variance / a.n;
  const eb = b.variance / b.n;
  const error = sqrt(ea + eb);
  if (!(error > 0)) return undefined;
  const df = (ea + eb) ** 2 / (ea ** 2 / (a.n - 1) + eb ** 2 / (b.n - 1));
  const difference = b.mean - a.mean;
  const half = studentTQuantile(0.975, df) * error;
  const t = difference / error;
  return { t, df, p: studentTTwoSidedP(t, df), difference, low: difference - half, high: difference + half };
};
