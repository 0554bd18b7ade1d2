import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { CALENDAR_INTERVALS, type Interval, type TimeRange } from './query.js';
import { bucketIndexer, bucketsOf, lastDays, previousRange } from './time-buckets.js';

const HOUR = 3_600_000;

const range = (from: string, to: string, timeZone: string): TimeRange => ({
  from: DateTime.fromISO(from, { zone: timeZone }).toJSDate(),
  to: DateTime.fromISO(to, { zone: timeZone }).toJSDate(),
  timeZone,
});

const hoursOf = (asked: TimeRange, interval: Interval): number[] =>
  bucketsOf(asked, interval).map((bucket) => (bucket.to.getTime() - bucket.from.getTime()) / HOUR);

const local = (date: Date, zone: string): string =>
  DateTime.fromJSDate(date, { zone }).toISO({
    suppressSeconds: true,
    suppressMilliseconds: true,
    includeOffset: false,
  }) ?? '';

describe('bucketsOf', () => {
  it('has days of 23 and 25 hours where New York changes its clocks', () => {
    expect(hoursOf(range('2025-03-08', '2025-03-11', 'America/New_York'), 'day')).toEqual([24, 23, 24]);
    expect(hoursOf(range('2025-11-01', '2025-11-04', 'America/New_York'), 'day')).toEqual([24, 25, 24]);
  });

  it('keeps the repeated hour of New York apart', () => {
    expect(hoursOf(range('2025-11-02', '2025-11-03', 'America/New_York'), 'hour')).toEqual(Array(25).fill(1));
    expect(bucketsOf(range('2025-03-09', '2025-03-10', 'America/New_York'), 'hour')).toHaveLength(23);
  });

  it('begins days in Kolkata at 18:30 UTC, and hours at the half hour', () => {
    const [day] = bucketsOf(range('2025-05-01', '2025-05-02', 'Asia/Kolkata'), 'day');
    expect(day?.from.toISOString()).toBe('2025-04-30T18:30:00.000Z');
    const hours = bucketsOf(range('2025-05-01', '2025-05-02', 'Asia/Kolkata'), 'hour');
    expect(hours).toHaveLength(24);
    expect(hours[1]?.from.toISOString()).toBe('2025-04-30T19:30:00.000Z');
  });

  it('follows the half hour of Lord Howe', () => {
    expect(hoursOf(range('2025-04-05', '2025-04-08', 'Australia/Lord_Howe'), 'day')).toEqual([24, 24.5, 24]);
    expect(hoursOf(range('2025-10-04', '2025-10-07', 'Australia/Lord_Howe'), 'day')).toEqual([24, 23.5, 24]);
    const hours = hoursOf(range('2025-04-06', '2025-04-07', 'Australia/Lord_Howe'), 'hour');
    expect(hours.reduce((sum, n) => sum + n, 0)).toBe(24.5);
    expect(hours.filter((n) => n === 0.5)).toHaveLength(1);
  });

  it('skips the date that Apia skipped', () => {
    const days = bucketsOf(range('2011-12-28', '2012-01-02', 'Pacific/Apia'), 'day');
    expect(days.map((day) => local(day.from, 'Pacific/Apia').slice(0, 10))).toEqual([
      '2011-12-28',
      '2011-12-29',
      '2011-12-31',
      '2012-01-01',
    ]);
    expect(days.every((day) => day.to.getTime() - day.from.getTime() === 24 * HOUR)).toBe(true);
  });

  it('begins the day with the first of two midnights, and at the jump where there is none', () => {
    // Havana goes from 01:00 back to 00:00; Sao Paulo went from 00:00 to 01:00
    expect(hoursOf(range('2024-11-02', '2024-11-05', 'America/Havana'), 'day')).toEqual([24, 25, 24]);
    const days = bucketsOf(range('2018-11-03', '2018-11-06', 'America/Sao_Paulo'), 'day');
    expect(days.map((day) => local(day.from, 'America/Sao_Paulo'))).toEqual([
      '2018-11-03T00:00',
      '2018-11-04T01:00',
      '2018-11-05T00:00',
    ]);
  });

  it('begins weeks on Monday and cuts the first and the last', () => {
    const weeks = bucketsOf(range('2025-01-01T10:07', '2025-01-15T00:00', 'UTC'), 'week');
    expect(weeks.map((week) => week.from.toISOString().slice(0, 16))).toEqual([
      '2025-01-01T10:07',
      '2025-01-06T00:00',
      '2025-01-13T00:00',
    ]);
    expect(weeks.at(-1)?.to.toISOString()).toBe('2025-01-15T00:00:00.000Z');
  });

  it('knows months, quarters and years', () => {
    const asked = range('2024-01-31', '2025-03-01', 'Europe/Berlin');
    expect(bucketsOf(asked, 'month')).toHaveLength(14);
    expect(bucketsOf(asked, 'quarter').map((b) => local(b.from, 'Europe/Berlin').slice(0, 7))).toEqual([
      '2024-01',
      '2024-04',
      '2024-07',
      '2024-10',
      '2025-01',
    ]);
    expect(bucketsOf(asked, 'year')).toHaveLength(2);
  });

  it('counts every n local days from the start of the range', () => {
    const buckets = bucketsOf(range('2025-03-07', '2025-03-14', 'America/New_York'), { days: 3 });
    expect(buckets.map((b) => local(b.from, 'America/New_York'))).toEqual([
      '2025-03-07T00:00',
      '2025-03-10T00:00',
      '2025-03-13T00:00',
    ]);
  });

  it('has none for an empty range and refuses more than 20,000', () => {
    expect(bucketsOf(range('2025-01-01', '2025-01-01', 'UTC'), 'day')).toEqual([]);
    expect(() => bucketsOf(range('2020-01-01', '2025-01-01', 'UTC'), 'hour')).toThrow(
      expect.objectContaining({ code: 'too_many_cells' }),
    );
  });

  const zones = [
    'UTC',
    'America/New_York',
    'Asia/Kolkata',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'America/Havana',
    'Asia/Gaza',
  ];
  const anyInterval = fc.oneof(
    fc.constantFrom<Interval>(...CALENDAR_INTERVALS),
    fc.integer({ min: 1, max: 40 }).map((days): Interval => ({ days })),
  );
  const anyRange = fc
    .tuple(
      fc.integer({ min: Date.UTC(2009, 0, 1), max: Date.UTC(2026, 0, 1) }),
      fc.integer({ min: 1, max: 120 * 24 * HOUR }),
      fc.constantFrom(...zones),
    )
    .map(([from, length, timeZone]) => ({ from: new Date(from), to: new Date(from + length), timeZone }));

  it('tiles any range in any zone, and finds the bucket of every instant', () => {
    fc.assert(
      fc.property(anyRange, anyInterval, fc.array(fc.nat(), { maxLength: 20 }), (asked, interval, offsets) => {
        const buckets = bucketsOf(asked, interval);
        expect(buckets[0]?.from).toEqual(asked.from);
        expect(buckets.at(-1)?.to).toEqual(asked.to);
        buckets.forEach((bucket, i) => {
          expect(bucket.from.getTime()).toBeLessThan(bucket.to.getTime());
          if (i > 0) expect(bucket.from).toEqual(buckets[i - 1]?.to);
        });
        const indexOf = bucketIndexer(buckets);
        for (const offset of offsets) {
          const at = asked.from.getTime() + (offset % (asked.to.getTime() - asked.from.getTime()));
          const bucket = buckets[indexOf(at)];
          expect(bucket && bucket.from.getTime() <= at && at < bucket.to.getTime()).toBe(true);
        }
        expect(indexOf(asked.from.getTime() - 1)).toBe(-1);
        expect(indexOf(asked.to.getTime())).toBe(-1);
      }),
      { numRuns: 80 },
    );
  });

  it('agrees with luxon on the local date of each day', () => {
    fc.assert(
      fc.property(anyRange, (asked) => {
        const dates = bucketsOf(asked, 'day').map((bucket) => local(bucket.from, asked.timeZone).slice(0, 10));
        expect(new Set(dates).size).toBe(dates.length);
        const lasts = bucketsOf(asked, 'day').map((bucket) =>
          local(new Date(bucket.to.getTime() - 1), asked.timeZone).slice(0, 10),
        );
        expect(lasts).toEqual(dates);
      }),
      { numRuns: 30 },
    );
  });
});

describe('bucketIndexer', () => {
  it('has no bucket for anything when there are none', () => {
    expect(bucketIndexer([])(0)).toBe(-1);
  });
});

describe('lastDays', () => {
  it('holds whole local days, today included', () => {
    const now = new Date('2025-11-03T03:00:00Z');
    const asked = lastDays(now, 2, 'America/New_York');
    expect(local(asked.from, asked.timeZone)).toBe('2025-11-01T00:00');
    expect(local(asked.to, asked.timeZone)).toBe('2025-11-03T00:00');
    expect(hoursOf(asked, 'day')).toEqual([24, 25]);
  });
});

describe('previousRange', () => {
  it('is as many local days before', () => {
    const asked = range('2025-11-01', '2025-11-04', 'America/New_York');
    expect(local(previousRange(asked).from, asked.timeZone)).toBe('2025-10-29T00:00');
    expect(previousRange(asked).to).toEqual(asked.from);
  });

  it('is as long where the range is no whole days', () => {
    const asked = range('2025-11-01T10:00', '2025-11-01T12:00', 'UTC');
    expect(previousRange(asked).from.toISOString()).toBe('2025-11-01T08:00:00.000Z');
  });
});
