/**
 * The element of 0-based rank k as if `values` were sorted; `values` is reordered. Quickselect with the median of three
 * as pivot (Hoare 1961): linear on average, where sorting the slopes of a year took five times as long.
 */
export const selectRank = (values: Float64Array, k: number): number => {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = medianOfThree(values[left]!, values[(left + right) >>> 1]!, values[right]!);
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      const swapped = values[i]!;
      values[i] = values[j]!;
      values[j] = swapped;
      i += 1;
      j -= 1;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return values[k]!;
  }
  return values[k]!;
};

const medianOfThree = (a: number, b: number, c: number): number =>
  a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;

/** `median` without a copy: `values` is reordered. NaN of nothing. */
export const medianInPlace = (values: Float64Array): number => {
  const upper = values.length >>> 1;
  if (values.length === 0) return NaN;
  const high = selectRank(values, upper);
  if (values.length % 2 === 1) return high;
  let low = values[0]!;
  for (let i = 1; i < upper; i++) if (values[i]! > low) low = values[i]!;
  return low + 0.5 * (high - low);
};
