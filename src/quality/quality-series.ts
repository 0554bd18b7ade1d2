import type { Slices } from '../common/index.js';
import type { TimeBucket } from '../metrics/index.js';
import type { Assessment, AssessedTest } from './assessments/assessment.js';
import { figuresOf } from './assessments/figures.js';
import { failureEpisodes, recoveryTime } from './domain/episodes.js';
import { assessTest } from './domain/flakiness.js';
import type { FlakinessPosteriors } from './domain/flakiness-posterior.js';
import { newFailureOf } from './domain/new-failure.js';
import { DEFAULT_QUALITY_POLICY } from './domain/quality-score.js';
import type { TestHistory } from './domain/test-history.js';

export const QUALITY_METRICS = ['quality_score', 'flakiness', 'stability', 'mttr', 'new_failures'] as const;
export type QualityMetric = (typeof QUALITY_METRICS)[number];
export const isQualityMetric = (id: string): id is QualityMetric => QUALITY_METRICS.some((known) => known === id);

export interface SeriesPoint {
  /** null with too little data. */
  readonly value: number | null;
  /** Outcomes it rests on; of mttr the closed failures, of new_failures the tests that ran. */
  readonly n: number;
  readonly low?: number | null;
  readonly high?: number | null;
}

const WINDOW_MS = 30 * 86_400_000;

/** The outcomes that a bucket's point looks at: what begins in it is known by those before. */
export const windowOf = (metric: QualityMetric, { from, to }: TimeBucket): TimeBucket => {
  const end = metric === 'new_failures' || metric === 'mttr' ? from : to;
  return { from: new Date(end.getTime() - WINDOW_MS), to };
};

/** First position at or after a time. */
const positionOf = (at: Float64Array, time: number): number => {
  let [low, high] = [0, at.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
};

const cut = (history: TestHistory, { from, to }: TimeBucket): TestHistory => {
  const first = positionOf(history.at, from.getTime());
  const end = positionOf(history.at, to.getTime());
  return {
    table: history.table,
    length: end - first,
    at: history.at.subarray(first, end),
    status: history.status.subarray(first, end),
    run: history.run.subarray(first, end),
    attempts: history.attempts.subarray(first, end),
    flakyInRun: history.flakyInRun.subarray(first, end),
    durationUs: history.durationUs.subarray(first, end),
  };
};

/**
 * One point of a quality metric over time.
 * @param isExcused tests whose new failures do not count
 */
export const seriesValue = async (
  metric: QualityMetric,
  assessment: Assessment,
  bucket: TimeBucket,
  posteriors: FlakinessPosteriors,
  slices: Slices,
  isExcused: (test: AssessedTest) => boolean = () => false,
): Promise<SeriesPoint> => {
  if (metric === 'mttr') return recoveryPoint(assessment, bucket, slices);
  if (metric === 'new_failures') return newFailuresPoint(assessment, bucket, isExcused, slices);
  const window = windowOf(metric, bucket);
  const tests: AssessedTest[] = [];
  for (const test of assessment.tests) {
    const history = cut(test.history, window);
    if (history.length === 0) continue;
    tests.push({ ...test, history, assessment: assessTest(history, posteriors, window.to.getTime()) });
    await slices.pause();
  }
  const figures = await figuresOf(assessment, tests, DEFAULT_QUALITY_POLICY, () => false, slices);
  const n = figures.passRate.denominator;
  if (metric === 'quality_score') return { value: figures.score.value, n };
  const { value, low, high } = figures[metric];
  return { value, low, high, n };
};

const recoveryPoint = async (
  assessment: Assessment,
  { from, to }: TimeBucket,
  slices: Slices,
): Promise<SeriesPoint> => {
  const begun = [];
  for (const { history, assessment: judged } of assessment.tests) {
    if (judged.failures === 0) continue;
    for (const episode of failureEpisodes(history))
      if (episode.from >= from.getTime() && episode.from < to.getTime()) begun.push(episode);
    await slices.pause();
  }
  const { meanHours, closed } = recoveryTime(begun);
  return { value: meanHours, n: closed };
};

const newFailuresPoint = async (
  { tests }: Assessment,
  bucket: TimeBucket,
  isExcused: (test: AssessedTest) => boolean,
  slices: Slices,
): Promise<SeriesPoint> => {
  const past = windowOf('new_failures', bucket);
  let [value, n] = [0, 0];
  for (const test of tests) {
    const rowAt = (time: Date): number => positionOf(test.history.at, time.getTime());
    const rows = { earliest: rowAt(past.from), first: rowAt(bucket.from), end: rowAt(bucket.to) };
    const found = newFailureOf(test.history, rows);
    if (found !== 'absent') n++;
    if (found === 'new' && !isExcused(test)) value++;
    await slices.pause();
  }
  return { value: n > 0 ? value : null, n };
};
