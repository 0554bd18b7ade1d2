import { describe, expect, it } from '@jest/globals';
import type { MetricValue } from '../../metrics/index.js';
import { changeSince, outsideExpected, type SeriesQuestion } from './series-reading.js';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-06-30T00:00:00Z');
const daysAgo = (days: number): Date => new Date(NOW.getTime() - days * DAY_MS);

const PASS_RATE = { id: 'pass_rate', kind: 'rate', unit: 'ratio', goodDirection: 'up' } as const;
const DURATION = { id: 'duration_avg', kind: 'duration', unit: 'ms', goodDirection: 'down' } as const;

/** The last so many whole days with these values, each of 400 outcomes; null: nothing ran. */
const question = (values: readonly (number | null)[], metric: SeriesQuestion['metric'] = PASS_RATE): SeriesQuestion => {
  const range = { from: daysAgo(values.length), to: NOW, timeZone: 'UTC' };
  const buckets = values.map((_, i) => ({ from: daysAgo(values.length - i), to: daysAgo(values.length - i - 1) }));
  const points = values.map((value): MetricValue => ({ value, n: value === null ? 0 : 400 }));
  return { metric, buckets, values: points, range, now: NOW };
};

/** Around a level, by one unit up and down in turn. */
const around = (level: number, days: number, by: number): number[] =>
  Array.from({ length: days }, (_, i) => level + (i % 2 === 0 ? by : -by));

describe('a change of level', () => {
  const drop = [...around(0.97, 32, 0.01), ...around(0.8, 8, 0.01)];

  it('is as large as the means of the days before and after it differ', () => {
    const figure = changeSince(question(drop), daysAgo(10))!;
    expect(figure.measure).toBeCloseTo(0.17, 9);
    expect(figure.value).toBeCloseTo(0.8, 9);
    expect(figure.expected).toMatchObject({ value: expect.closeTo(0.97, 9), low: null, high: null });
    expect(figure.n).toBe(400);
  });

  it('is told in full while it is young, though its first days look like outliers', () => {
    for (const days of [3, 4, 5, 6, 7, 8, 9]) {
      const young = [...around(0.97, 40, 0.01), ...Array.from({ length: days }, () => 0.7)];
      expect([days, changeSince(question(young), daysAgo(10))!.measure]).toEqual([days, expect.closeTo(0.27, 9)]);
      // it came when its first day began, and is over for a window that begins later
      expect(changeSince(question(young), daysAgo(days - 1))!.measure).toBe(0);
    }
  });

  it('counts for the worse only, whichever direction that is', () => {
    expect(changeSince(question(drop.toReversed()), daysAgo(40))).toMatchObject({ measure: 0 });
    const slower = [...around(1_000, 30, 10), ...around(1_500, 10, 10)];
    expect(changeSince(question(slower, DURATION), daysAgo(12))!.measure).toBeCloseTo(500, 6);
    expect(changeSince(question(slower.toReversed(), DURATION), daysAgo(40))!.measure).toBe(0);
    const either = { ...DURATION, goodDirection: 'none' } as const;
    expect(changeSince(question(slower.toReversed(), either), daysAgo(40))!.measure).toBeCloseTo(500, 6);
  });

  it('is over when it came before the window', () => {
    expect(changeSince(question(drop), daysAgo(8.5))!.measure).toBeCloseTo(0.17, 9);
    expect(changeSince(question(drop), daysAgo(7))).toMatchObject({ measure: 0 });
  });

  it('is none in a calm series, undecided in a short one, and nothing without results', () => {
    expect(changeSince(question(around(0.97, 40, 0.01)), daysAgo(10))!.measure).toBe(0);
    expect(changeSince(question(Array.from({ length: 40 }, () => 1)), daysAgo(10))!.measure).toBe(0);
    expect(changeSince(question([1, 1, 1, 0.5, 0.5]), daysAgo(10))!.measure).toBeNull();
    expect(changeSince(question([null, null, null]), daysAgo(10))).toBeUndefined();
    expect(changeSince(question([]), daysAgo(10))).toBeUndefined();
  });
});

describe('a day out of the ordinary', () => {
  const calm = Array.from({ length: 39 }, () => 0.95);
  // of 400 outcomes at .95, after Agresti and Coull: p = 382 / 404
  const noise = Math.sqrt(((382 / 404) * (22 / 404)) / 400);

  it('is so many standard deviations away from its expected range', () => {
    const figure = outsideExpected(question([...calm, 0.85]))!;
    expect(figure.measure).toBeCloseTo(0.1 / noise, 6);
    expect(figure.measure).toBeCloseTo(8.81, 2);
    expect(figure.expected.value).toBeCloseTo(0.95, 9);
    expect(figure.expected.low).toBeCloseTo(0.95 - 3.5 * noise, 9);
    expect(figure.expected.high).toBeCloseTo(0.95 + 3.5 * noise, 9);
    expect(figure.value).toBe(0.85);
  });

  it('counts for the worse only, and only when it is the newest', () => {
    expect(outsideExpected(question([...calm, 1]))!.measure).toBe(0);
    expect(outsideExpected(question([...calm, 0.85, 0.95]))!.measure).toBe(0);
    expect(outsideExpected(question([...calm, 0.93]))!.measure).toBe(0);
    expect(outsideExpected(question([0.95, 0.95, 0.2]))!.measure).toBeNull();
    expect(outsideExpected(question([]))).toBeUndefined();
  });
});
