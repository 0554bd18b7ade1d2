import { describe, expect, it } from '@jest/globals';
import { seededNormal, seededRandom } from '../../common/stats/index.js';
import { emptyAggregate } from './aggregate.js';
import { countBounds, meanBounds, quantileBounds, totalBounds } from './figure-intervals.js';
import { bucketOf } from './histogram.js';
import type { CellAggregate } from './query.js';

const aggregateOf = (durationsMs: readonly number[]): CellAggregate => {
  const aggregate = emptyAggregate();
  for (const ms of durationsMs) {
    const us = Math.round(ms * 1000);
    aggregate.durationN++;
    aggregate.durationSumUs += us;
    aggregate.durationMinUs = Math.min(aggregate.durationMinUs, us);
    aggregate.durationMaxUs = Math.max(aggregate.durationMaxUs, us);
    aggregate.histogram[bucketOf(us)]!++;
  }
  return aggregate;
};

describe('intervals of figures', () => {
  it('bound a count as the exact Poisson interval does, within one per cent', () => {
    // exact (Garwood 1936): 10 -> 4.7954, 18.3904; 100 -> 81.3640, 121.6275; 0 -> 0, 3.6889
    expect(countBounds(10).low! / 4.7954).toBeCloseTo(1, 2);
    expect(countBounds(10).high! / 18.3904).toBeCloseTo(1, 2);
    expect(countBounds(100).low! / 81.364).toBeCloseTo(1, 3);
    expect(countBounds(100).high! / 121.6275).toBeCloseTo(1, 3);
    expect(countBounds(0).low).toBe(0);
    expect(countBounds(0).high! / 3.6889).toBeCloseTo(1, 1);
  });

  it('cover the true mean and median of durations about as often as they say', () => {
    const normal = seededNormal(seededRandom(7));
    const [mu, sigma, rounds] = [6, 0.6, 400];
    let [meanHits, medianHits, p95Hits] = [0, 0, 0];
    for (let round = 0; round < rounds; round++) {
      const sample = Array.from({ length: 200 }, () => Math.exp(mu + sigma * normal()));
      const aggregate = aggregateOf(sample);
      const hit = ({ low, high }: { low: number | null; high: number | null }, truth: number): number =>
        low! <= truth && truth <= high! ? 1 : 0;
      meanHits += hit(meanBounds(aggregate), Math.exp(mu + sigma ** 2 / 2));
      medianHits += hit(quantileBounds(aggregate, 0.5), Math.exp(mu));
      p95Hits += hit(quantileBounds(aggregate, 0.95), Math.exp(mu + 1.6448536 * sigma));
    }
    for (const hits of [meanHits, medianHits, p95Hits]) {
      expect(hits / rounds).toBeGreaterThan(0.91);
      expect(hits / rounds).toBeLessThanOrEqual(1);
    }
  });

  it('are unknown where there is too little, and never NaN', () => {
    expect(meanBounds(aggregateOf([]))).toEqual({ low: null, high: null });
    expect(quantileBounds(aggregateOf([5]), 0.5)).toEqual({ low: null, high: null });
    expect(totalBounds(aggregateOf([]))).toEqual({ low: null, high: null });
    const constant = meanBounds(aggregateOf([100, 100, 100]));
    expect(constant.low!).toBeLessThanOrEqual(100);
    expect(constant.high!).toBeGreaterThanOrEqual(100);
  });
});
