import { RESULT_STATUSES, type ResultStatus } from '../../executions/index.js';
import { HISTOGRAM_BUCKETS, quantilesMs } from './histogram.js';
import type { CellAggregate } from './query.js';

export const STATUS_CODES = Object.fromEntries(RESULT_STATUSES.map((status, code) => [status, code])) as Readonly<
  Record<ResultStatus, number>
>;

/** By status code: does the test count into the pass rate, and is it a failure? skipped and cancelled never ran. */
export const RAN: readonly boolean[] = RESULT_STATUSES.map((s) => s !== 'skipped' && s !== 'cancelled');
export const FAILED: readonly boolean[] = RESULT_STATUSES.map(
  (s) => s === 'failed' || s === 'broken' || s === 'timeout',
);

/** Histograms share memory, so many at a time: with memory of its own each would take 20 times as long to make. */
const HISTOGRAMS_AT_ONCE = 64;
let histograms = new Uint32Array(0);
let used = 0;

const emptyHistogram = (): Uint32Array => {
  if (used === histograms.length) {
    histograms = new Uint32Array(HISTOGRAMS_AT_ONCE * HISTOGRAM_BUCKETS);
    used = 0;
  }
  return histograms.subarray(used, (used += HISTOGRAM_BUCKETS));
};

export const emptyAggregate = (): CellAggregate => ({
  counts: new Float64Array(RESULT_STATUSES.length),
  flaky: 0,
  retried: 0,
  retries: 0,
  retryDurationUs: 0,
  durationN: 0,
  durationSumUs: 0,
  durationMinUs: Infinity,
  durationMaxUs: 0,
  histogram: emptyHistogram(),
});

/** Adds `source` into `target`. */
export const mergeAggregate = (target: CellAggregate, source: CellAggregate): void => {
  for (let i = 0; i < target.counts.length; i++) target.counts[i]! += source.counts[i]!;
  target.flaky += source.flaky;
  target.retried += source.retried;
  target.retries += source.retries;
  target.retryDurationUs += source.retryDurationUs;
  target.durationN += source.durationN;
  target.durationSumUs += source.durationSumUs;
  target.durationMinUs = Math.min(target.durationMinUs, source.durationMinUs);
  target.durationMaxUs = Math.max(target.durationMaxUs, source.durationMaxUs);
  for (let i = 0; i < target.histogram.length; i++) target.histogram[i]! += source.histogram[i]!;
};

export interface CellCounts extends Readonly<Record<ResultStatus, number>> {
  readonly executions: number;
  readonly failures: number;
  /** Denominator of the pass rate: passed + failed + broken + timeout. */
  readonly judged: number;
}

export const countsOf = (aggregate: CellAggregate): CellCounts => {
  const { counts } = aggregate;
  // written out: it is asked for every cell of every answer
  const passed = counts[STATUS_CODES.passed]!;
  const failed = counts[STATUS_CODES.failed]!;
  const broken = counts[STATUS_CODES.broken]!;
  const timeout = counts[STATUS_CODES.timeout]!;
  const skipped = counts[STATUS_CODES.skipped]!;
  const cancelled = counts[STATUS_CODES.cancelled]!;
  const failures = failed + broken + timeout;
  const judged = passed + failures;
  const executions = judged + skipped + cancelled;
  return { passed, failed, broken, timeout, skipped, cancelled, executions, failures, judged };
};

export interface DurationFigures {
  readonly n: number;
  readonly average: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly total: number;
}

/** Duration figures in ms; null where n is 0. */
export const durationsOf = (aggregate: CellAggregate): DurationFigures => {
  const { durationN: n, durationSumUs: sum, histogram, durationMinUs, durationMaxUs } = aggregate;
  const [p50 = null, p95 = null, p99 = null] = quantilesMs(
    histogram,
    n,
    [0.5, 0.95, 0.99],
    durationMinUs,
    durationMaxUs,
  );
  return { n, average: n === 0 ? null : sum / n / 1000, p50, p95, p99, total: sum / 1000 };
};
