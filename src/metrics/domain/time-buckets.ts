import { DomainError, offsetOf, type OffsetAt, transitionBetween } from '../../common/index.js';
import type { Interval, TimeBucket, TimeRange } from './query.js';

export const MAX_BUCKETS = 20_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days since 1970-01-01 of the local date at an instant. */
const localDayAt = (epochMs: number, offsetAt: OffsetAt): number => Math.floor((epochMs + offsetAt(epochMs)) / DAY_MS);

/**
 * The first instant of a local date. Where midnight is repeated it is the first of the two; where it (or the whole date,
 * as 2011-12-30 in Apia) was skipped it is the instant of the jump.
 */
const startOfLocalDay = (localDay: number, offsetAt: OffsetAt): number => {
  const midnight = localDay * DAY_MS;
  const before = offsetAt(midnight - DAY_MS);
  const after = offsetAt(midnight + DAY_MS);
  const first = midnight - before;
  if (before === after || offsetAt(first) === before) return first;
  const second = midnight - after;
  if (offsetAt(second) === after) return second;
  return transitionBetween(Math.min(first, second) - 1, Math.max(first, second), offsetAt);
};

const dayNumber = (year: number, month: number): number => Date.UTC(year, month, 1) / DAY_MS;

/** The local date at which the next bucket begins, for a bucket that holds `localDay`. */
const nextLocalDay = (localDay: number, interval: Exclude<Interval, 'hour'>, firstDay: number): number => {
  if (typeof interval === 'object')
    return firstDay + (Math.floor((localDay - firstDay) / interval.days) + 1) * interval.days;
  const date = new Date(localDay * DAY_MS);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (interval) {
    case 'day':
      return localDay + 1;
    case 'week':
      return localDay + 7 - ((date.getUTCDay() + 6) % 7);
    case 'month':
      return dayNumber(year, month + 1);
    case 'quarter':
      return dayNumber(year, month - (month % 3) + 3);
    case 'year':
      return dayNumber(year + 1, 0);
  }
};

/** The next full local hour; a change of the clocks by half an hour makes a bucket of half an hour. */
const nextHour = (epochMs: number, offsetAt: OffsetAt): number => {
  const local = epochMs + offsetAt(epochMs);
  return epochMs + HOUR_MS - (((local % HOUR_MS) + HOUR_MS) % HOUR_MS);
};

/**
 * The buckets of local time that tile a range, in order, half-open, the first and the last cut to the range. Days have
 * 23 or 25 hours where the clocks change, weeks begin on Monday, `{ days: n }` counts local dates from that of
 * `range.from`. An empty range has none.
 * @throws DomainError `too_many_cells` for more than 20,000
 */
export const bucketsOf = (range: TimeRange, interval: Interval): TimeBucket[] => {
  const offsetAt = offsetOf(range.timeZone);
  const end = range.to.getTime();
  let start = range.from.getTime();
  const firstDay = localDayAt(start, offsetAt);
  const buckets: TimeBucket[] = [];
  while (start < end) {
    if (buckets.length === MAX_BUCKETS) throw tooMany();
    const next =
      interval === 'hour'
        ? nextHour(start, offsetAt)
        : startOfLocalDay(nextLocalDay(localDayAt(start, offsetAt), interval, firstDay), offsetAt);
    buckets.push({ from: new Date(start), to: new Date(Math.min(next, end)) });
    start = next;
  }
  return buckets;
};

const tooMany = (): DomainError =>
  new DomainError('invalid', 'too_many_cells', `The range has more than ${MAX_BUCKETS} buckets of this interval`, {
    errors: [{ pointer: '/interval', detail: 'ask for a longer interval or a shorter range' }],
  });

/**
 * Finds the bucket of an instant in epoch ms: its index, or -1 outside. Neighbouring instants, as data has them, cost two
 * comparisons.
 * @param buckets that tile a range, as `bucketsOf` gives them
 */
export const bucketIndexer = (buckets: readonly TimeBucket[]): ((epochMs: number) => number) => {
  const last = buckets.length;
  const bounds = Float64Array.from([...buckets.map((b) => b.from.getTime()), buckets[last - 1]?.to.getTime() ?? 0]);
  let hit = 0;
  return (epochMs) => {
    if (last === 0 || epochMs < bounds[0]! || epochMs >= bounds[last]!) return -1;
    if (epochMs >= bounds[hit]! && epochMs < bounds[hit + 1]!) return hit;
    let low = 0;
    let high = last - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (bounds[middle]! <= epochMs) low = middle;
      else high = middle - 1;
    }
    return (hit = low);
  };
};

/** The last `days` local dates, today's whole date included: it stays the same range until midnight. */
export const lastDays = (now: Date, days: number, timeZone: string): TimeRange => {
  const offsetAt = offsetOf(timeZone);
  const today = localDayAt(now.getTime(), offsetAt);
  return {
    from: new Date(startOfLocalDay(today - days + 1, offsetAt)),
    to: new Date(startOfLocalDay(today + 1, offsetAt)),
    timeZone,
  };
};

/** The range of the same length that ends where this one begins; whole local days stay whole local days. */
export const previousRange = ({ from, to, timeZone }: TimeRange): TimeRange => {
  const offsetAt = offsetOf(timeZone);
  const [first, last] = [localDayAt(from.getTime(), offsetAt), localDayAt(to.getTime(), offsetAt)];
  const wholeDays =
    startOfLocalDay(first, offsetAt) === from.getTime() && startOfLocalDay(last, offsetAt) === to.getTime();
  const start = wholeDays
    ? startOfLocalDay(first - (last - first), offsetAt)
    : from.getTime() - (to.getTime() - from.getTime());
  return { from: new Date(start), to: from, timeZone };
};

/** The first instant of a local date, given as `YYYY-MM-DD`; NaN for what is no date. */
export const startOfDate = (date: string, timeZone: string): number => {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(midnight) ? midnight : startOfLocalDay(midnight / DAY_MS, offsetOf(timeZone));
};
