import {
  bucketsOf,
  type CalendarInterval,
  type MetricValue,
  type TimeBucket,
  type TimeRange,
} from '../../metrics/index.js';

const DAY_MS = 86_400_000;
/** No bucket of a period is longer. */
const LONGEST_MS: Readonly<Record<CalendarInterval, number>> = {
  hour: DAY_MS / 12,
  day: 2 * DAY_MS,
  week: 8 * DAY_MS,
  month: 32 * DAY_MS,
  quarter: 93 * DAY_MS,
  year: 367 * DAY_MS,
};

/** One bucket of a series. */
export interface MetricPoint {
  readonly from: Date;
  readonly to: Date;
  /** null: a gap. */
  readonly value: number | null;
  /** What it rests on: outcomes, durations, runs. */
  readonly n: number;
  /** 95 % interval; null where the metric has none. */
  readonly low: number | null;
  readonly high: number | null;
  /** The bucket is cut by the range, or not over yet. */
  readonly partial: boolean;
}

/** End of the whole period that a bucket, cut or not, lies in. */
const endOfPeriod = (bucket: TimeBucket, period: CalendarInterval, timeZone: string): number => {
  const to = new Date(bucket.from.getTime() + LONGEST_MS[period]);
  return bucketsOf({ from: bucket.from, to, timeZone }, period)[0]!.to.getTime();
};

/** Whether a period begins at an instant: a range that crosses it falls into two buckets. */
const beginsAt = (at: Date, to: Date, period: CalendarInterval, timeZone: string): boolean =>
  bucketsOf({ from: new Date(at.getTime() - 1), to, timeZone }, period).length > 1;

/** Which buckets hold only a part of their period: the first or last where the range cuts it, and what is not over at `now`. */
export const partialBuckets = (
  buckets: readonly TimeBucket[],
  period: CalendarInterval,
  timeZone: string,
  now: Date,
): boolean[] => {
  const last = buckets.length - 1;
  return buckets.map((bucket, i) => {
    if (bucket.to > now) return true;
    if (i === 0 && !beginsAt(bucket.from, bucket.to, period, timeZone)) return true;
    return i === last && endOfPeriod(bucket, period, timeZone) !== bucket.to.getTime();
  });
};

/** Values as points of a series; what has not begun at `now` is a gap. NaN is a gap, too. */
export const toPoints = (
  buckets: readonly TimeBucket[],
  values: readonly MetricValue[],
  range: TimeRange,
  period: CalendarInterval,
  now: Date,
): MetricPoint[] => {
  const partial = partialBuckets(buckets, period, range.timeZone, now);
  return buckets.map(({ from, to }, i) => {
    const { value = null, n = 0, low = null, high = null } = from < now ? (values[i] ?? {}) : {};
    const known = value !== null && Number.isFinite(value);
    return {
      ...{ from, to, n, partial: partial[i]! },
      value: known ? value : null,
      low: known ? low : null,
      high: known ? high : null,
    };
  });
};

/** The points `from` (included) to `to` (excluded) of a series. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * What of a series can be judged: from its first point that rests on something to the last period that has begun. Sums
 * (counts, total times) of a part of a period say nothing beside whole ones, so that those are left out at both ends; a
 * rate or an average of a part is as good as its n.
 */
export const judgedStretch = (points: readonly MetricPoint[], isSum: boolean, now: Date): Stretch => {
  const isWhole = (point: MetricPoint): boolean => !isSum || !point.partial;
  const hasBegun = (point: MetricPoint): boolean => point.to <= now || (point.from < now && point.n > 0);
  let to = points.length;
  while (to > 0 && !(hasBegun(points[to - 1]!) && isWhole(points[to - 1]!))) to -= 1;
  const from = points.findIndex((point) => point.n > 0 && isWhole(point));
  return from < 0 || from >= to ? { from: to, to } : { from, to };
};

/** The `count` whole periods after the judged ones. */
export const periodsAfter = (
  points: readonly TimeBucket[],
  judged: Stretch,
  count: number,
  period: CalendarInterval,
  timeZone: string,
): TimeBucket[] => {
  const last = points[judged.to - 1];
  if (!last) return [];
  const from = new Date(endOfPeriod(last, period, timeZone));
  const to = new Date(from.getTime() + count * LONGEST_MS[period]);
  return bucketsOf({ from, to, timeZone }, period).slice(0, count);
};
