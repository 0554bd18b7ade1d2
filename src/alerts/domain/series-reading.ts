import type { GoodDirection, Metric, MetricValue, TimeBucket, TimeRange } from '../../metrics/index.js';
import { analyseTask, judgedStretch, toPoints } from '../../trends/index.js';
import type { Figure } from './judge.js';
import { NOTHING_EXPECTED, toFigure } from './reading.js';

/** Days that a value is held against. */
export const SERIES_DAYS = 60;
const SUMS: ReadonlySet<string> = new Set(['duration_total', 'retry_duration']);

export interface SeriesQuestion {
  readonly metric: Pick<Metric, 'id' | 'kind' | 'unit' | 'goodDirection'>;
  readonly buckets: readonly TimeBucket[];
  readonly values: readonly MetricValue[];
  readonly range: TimeRange;
  readonly now: Date;
}

/** Whether a difference is one for the worse; where neither direction is good each of them is. */
const isWorse = (difference: number, good: GoodDirection): boolean =>
  good === 'none' ? difference !== 0 : good === 'up' ? difference < 0 : difference > 0;

const analysed = ({ metric, buckets, values, range, now }: SeriesQuestion) => {
  const points = toPoints(buckets, values, range, 'day', now);
  const judged = judgedStretch(points, metric.kind === 'count' || SUMS.has(metric.id), now);
  const stretch = points.slice(judged.from, judged.to);
  const analysis = analyseTask({
    metric,
    period: 'day',
    values: stretch.map(({ value }) => value),
    n: stretch.map(({ n }) => n),
    cycles: [],
  });
  return { stretch, analysis };
};

/**
 * How far the newest day lies outside of what the last 60 let expect, in robust standard deviations: 0 where it does not,
 * or only for the better. Undecided (measure null) with too few days.
 */
export const outsideExpected = (question: SeriesQuestion): Figure | undefined => {
  const { stretch, analysis } = analysed(question);
  const last = stretch.at(-1);
  if (!last) return undefined;
  if (analysis.anomalies.status !== 'ok') return toFigure(last, null);
  const found = analysis.anomalies.anomalies.find(({ position }) => position === stretch.length - 1);
  if (!found) return toFigure(last, 0);
  const expected = { value: found.expected, low: found.expectedLow, high: found.expectedHigh };
  const worse = isWorse(found.value - found.expected, question.metric.goodDirection);
  return toFigure(last, worse ? Math.abs(found.score) : 0, expected);
};

/** The size of the newest change of level for the worse that came since a time, in the metric's unit; 0 without one. */
export const changeSince = (question: SeriesQuestion, since: Date): Figure | undefined => {
  const { stretch, analysis } = analysed(question);
  const last = stretch.at(-1);
  if (!last) return undefined;
  if (analysis.changePoints.status !== 'ok') return toFigure(last, null);
  const found = analysis.changePoints.points
    .filter(({ position }) => stretch[position]!.to > since)
    .filter(({ before, after }) => isWorse(after - before, question.metric.goodDirection))
    .at(-1);
  if (!found) return toFigure(last, 0);
  const { before, after } = found;
  return { ...toFigure(last, Math.abs(after - before), { ...NOTHING_EXPECTED, value: before }), value: after };
};
