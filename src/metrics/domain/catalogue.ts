import { wilson } from '../../common/stats/index.js';
import { countsOf, durationsOf, type CellCounts } from './aggregate.js';
import { countBounds, meanBounds, quantileBounds, totalBounds, type Bounds } from './figure-intervals.js';
import type { CellAggregate } from './query.js';

export type MetricKind = 'count' | 'rate' | 'quantile' | 'duration' | 'value';
export type MetricUnit = 'count' | 'ratio' | 'ms' | 'number';
/** Which way is better; `none` where neither is. */
export type GoodDirection = 'up' | 'down' | 'none';
/** Where it comes from: one cell of the read model, which tests ran when, runs, or the judged histories of tests. */
export type MetricSource = 'cell' | 'tests' | 'runs' | 'quality';

/** A metric's value of one bucket. `value` is null where `n` (or the denominator) is 0. */
export interface MetricValue {
  readonly value: number | null;
  /** What it rests on: outcomes of a count or rate, durations of a duration, runs of a run metric. */
  readonly n: number;
  readonly numerator?: number;
  readonly denominator?: number;
  /** 95 % interval: Wilson for a rate, else see figure-intervals.ts. */
  readonly low?: number | null;
  readonly high?: number | null;
}

interface MetricFacts {
  readonly id: string;
  readonly title: string;
  readonly unit: MetricUnit;
  readonly goodDirection: GoodDirection;
  readonly kind: MetricKind;
  readonly description: string;
}

export interface CellMetric extends MetricFacts {
  readonly source: 'cell';
  readonly evaluate: (aggregate: CellAggregate) => MetricValue;
}

/** Computed by DerivedMetricsService. */
export interface DerivedMetric extends MetricFacts {
  readonly source: 'tests' | 'runs';
}

export type Metric = CellMetric | DerivedMetric;

/** What a client is told of a metric. */
export type ListedMetric = MetricFacts & { readonly source: MetricSource };

const count = (
  id: string,
  title: string,
  goodDirection: GoodDirection,
  description: string,
  pick: (counts: CellCounts, aggregate: CellAggregate) => number,
): CellMetric => ({
  ...{ id, title, goodDirection, description, unit: 'count', kind: 'count', source: 'cell' },
  evaluate: (aggregate) => {
    const counts = countsOf(aggregate);
    const value = pick(counts, aggregate);
    return { value, n: counts.executions, ...countBounds(value) };
  },
});

/** k of n with Wilson's 95 % interval; all null where n is 0. */
export const rateOf = (numerator: number, denominator: number): Required<MetricValue> => {
  const known = denominator > 0;
  const { low, high } = wilson(numerator, denominator);
  return {
    value: known ? numerator / denominator : null,
    n: denominator,
    numerator,
    denominator,
    low: known ? low : null,
    high: known ? high : null,
  };
};

const rate = (
  id: string,
  title: string,
  goodDirection: GoodDirection,
  description: string,
  pick: (counts: CellCounts, aggregate: CellAggregate) => readonly [numerator: number, denominator: number],
): CellMetric => ({
  ...{ id, title, goodDirection, description, unit: 'ratio', kind: 'rate', source: 'cell' },
  evaluate: (aggregate) => rateOf(...pick(countsOf(aggregate), aggregate)),
});

const duration = (
  id: string,
  title: string,
  kind: 'duration' | 'quantile',
  description: string,
  pick: (figures: ReturnType<typeof durationsOf>) => number | null,
  bounds: (aggregate: CellAggregate) => Bounds,
): CellMetric => ({
  ...{ id, title, kind, description, unit: 'ms', goodDirection: 'down', source: 'cell' },
  evaluate: (aggregate) => {
    const figures = durationsOf(aggregate);
    return { value: pick(figures), n: figures.n, ...bounds(aggregate) };
  },
});

const derived = (facts: Omit<DerivedMetric, 'unit' | 'kind'> & Partial<DerivedMetric>): DerivedMetric => ({
  unit: 'count',
  kind: 'count',
  ...facts,
});

