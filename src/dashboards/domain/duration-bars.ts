import { bucketValueMs, RELATIVE_ERROR } from '../../metrics/index.js';

/** Outcomes whose duration is above `fromMs` and at most `toMs`. */
export interface DurationBar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly n: number;
}

/** Upper end of a bucket of the histogram: its value is off by at most the relative error. */
const upperMs = (bucket: number): number => {
  if (bucket === 0) return 0;
  return bucket === 1 ? 1 : bucketValueMs(bucket) / (1 - RELATIVE_ERROR);
};

/** At most `most` bars over the stretch of the histogram that holds something; none for an empty one. */
export const durationBars = (histogram: Uint32Array, most: number): DurationBar[] => {
  const first = histogram.findIndex((n) => n > 0);
  if (first < 0) return [];
  const last = histogram.findLastIndex((n) => n > 0);
  const step = Math.ceil((last - first + 1) / most);
  const bars: DurationBar[] = [];
  for (let bucket = first; bucket <= last; bucket += step) {
    const end = Math.min(last, bucket + step - 1);
    const n = histogram.subarray(bucket, end + 1).reduce((sum, count) => sum + count, 0);
    bars.push({ fromMs: bucket === 0 ? 0 : upperMs(bucket - 1), toMs: upperMs(end), n });
  }
  return bars;
};
