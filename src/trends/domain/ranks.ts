const { min } = Math;

/** Ranks from 1, ties sharing their mean rank. */
export const ranks = (values: ArrayLike<number>): Float64Array => {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to += 1;
    for (let k = from; k < to; k++) result[order[k]!] = (from + 1 + to) / 2;
    from = to;
  }
  return result;
};

/** Sizes of the groups of equal values that have more than one member. */
export const tieSizes = (values: ArrayLike<number>): number[] => {
  const sorted = Float64Array.from(values).sort();
  const sizes: number[] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to += 1;
    if (to - from > 1) sizes.push(to - from);
    from = to;
  }
  return sizes;
};

const merge = (from: Float64Array, into: Float64Array, start: number, middle: number, end: number): number => {
  let [i, j, count] = [start, middle, 0];
  for (let k = start; k < end; k++) {
    if (j >= end || (i < middle && from[i]! <= from[j]!)) {
      into[k] = from[i++]!;
    } else {
      into[k] = from[j++]!;
      count += middle - i;
    }
  }
  return count;
};

/** Pairs i < j with x_i > x_j, by merging: O(n log n). */
export const countInversions = (values: ArrayLike<number>): number => {
  let from: Float64Array = Float64Array.from(values);
  let into: Float64Array = new Float64Array(from.length);
  let count = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width)
      count += merge(from, into, start, min(start + width, from.length), min(start + 2 * width, from.length));
    [from, into] = [into, from];
  }
  return count;
};

/** Autocorrelation of lags 0..maxLag, divided by n at each lag; all 0 for a constant (lag 0: 1). */
export const autocorrelation = (values: ArrayLike<number>, maxLag: number): Float64Array => {
  const n = values.length;
  let centre = 0;
  for (let i = 0; i < n; i++) centre += values[i]! / n;
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += (values[i]! - centre) * (values[i - lag]! - centre);
    return sum;
  };
  const variance = covariance(0);
  return Float64Array.from({ length: maxLag + 1 }, (_, lag) =>
    lag === 0 ? 1 : variance > 0 && lag < n ? covariance(lag) / variance : 0,
  );
};
