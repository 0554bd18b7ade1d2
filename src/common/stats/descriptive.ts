/** Arithmetic mean; NaN of nothing. */
export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
};

/** Variance of a sample (n - 1); NaN below two values. */
export const sampleVariance = (values: ArrayLike<number>): number => {
  if (values.length < 2) return NaN;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return sum / (values.length - 1);
};

/** Quantile of sorted values, linear between neighbours (type 7 of Hyndman & Fan 1996); NaN of nothing. */
export const quantileSorted = (sorted: ArrayLike<number>, p: number): number => {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * p;
  const index = Math.floor(position);
  const here = sorted[index]!;
  return index + 1 < sorted.length ? here + (position - index) * (sorted[index + 1]! - here) : here;
};

/** Median; NaN of nothing. The input is left as it is. */
export const median = (values: ArrayLike<number>): number => quantileSorted(Float64Array.from(values).sort(), 0.5);

/** Median absolute deviation from the median, not scaled; NaN of nothing. */
export const medianAbsoluteDeviation = (values: ArrayLike<number>): number => {
  const centre = median(values);
  return median(Float64Array.from(values, (value) => Math.abs(value - centre)));
};

/** MAD x 1.4826 estimates a normal distribution's standard deviation. */
export const MAD_TO_SIGMA = 1.4826022185056018;
