import type { Plain } from '../../common/index.js';
import type { TimeBucket } from '../../metrics/index.js';
import type { SeriesAnalysis } from '../domain/analyse-series.js';
import type { MannKendall } from '../domain/mann-kendall.js';
import type { MetricPoint } from '../series/metric-points.js';
import type { ForecastDto } from './forecast.dto.js';
import type { MannKendallDto, StatisticsDto, TrendPointDto } from './trend-parts.dto.js';

export const toPoint = ({ from, value, n, low, high, partial }: MetricPoint): Plain<TrendPointDto> => ({
  at: from.toISOString(),
  ...{ value, n, low, high },
  ...(partial && { partial }),
});

export const toStatistics = (summary: SeriesAnalysis['summary']): Plain<StatisticsDto> => {
  if (summary.status !== 'ok') {
    const nothing = { mean: null, median: null, sd: null, min: null, max: null };
    return { status: summary.status, reason: summary.reason, n: 0, gaps: 0, ...nothing };
  }
  const { status, n, gaps, mean, median, standardDeviation, minimum, maximum } = summary;
  return { ...{ status, n, gaps, mean, median }, sd: standardDeviation, min: minimum, max: maximum };
};

const testOf = ({ variance, z, p }: MannKendall) => ({ variance, z, p });

export const toMannKendall = (trend: SeriesAnalysis['trend'], alpha: number): Plain<MannKendallDto> => {
  if (trend.status !== 'ok') {
    const { status, reason, n } = trend;
    return { status, reason, n, alpha, significant: false, confirmed: false };
  }
  const { status, definition, n, mannKendall, hamedRao, preWhitened, significant, confirmed } = trend;
  return {
    ...{ status, definition, n },
    s: mannKendall.s,
    tau: mannKendall.tau,
    plain: testOf(mannKendall),
    hamedRao: testOf(hamedRao),
    preWhitened: testOf(preWhitened),
    ...{ alpha, significant, confirmed },
  };
};

/** @param ahead the periods of the forecast, in order */
export const toForecast = (
  forecast: NonNullable<SeriesAnalysis['forecast']>,
  ahead: readonly TimeBucket[],
): Plain<ForecastDto> => {
  if (forecast.status !== 'ok') return { status: forecast.status, reason: forecast.reason, points: [] };
  const { status, definition, model, n, points, accuracy } = forecast;
  const { mase, relativeToSeasonalNaive, origins, coverage80, coverage95 } = accuracy;
  return {
    ...{ status, definition, model },
    points: points.flatMap(({ step, value, low80, high80, low95, high95 }) => {
      const period = ahead[step - 1];
      return period ? [{ at: period.from.toISOString(), value, low80, high80, low95, high95 }] : [];
    }),
    accuracy: { mase, relativeToSeasonalNaive, n, origins, coverage80, coverage95 },
  };
};
