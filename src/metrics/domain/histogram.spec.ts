import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bucketOf, HISTOGRAM_BUCKETS, quantilesMs, RELATIVE_ERROR } from './histogram.js';

const SEVEN_DAYS_US = 7 * 24 * 3600 * 1e6;

const histogramOf = (durationsUs: readonly number[]): Uint32Array => {
  const histogram = new Uint32Array(HISTOGRAM_BUCKETS);
  for (const us of durationsUs) histogram[bucketOf(us)]!++;
  return histogram;
};

describe('the duration histogram', () => {
  it('is off by at most 2.5 % against exact nearest-rank quantiles', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1000, max: SEVEN_DAYS_US, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.subarray([0.01, 0.5, 0.5, 0.95, 0.99, 1], { minLength: 1 }),
        (durations, quantiles) => {
          const sorted = [...durations].sort((a, b) => a - b);
          const values = quantilesMs(histogramOf(durations), durations.length, quantiles, sorted[0]!, sorted.at(-1)!);
          expect(values).toHaveLength(quantiles.length);
          for (const [i, q] of quantiles.entries()) {
            const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]! / 1000;
            expect(Math.abs(values[i]! - exact) / exact).toBeLessThanOrEqual(RELATIVE_ERROR + 1e-9);
          }
        },
      ),
    );
  });

  it('keeps 0 and what is under 1 ms apart, and clips at 7 days', () => {
    expect([bucketOf(0), bucketOf(-5), bucketOf(999), bucketOf(1000)]).toEqual([0, 0, 1, 2]);
    expect(bucketOf(SEVEN_DAYS_US)).toBe(bucketOf(SEVEN_DAYS_US * 10));
  });

  it('answers null without data and the value itself for one', () => {
    expect(quantilesMs(histogramOf([]), 0, [0.5], Infinity, 0)).toEqual([null]);
    expect(quantilesMs(histogramOf([1234]), 1, [0.5, 0.99], 1234, 1234)).toEqual([1.234, 1.234]);
  });
});
