import { describe, expect, it } from '@jest/globals';
import { emptyAggregate } from '../../metrics/domain/aggregate.js';
import { changeOf, rateDifference } from './compare.js';

describe('rateDifference', () => {
  it('has the intervals of Newcombe 1998, table II, method 10', () => {
    const cases = [
      [56, 70, 48, 80, 0.0524, 0.3339],
      [9, 10, 3, 10, 0.1705, 0.809],
      [10, 10, 0, 20, 0.6791, 1],
      [5, 56, 0, 29, -0.0381, 0.1926],
    ] as const;
    for (const [k1, n1, k2, n2, low, high] of cases) {
      const difference = rateDifference(k1, n1, k2, n2);
      expect(difference.value).toBeCloseTo(k1 / n1 - k2 / n2, 12);
      expect(difference.low).toBeCloseTo(low, 4);
      expect(difference.high).toBeCloseTo(high, 4);
    }
  });

  it('says nothing where one of the two rests on nothing', () => {
    expect(rateDifference(1, 2, 0, 0)).toEqual({ value: null, low: null, high: null });
  });
});

describe('changeOf', () => {
  it('is current - previous, null where a figure is missing', () => {
    const now = { ...emptyAggregate(), flaky: 2, retried: 3 };
    now.counts.set([8, 2]);
    const change = changeOf(now, emptyAggregate());
    expect(change).toMatchObject({ executions: 10, failures: 2, flaky: 2, retried: 3 });
    expect(change.passRate.value).toBeNull();
    expect(change.durationMs).toEqual({ average: null, p50: null, p95: null, p99: null, total: 0 });
  });
});
