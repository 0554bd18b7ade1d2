const { abs, exp, log, min, sqrt } = Math;

const TWO_OVER_SQRT_PI = 1.1283791670955126;
/** 97.5 % quantile of the standard normal distribution. */
export const Z95 = 1.959963984540054;

/** erf by its all-positive series (A&S 7.1.6), for 0 <= x < 2.5. */
const erfSeries = (x: number): number => {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * exp(-x * x) * sum;
};

/** erfc by its continued fraction (A&S 7.1.14), for x >= 2.5; evaluated from the tail, 60 terms suffice. */
const erfcFraction = (x: number): number => {
  let tail = 0;
  for (let k = 60; k >= 1; k--) tail = k / 2 / (x + tail);
  return (exp(-x * x) * TWO_OVER_SQRT_PI) / 2 / (x + tail);
};

export const erfc = (x: number): number => {
  if (x < 0) return 2 - erfc(-x);
  return x < 2.5 ? 1 - erfSeries(x) : erfcFraction(x);
};

/** P(Z <= z). */
export const normalCdf = (z: number): number => erfc(-z / Math.SQRT2) / 2;

/** Two-sided p value of a standard normal statistic. */
export const twoSidedP = (z: number): number => min(1, erfc(abs(z) / Math.SQRT2));

const CENTRE = {
  num: [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
  ],
  den: [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1],
};
const TAIL = {
  num: [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  den: [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1],
};
const horner = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, c) => sum * x + c, 0);

/** Quantile of the standard normal: Acklam's rational approximation, then one Halley step. 0 and 1 give -/+ Infinity. */
export const normalQuantile = (p: number): number => {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const q = p - 0.5;
  const root = sqrt(-2 * log(p));
  const guess =
    p < 0.02425
      ? horner(TAIL.num, root) / horner(TAIL.den, root)
      : (q * horner(CENTRE.num, q * q)) / horner(CENTRE.den, q * q);
  const step = (normalCdf(guess) - p) * sqrt(2 * Math.PI) * exp((guess * guess) / 2);
  return guess - step / (1 + (guess * step) / 2);
};
