import { describe, expect, it } from '@jest/globals';
import { bucketsOf, type CalendarInterval } from '../../metrics/index.js';
import { judgedStretch, type MetricPoint, partialBuckets, periodsAfter, toPoints } from './metric-points.js';

const at = (text: string): Date => new Date(text);
const range = (from: string, to: string, timeZone = 'UTC') => ({ from: at(from), to: at(to), timeZone });

const partialOf = (period: CalendarInterval, from: string, to: string, now: string, timeZone = 'UTC'): boolean[] =>
  partialBuckets(bucketsOf(range(from, to, timeZone), period), period, timeZone, at(now));

describe('partialBuckets', () => {
  it('are none in a range of whole days that is over', () => {
    expect(partialOf('day', '2026-03-01', '2026-03-04', '2026-03-04')).toEqual([false, false, false]);
  });
  it('are what the range cuts at both ends', () => {
    expect(partialOf('week', '2026-03-04', '2026-03-20', '2026-04-01')).toEqual([true, false, true]);
    expect(partialOf('year', '2026-03-04', '2026-03-20', '2026-04-01')).toEqual([true]);
    expect(partialOf('hour', '2026-03-01T00:30:00Z', '2026-03-01T02:00:00Z', '2026-04-01')).toEqual([true, false]);
  });
  it('are what is not over', () => {
    expect(partialOf('day', '2026-03-01', '2026-03-04', '2026-03-02T12:00:00Z')).toEqual([false, true, true]);
  });
  it('go by local time: a day of 23 hours is whole', () => {
    const [from, to] = ['2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z'];
    expect(partialOf('day', from, to, '2026-04-01', 'Europe/Berlin')).toEqual([false, false]);
    expect(partialOf('day', from, to, '2026-04-01', 'UTC')).toEqual([true, false, true]);
  });
});

describe('toPoints', () => {
  it('makes gaps of NaN, of what is missing, and of the future', () => {
    const days = range('2026-03-01', '2026-03-05');
    const values = [{ value: NaN, n: 3, low: 0, high: 1 }, { value: 2, n: 2 }, undefined, { value: 0, n: 0 }];
    const points = toPoints(bucketsOf(days, 'day'), values as never, days, 'day', at('2026-03-04'));
    expect(points.map(({ value, n, low }) => [value, n, low])).toEqual([
      [null, 3, null],
      [2, 2, null],
      [null, 0, null],
      [null, 0, null],
    ]);
  });
});

describe('judgedStretch', () => {
  const now = at('2026-03-05T12:00:00Z');
  const points = (ns: readonly number[]): MetricPoint[] => {
    const days = range('2026-03-01', `2026-03-${String(ns.length + 1).padStart(2, '0')}`);
    return toPoints(
      bucketsOf(days, 'day'),
      ns.map((n) => ({ value: n > 0 ? n : null, n })),
      days,
      'day',
      now,
    );
  };
  it('begins at the first point that rests on something', () => {
    expect(judgedStretch(points([0, 0, 5, 0]), false, now)).toEqual({ from: 2, to: 4 });
  });
  it('holds the day that is going on for a rate that has a value, and never for a sum', () => {
    expect(judgedStretch(points([1, 1, 1, 1, 1, 0]), false, now)).toEqual({ from: 0, to: 5 });
    expect(judgedStretch(points([1, 1, 1, 1, 0, 0]), false, now)).toEqual({ from: 0, to: 4 });
    expect(judgedStretch(points([1, 1, 1, 1, 1, 0]), true, now)).toEqual({ from: 0, to: 4 });
  });
  it('is empty where nothing rests on anything', () => {
    expect(judgedStretch(points([0, 0, 0]), true, now)).toEqual({ from: 3, to: 3 });
    expect(judgedStretch([], false, now)).toEqual({ from: 0, to: 0 });
  });
});

describe('periodsAfter', () => {
  const starts = (period: CalendarInterval, from: string, to: string, count: number, timeZone = 'UTC'): string[] => {
    const buckets = bucketsOf(range(from, to, timeZone), period);
    const judged = { from: 0, to: buckets.length };
    return periodsAfter(buckets, judged, count, period, timeZone).map((bucket) => bucket.from.toISOString());
  };
  it('are whole periods after the last, even where the range cuts it', () => {
    expect(starts('month', '2026-01-01', '2026-02-10', 3)).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-04-01T00:00:00.000Z',
      '2026-05-01T00:00:00.000Z',
    ]);
  });
  it.each(['hour', 'day', 'week', 'month', 'quarter', 'year'] as const)(
    'are 90 where 90 are asked for: %s',
    (period) => {
      expect(starts(period, '2026-01-01', '2026-01-03', 90, 'America/New_York')).toHaveLength(90);
    },
  );
  it('are none after nothing', () => {
    expect(periodsAfter([], { from: 0, to: 0 }, 5, 'day', 'UTC')).toEqual([]);
  });
});
