const { log } = Math;

/** Stirling's series, B(2k) / (2k (2k - 1)): Abramowitz & Stegun 6.1.41. Below 1e-16 from x = 12 on. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
const HALF_LN_TWO_PI = 0.9189385332046727;

/** ln Gamma(x) for x > 0 (NaN otherwise): recurrence up to x >= 12, then Stirling's series. */
export const lnGamma = (x: number): number => {
  if (!(x > 0)) return NaN;
  let shifted = x;
  let product = 1;
  while (shifted < 12) {
    product *= shifted;
    shifted += 1;
  }
  const square = 1 / (shifted * shifted);
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * square + STIRLING[k]!;
  return (shifted - 0.5) * log(shifted) - shifted + HALF_LN_TWO_PI + series / shifted - log(product);
};

/** ln B(a, b) for a, b > 0. */
export const lnBeta = (a: number, b: number): number => lnGamma(a) + lnGamma(b) - lnGamma(a + b);
