import { lnBeta } from './gamma.js';

const { abs, exp, log, log1p, max, min } = Math;

const TINY = 1e-300;
const nonZero = (x: number): number => (abs(x) < TINY ? TINY : x);

/** Continued fraction of the incomplete beta function (A&S 26.5.8) by Lentz's method. */
const betaFraction = (x: number, a: number, b: number): number => {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    result *= d * c;
    if (abs(d * c - 1) < 4e-16) break;
  }
  return result;
};

/** I_x(a, b) with ln B(a, b) at hand. */
const cdfGiven = (x: number, a: number, b: number, lnB: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = exp(a * log(x) + b * log1p(-x) - lnB);
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
};

/** Distribution function of Beta(a, b) at x: the regularised incomplete beta function I_x(a, b). */
export const betaCdf = (x: number, a: number, b: number): number => cdfGiven(x, a, b, lnBeta(a, b));

/** Newton on logit(x), which keeps tiny quantiles relatively exact, held in a shrinking bracket by bisection. */
const solve = (p: number, a: number, b: number, lnB: number, start: number): number => {
  let low = -745;
  let high = 40;
  let t = start;
  for (let i = 0; i < 200; i++) {
    const x = 1 / (1 + exp(-t));
    const excess = cdfGiven(x, a, b, lnB) - p;
    if (excess > 0) high = t;
    else low = t;
    const slope = exp(a * log(x) + b * log1p(-x) - lnB);
    const newton = t - excess / slope;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (abs(next - t) < 1e-14 * max(1, abs(t))) return next;
    t = next;
  }
  return t;
};

/**
 * Quantile of Beta(a, b), a and b > 0; NaN for p outside 0..1.
 * Newton's method on the logit scale; `solve` works on the lower side, the other follows by symmetry.
 */
export const betaQuantile = (p: number, a: number, b: number): number => {
  if (!(p >= 0 && p <= 1 && a > 0 && b > 0)) return NaN;
  if (p === 0 || p === 1) return p;
  return quantilesOf([p], a, b)[0]!;
};

/** Several quantiles of one Beta(a, b), each starting from its neighbour; `ps` ascending, within (0, 1). */
export const betaQuantiles = (ps: readonly number[], a: number, b: number): Float64Array => quantilesOf(ps, a, b);

const quantilesOf = (ps: readonly number[], a: number, b: number): Float64Array => {
  const lnB = lnBeta(a, b);
  const middle = a / (a + b);
  const atMiddle = cdfGiven(middle, a, b, lnB);
  const found = new Float64Array(ps.length);
  let below = NaN;
  let above = NaN;
  ps.forEach((p, i) => {
    if (p <= atMiddle) {
      // Near 0 the distribution function is x^a / (a B(a, b)): the first guess.
      const guess = Number.isNaN(below) ? (log(p * a) + lnB) / a : below;
      below = solve(p, a, b, lnB, min(guess, log(middle / (1 - middle))));
      found[i] = 1 / (1 + exp(-below));
    } else {
      const guess = Number.isNaN(above) ? log((1 - middle) / middle) : above;
      above = solve(1 - p, b, a, lnB, guess);
      found[i] = 1 / (1 + exp(above));
    }
  });
  return found;
};
