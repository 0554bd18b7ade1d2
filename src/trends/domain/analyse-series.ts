import type { Anomalies, AnomalyKind } from './anomalies.js';
import { findAnomalies } from './anomalies.js';
import type { ChangePoints } from './change-points.js';
import { asMeasured, findChangePoints } from './change-points.js';
import type { Correlation } from './correlation.js';
import { correlateWithTime } from './correlation.js';
import type { Forecast } from './forecast.js';
import { forecast } from './forecast.js';
import type { ForecastScale } from './forecast-scale.js';
import type { Pattern } from './patterns.js';
import { describePatterns } from './patterns.js';
import type { Cycle, Period, Seasonality } from './seasonality.js';
import { KNOWN_CYCLES, findSeasonality, withoutSeason } from './seasonality.js';
import type { Gapped, Insufficient } from './series.js';
import type { SeriesSummary } from './summary.js';
import { summarise } from './summary.js';
import type { GoodDirection, TrendAnswer } from './trend.js';
import { analyseTrend } from './trend.js';

/** Lags of the seasons that a forecast may use. */
export const FORECAST_LAGS: Readonly<Record<Period, readonly number[]>> = {
  hour: [24, 168],
  day: [7],
  week: [52],
  month: [],
  quarter: [],
  year: [],
};

export interface SeriesToAnalyse {
  readonly values: Gapped;
  /** Results behind each point. */
  readonly n?: readonly (number | null)[];
  readonly period: Period;
  readonly goodDirection: GoodDirection;
  readonly kind: AnomalyKind;
  readonly scale: ForecastScale;
  /** How a value, and a difference of two, read in a sentence. */
  readonly format: (value: number) => string;
  readonly formatDifference?: (value: number) => string;
  /** Cycles that the client names besides the known ones. */
  readonly cycles?: readonly Cycle[];
  /** Steps to forecast; absent: no forecast. */
  readonly horizon?: number;
}

export interface SeriesAnalysis {
  readonly summary: SeriesSummary | Insufficient;
  readonly trend: TrendAnswer;
  readonly timeCorrelation: Correlation | Insufficient;
  readonly seasonality: Seasonality | Insufficient;
  readonly changePoints: ChangePoints | Insufficient;
  readonly anomalies: Anomalies | Insufficient;
  readonly patterns: readonly Pattern[];
  readonly forecast?: Forecast | Insufficient;
}

/** Points far out of the range of their neighbours drawn in to its border: one outage must not hide a season. */
const tame = (values: Gapped): Gapped => {
  const answer = findAnomalies({ values, kind: 'other' });
  if (answer.status !== 'ok') return values;
  const borders = new Map(
    answer.anomalies.map((one) => [one.position, one.direction === 'above' ? one.expectedHigh : one.expectedLow]),
  );
  return values.map((x, i) => borders.get(i) ?? x);
};

/**
 * Everything that statistics.md says of one series. Change points and anomalies are looked for after a season that was
 * found is taken out, or every Monday would be one. Nothing throws and nothing is NaN: a part that lacks data refuses.
 */
export const analyseSeries = (series: SeriesToAnalyse): SeriesAnalysis => {
  const { values, period } = series;
  const named = series.cycles ?? [];
  const calm = tame(values);
  const seasonality = findSeasonality(calm, [...KNOWN_CYCLES[period], ...named]);
  const season = seasonality.status === 'ok' ? seasonality.season : undefined;
  const profile = season?.profile ?? [];
  const tamed = withoutSeason(calm, profile);
  const found = findChangePoints(tamed, { visits: true });
  const points = found.status === 'ok' ? asMeasured(withoutSeason(values, profile), tamed, found.points) : [];
  const changePoints = found.status === 'ok' ? { ...found, points } : found;
  const anomalies = findAnomalies({
    values,
    ...(series.n && { n: series.n }),
    kind: series.kind,
    profile,
    changePoints: points.map((point) => point.position),
  });
  const trend = analyseTrend(values, series.goodDirection);
  return {
    summary: summarise(values),
    trend,
    timeCorrelation: correlateWithTime(values),
    seasonality,
    changePoints,
    anomalies,
    patterns: describePatterns({
      period,
      format: series.format,
      ...(series.formatDifference && { formatDifference: series.formatDifference }),
      ...(trend.status === 'ok' && { trend }),
      changePoints: points,
      seasons: seasonality.status === 'ok' ? seasonality.tested : [],
      named: named.map((cycle) => cycle.name),
      anomalies: anomalies.status === 'ok' ? anomalies.anomalies : [],
    }),
    ...(series.horizon !== undefined && {
      forecast: forecast(values, { horizon: series.horizon, lags: FORECAST_LAGS[period], scale: series.scale }),
    }),
  };
};
