import type { Plain } from '../../common/index.js';
import type { ChangePoint } from '../domain/change-points.js';
import type { SeasonTest } from '../domain/seasonality.js';
import { TREND_RULES } from '../domain/trend.js';
import type { MetricFacts } from '../series/series-sources.js';
import type { AnalysedSeries, ChangeSides, TrendsAnswer } from '../trend-answer.js';
import { TRENDS_DEFINITION, type TrendsRequest } from '../trend-request.js';
import { toForecast, toMannKendall, toPoint, toStatistics } from './trend-parts.mapper.js';
import type { AnomalyDto, ChangePointDto } from './trend-events.dto.js';
import type { CycleDto, InsufficientDto } from './trend-parts.dto.js';
import type { TrendsDto } from './trends.dto.js';

type SeriesView = Plain<TrendsDto>['series'][number];

/** Begin of the period at a position of the analysis. */
type PeriodAt = (position: number) => string;

const periodAtOf =
  ({ points, judged }: AnalysedSeries): PeriodAt =>
  (position) =>
    points[judged.from + position]!.from.toISOString();

const betterOf = ({ goodDirection }: MetricFacts, { before, after }: ChangePoint): ChangePointDto['direction'] => {
  if (goodDirection === 'none' || before === after) return 'neutral';
  return after > before === (goodDirection === 'up') ? 'improving' : 'degrading';
};

const runsOf = (list: ChangeSides['before']): ChangePointDto['runsBefore'] =>
  list.map((run) => ({ ...run, startedAt: run.startedAt.toISOString() }));

const commitsOf = (list: ChangeSides['before']): string[] => [...new Set(list.flatMap(({ commit }) => commit ?? []))];

const toChangePoints = (series: AnalysedSeries, at: PeriodAt): Plain<ChangePointDto>[] => {
  const { changePoints } = series.analysis;
  if (changePoints.status !== 'ok') return [];
  return changePoints.points.map((point, i) => {
    const { before, after } = series.sides[i] ?? { before: [], after: [] };
    return {
      at: at(point.position),
      before: point.before,
      after: point.after,
      direction: betterOf(series.metric, point),
      interval: { from: at(point.low99), to: at(point.high99) },
      gain: point.gain,
      runsBefore: runsOf(before),
      runsAfter: runsOf(after),
      commitsBefore: commitsOf(before),
      commitsAfter: commitsOf(after),
    };
  });
};

const toAnomalies = ({ analysis, points, judged }: AnalysedSeries, at: PeriodAt): Plain<AnomalyDto>[] =>
  analysis.anomalies.status !== 'ok'
    ? []
    : analysis.anomalies.anomalies.map(
        ({ position, value, expected, expectedLow, expectedHigh, score, direction }) => ({
          at: at(position),
          ...{ value, expected, score, direction },
          expectedRange: { low: expectedLow, high: expectedHigh },
          n: points[judged.from + position]!.n,
        }),
      );

const toCycle = (test: SeasonTest, at: PeriodAt): Plain<CycleDto> => ({
  ...test,
  ...(test.profile.length > 0 && { profileFrom: at(0) }),
});

const insufficientOf = ({
  changePoints,
  anomalies,
  seasonality,
  trend,
}: AnalysedSeries['analysis']): InsufficientDto[] =>
  Object.entries({ trend, changePoints, anomalies, seasonality }).flatMap(([part, answer]) =>
    answer.status === 'insufficient_data' ? [{ part, reason: answer.reason }] : [],
  );

const toSeries = (series: AnalysedSeries, { period }: TrendsRequest): SeriesView => {
  const { metric, analysis, points } = series;
  const { trend, seasonality } = analysis;
  const at = periodAtOf(series);
  const cycles = seasonality.status === 'ok' ? seasonality.tested.map((cycle) => toCycle(cycle, at)) : [];
  const { slope: value = null, low = null, high = null } = trend.status === 'ok' ? trend.slope : {};
  return {
    metric: metric.id,
    title: metric.title,
    unit: metric.unit,
    goodDirection: metric.goodDirection,
    points: points.map(toPoint),
    statistics: toStatistics(analysis.summary),
    direction: trend.direction,
    slope: { value, low, high, unit: `${metric.unit} per ${period}` },
    mannKendall: toMannKendall(trend, TREND_RULES.alpha),
    correlationWithTime: analysis.timeCorrelation,
    changePoints: toChangePoints(series, at),
    anomalies: toAnomalies(series, at),
    seasonality: cycles.filter(({ significant }) => significant),
    testedCycles: cycles,
    patterns: analysis.patterns.map(({ kind, text, positions, evidence }) => ({
      ...{ kind, text, evidence },
      at: positions.map(at),
    })),
    ...(analysis.forecast && { forecast: toForecast(analysis.forecast, series.ahead) }),
    insufficientData: insufficientOf(analysis),
  };
};

export const toTrends = (
  request: TrendsRequest,
  answer: TrendsAnswer,
  dataFreshnessSeconds: number | null,
): Plain<TrendsDto> => {
  const { from, to, timeZone } = request.range;
  return {
    asOf: answer.asOf,
    definition: TRENDS_DEFINITION,
    period: request.period,
    range: { from: from.toISOString(), to: to.toISOString(), timeZone },
    series: answer.series.map((series) => toSeries(series, request)),
    correlations: answer.correlations.map(({ metrics, correlation }) => ({ metrics, ...correlation })),
    dataFreshnessSeconds,
  };
};