const CELL_METRICS: readonly CellMetric[] = [
  count(
    'executions',
    'Executions',
    'none',
    'Outcomes of every status; with attempts=all every attempt.',
    (c) => c.executions,
  ),
  count('passed', 'Passed', 'up', 'Outcomes that passed.', (c) => c.passed),
  count('failed', 'Failed', 'down', 'Outcomes in which an assertion failed.', (c) => c.failed),
  count('broken', 'Broken', 'down', 'Outcomes in which anything but an assertion threw.', (c) => c.broken),
  count('timeout', 'Timed out', 'down', 'Outcomes that took too long.', (c) => c.timeout),
  count('skipped', 'Skipped', 'none', 'Outcomes that were skipped.', (c) => c.skipped),
  count('cancelled', 'Cancelled', 'none', 'Outcomes that were cancelled.', (c) => c.cancelled),
  count('failures', 'Failures', 'down', 'failed + broken + timeout.', (c) => c.failures),
  count(
    'flaky',
    'Flaky in run',
    'down',
    'Outcomes that passed after a failed attempt of the same run.',
    (_, a) => a.flaky,
  ),
  count(
    'retries',
    'Retries',
    'down',
    'Attempts that were superseded by a later one of the same run.',
    (_, a) => a.retries,
  ),
  rate('pass_rate', 'Pass rate', 'up', 'passed / (passed + failed + broken + timeout).', (c) => [c.passed, c.judged]),
  rate(
    'failure_rate',
    'Failure rate',
    'down',
    '(failed + broken + timeout) / (passed + failed + broken + timeout).',
    (c) => [c.failures, c.judged],
  ),
  rate('flaky_rate', 'Flaky-in-run rate', 'down', 'flaky / (passed + failed + broken + timeout).', (c, a) => [
    a.flaky,
    c.judged,
  ]),
  rate('retry_rate', 'Retry rate', 'down', 'Outcomes with more than one attempt / executions.', (c, a) => [
    a.retried,
    c.executions,
  ]),
  duration(
    'duration_avg',
    'Average duration',
    'duration',
    'Mean duration of outcomes that ran.',
    (d) => d.average,
    meanBounds,
  ),
  duration(
    'duration_p50',
    'Median duration',
    'quantile',
    'Median duration, at most 2.5 % off.',
    (d) => d.p50,
    (aggregate) => quantileBounds(aggregate, 0.5),
  ),
  duration(
    'duration_p95',
    '95th percentile of duration',
    'quantile',
    '95th percentile, at most 2.5 % off.',
    (d) => d.p95,
    (aggregate) => quantileBounds(aggregate, 0.95),
  ),
  duration(
    'duration_p99',
    '99th percentile of duration',
    'quantile',
    '99th percentile, at most 2.5 % off.',
    (d) => d.p99,
    (aggregate) => quantileBounds(aggregate, 0.99),
  ),
  duration(
    'duration_total',
    'Total duration',
    'duration',
    'Sum of the durations of outcomes that ran.',
    (d) => d.total,
    totalBounds,
  ),
  {
    id: 'retry_duration',
    title: 'Time spent on retries',
    unit: 'ms',
    kind: 'duration',
    goodDirection: 'down',
    source: 'cell',
    description: 'Sum of the durations of superseded attempts.',
    evaluate: (aggregate) => ({ value: aggregate.retryDurationUs / 1000, n: aggregate.retries }),
  },
];

/** A test is known for this long after its last outcome. */
export const KNOWN_DAYS = 30;

const DERIVED_METRICS: readonly DerivedMetric[] = [
  derived({
    id: 'tests_executed',
    title: 'Tests executed',
    goodDirection: 'up',
    source: 'tests',
    description: 'Distinct tests with an outcome that ran (not skipped or cancelled).',
  }),
  derived({
    id: 'tests_known',
    title: 'Tests known',
    goodDirection: 'up',
    source: 'tests',
    description: `Distinct tests with an outcome of any status in the ${KNOWN_DAYS} days up to the end of the bucket.`,
  }),
  derived({
    id: 'tests_new',
    title: 'New tests',
    goodDirection: 'none',
    source: 'tests',
    description: `Tests that appeared: an outcome, and none in the ${KNOWN_DAYS} days before it.`,
  }),
  derived({
    id: 'tests_vanished',
    title: 'Vanished tests',
    goodDirection: 'down',
    source: 'tests',
    description: `Tests whose silence reached ${KNOWN_DAYS} days. Known tests = known before + new - vanished.`,
  }),
  derived({
    id: 'tests_never_run',
    title: 'Tests never run',
    goodDirection: 'down',
    source: 'tests',
    description: `Known tests that were only skipped or cancelled in the ${KNOWN_DAYS} days up to the end of the bucket.`,
  }),
  derived({
    id: 'runs',
    title: 'Runs',
    goodDirection: 'none',
    source: 'runs',
    description: 'Distinct runs, each in the bucket of its first outcome.',
  }),
  derived({
    id: 'run_duration',
    title: 'Run duration',
    unit: 'ms',
    kind: 'duration',
    goodDirection: 'down',
    source: 'runs',
    description: 'Mean time from the start to the finish of finished runs.',
  }),
];

/** The metric catalogue: data. Besides these there is `run.<name>` for each figure that clients send with their runs. */
export const CATALOGUE: readonly Metric[] = [...CELL_METRICS, ...DERIVED_METRICS];

const BY_ID: ReadonlyMap<string, Metric> = new Map(CATALOGUE.map((metric) => [metric.id, metric]));

const RUN_METRIC = /^run\.[\p{L}\p{N}_.\-/ ]{1,100}$/u;

/** The client's own figure of a run; its mean over the runs of a bucket that carry it. */
export const runMetric = (name: string): DerivedMetric =>
  derived({
    id: `run.${name}`,
    title: name,
    unit: 'number',
    kind: 'value',
    goodDirection: 'none',
    source: 'runs',
    description: `Mean of the figure \`${name}\` that clients sent with their runs.`,
  });

/** The metric of an id, `run.<name>` included; undefined for what is in no catalogue. */
export const findMetric = (id: string): Metric | undefined =>
  BY_ID.get(id) ?? (RUN_METRIC.test(id) ? runMetric(id.slice('run.'.length)) : undefined);
