/**
 * The fixed logarithmic duration histogram (DDSketch's mapping, Masson et al. 2019, with fixed bounds): bucket 0 holds
 * 0, bucket 1 what is under 1 ms, then powers of GAMMA from 1 ms to 7 days. It merges by addition, and a quantile read
 * from it is off by at most RELATIVE_ERROR.
 */
export const RELATIVE_ERROR = 0.025;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LN_GAMMA = Math.log(GAMMA);
const MS_US = 1000;
const MAX_MS = 7 * 24 * 3600 * 1000;
const FIRST = 2;

export const HISTOGRAM_BUCKETS = FIRST + Math.ceil(Math.log(MAX_MS) / LN_GAMMA) + 1;

/** Bucket of a duration in microseconds; what is longer than 7 days goes into the last one. */
export const bucketOf = (durationUs: number): number => {
  if (durationUs <= 0) return 0;
  if (durationUs < MS_US) return 1;
  const exponent = Math.ceil(Math.log(durationUs / MS_US) / LN_GAMMA - 1e-12);
  return Math.min(HISTOGRAM_BUCKETS - 1, FIRST + exponent);
};

/** The value in ms that stands for a bucket: the point whose relative distance to both bounds is the same. */
export const bucketValueMs = (bucket: number): number => {
  if (bucket === 0) return 0;
  if (bucket === 1) return 0.5;
  return (2 * Math.pow(GAMMA, bucket - FIRST)) / (GAMMA + 1);
};

/**
 * Nearest-rank quantiles in ms; null for each when the histogram is empty. `minUs` and `maxUs` are exact bounds of what is
 * in it, so one value comes back as itself.
 * @param quantiles ascending, within 0..1
 */
export const quantilesMs = (
  histogram: Uint32Array,
  n: number,
  quantiles: readonly number[],
  minUs: number,
  maxUs: number,
): (number | null)[] => {
  if (n === 0) return quantiles.map(() => null);
  const clamp = (ms: number): number => Math.min(maxUs / MS_US, Math.max(minUs / MS_US, ms));
  let bucket = -1;
  let seen = 0;
  return quantiles.map((q) => {
    const rank = Math.max(1, Math.ceil(q * n));
    while (seen < rank && bucket < histogram.length) seen += histogram[++bucket] ?? 0;
    return bucket < histogram.length ? clamp(bucketValueMs(bucket)) : maxUs / MS_US;
  });
};
