import { describe, expect, it } from '@jest/globals';
import { emptyAggregate } from './aggregate.js';
import { CATALOGUE, findMetric, type CellMetric } from './catalogue.js';
import { bucketOf } from './histogram.js';
import type { CellAggregate } from './query.js';

const evaluate = (id: string, aggregate: CellAggregate) => (findMetric(id) as CellMetric).evaluate(aggregate);

/** 6 passed (1 flaky), 1 failed, 1 broken, 2 timeout, 3 skipped, 1 cancelled; two durations of 1 s and 3 s. */
const sample = (): CellAggregate => {
  const aggregate = { ...emptyAggregate(), flaky: 1, retried: 2, retries: 3, retryDurationUs: 5_000_000 };
  aggregate.counts.set([6, 1, 1, 2, 3, 1]);
  Object.assign(aggregate, { durationN: 2, durationSumUs: 4e6, durationMinUs: 1e6, durationMaxUs: 3e6 });
  aggregate.histogram[bucketOf(1e6)]!++;
  aggregate.histogram[bucketOf(3e6)]!++;
  return aggregate;
};

describe('the metric catalogue', () => {
  it('names each metric once', () => {
    expect(new Set(CATALOGUE.map((metric) => metric.id)).size).toBe(CATALOGUE.length);
  });

  it('counts', () => {
    const values = ['executions', 'passed', 'failures', 'skipped', 'cancelled', 'flaky', 'retries'].map(
      (id) => evaluate(id, sample()).value,
    );
    expect(values).toEqual([14, 6, 4, 3, 1, 1, 3]);
  });

  it('gives rates with numerator, denominator and interval', () => {
    expect(evaluate('pass_rate', sample())).toMatchObject({ value: 0.6, numerator: 6, denominator: 10, n: 10 });
    expect(evaluate('failure_rate', sample()).value).toBeCloseTo(0.4, 12);
    expect(evaluate('flaky_rate', sample()).value).toBeCloseTo(0.1, 12);
    expect(evaluate('retry_rate', sample()).value).toBeCloseTo(2 / 14, 12);
    const { low, high } = evaluate('pass_rate', sample());
    expect(low).toBeCloseTo(0.3126738, 6);
    expect(high).toBeCloseTo(0.8318197, 6);
  });

  it('gives durations in ms', () => {
    const average = evaluate('duration_avg', sample());
    expect(average).toMatchObject({ value: 2000, n: 2 });
    expect(average.low!).toBeLessThan(2000);
    expect(average.high!).toBeGreaterThan(2000);
    expect(evaluate('duration_total', sample()).value).toBe(4000);
    expect(evaluate('retry_duration', sample())).toEqual({ value: 5000, n: 3 });
    expect(Math.abs(evaluate('duration_p95', sample()).value! / 3000 - 1)).toBeLessThan(0.025);
  });

  it('has null, and no interval, for rates and durations of nothing', () => {
    for (const id of ['pass_rate', 'retry_rate', 'duration_avg', 'duration_p99'])
      expect(evaluate(id, emptyAggregate()).value).toBeNull();
    expect(evaluate('pass_rate', emptyAggregate())).toMatchObject({ low: null, high: null });
    expect(evaluate('executions', emptyAggregate()).value).toBe(0);
  });

  it("knows the clients' own figures, and nothing else", () => {
    expect(findMetric('run.coverage.lines')).toMatchObject({ source: 'runs', title: 'coverage.lines' });
    expect(findMetric('run.')).toBeUndefined();
    expect(findMetric('__proto__')).toBeUndefined();
  });
});
