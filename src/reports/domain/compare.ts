import { countsOf, durationsOf, toRate, type CellAggregate } from '../../metrics/index.js';

/** Change of a figure from the period before; null where one of the two has no value. */
export interface RateChange {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What changed from the previous period to this one: current - previous. */
export interface CellChange {
  readonly executions: number;
  readonly failures: number;
  readonly flaky: number;
  readonly retried: number;
  readonly passRate: RateChange;
  readonly durationMs: {
    readonly average: number | null;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly total: number;
  };
}

/**
 * Difference of two independent rates, k1/n1 - k2/n2, with Newcombe's hybrid score interval (method 10 of Newcombe 1998,
 * from the Wilson intervals of both). All null where one of them rests on nothing.
 */
export const rateDifference = (k1: number, n1: number, k2: number, n2: number): RateChange => {
  const [a, b] = [toRate(k1, n1), toRate(k2, n2)];
  if (a.value === null || b.value === null) return { value: null, low: null, high: null };
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low!, b.high! - b.value),
    high: value + Math.hypot(a.high! - a.value, b.value - b.low!),
  };
};

const minus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);

export const changeOf = (current: CellAggregate, previous: CellAggregate): CellChange => {
  const [now, before] = [countsOf(current), countsOf(previous)];
  const [d, e] = [durationsOf(current), durationsOf(previous)];
  return {
    executions: now.executions - before.executions,
    failures: now.failures - before.failures,
    flaky: current.flaky - previous.flaky,
    retried: current.retried - previous.retried,
    passRate: rateDifference(now.passed, now.judged, before.passed, before.judged),
    durationMs: {
      average: minus(d.average, e.average),
      p50: minus(d.p50, e.p50),
      p95: minus(d.p95, e.p95),
      p99: minus(d.p99, e.p99),
      total: d.total - e.total,
    },
  };
};
