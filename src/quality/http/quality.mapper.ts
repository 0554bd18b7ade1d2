import type { Plain } from '../../common/index.js';
import { toRate } from '../../metrics/index.js';
import type { ScopeFigures } from '../assessments/figures.js';
import type { QualityAnswer, QualityGroup } from '../quality.service.js';
import { toBounded, toLabelCounts, toReliability, toWeighted } from './figures.mapper.js';
import type { QualityMetricsDto } from './quality.dto.js';

const difference = (
  before: number | null,
  now: number | null,
): { before: number | null; now: number | null; difference: number | null } => ({
  before,
  now,
  difference: before === null || now === null ? null : now - before,
});

const rateOf = ({ passRate: { numerator, denominator } }: ScopeFigures): number | null =>
  denominator > 0 ? numerator / denominator : null;

const toChange = ({
  figures: now,
  previous: before,
  previousRange,
}: QualityAnswer): Plain<QualityMetricsDto>['change'] => ({
  against: previousRange,
  score: difference(before.score.value, now.score.value),
  passRate: difference(rateOf(before), rateOf(now)),
  flakiness: difference(before.flakiness.value, now.flakiness.value),
  stability: difference(before.stability.value, now.stability.value),
  durationStability: difference(before.durationStability.value, now.durationStability.value),
  reliability: difference(before.reliability.value, now.reliability.value),
  mttrMeanHours: difference(before.recovery.meanHours, now.recovery.meanHours),
});

const toGroup = ({ figures, ...key }: QualityGroup): Plain<QualityMetricsDto>['groups'][number] => ({
  ...key,
  score: figures.score,
  passRate: toRate(figures.passRate.numerator, figures.passRate.denominator),
  flakiness: toBounded('flakiness.index', figures.flakiness),
  stability: toBounded('stability', figures.stability),
  mttr: figures.recovery,
  tests: toLabelCounts(figures.labels, figures.tests),
});

const toTrend = ({ trend: { metric, points, analysis } }: QualityAnswer): Plain<QualityMetricsDto>['trend'] => {
  const { slope: value = null, low = null, high = null } = analysis.trend.status === 'ok' ? analysis.trend.slope : {};
  return {
    metric: metric.id,
    direction: analysis.trend.direction,
    slope: { value, low, high },
    points: points.map((point) => ({
      at: point.from,
      value: point.value,
      n: point.n,
      low: point.low,
      high: point.high,
    })),
  };
};

const toRuns = ({ assessment: { runs, excludedRuns } }: QualityAnswer): Plain<QualityMetricsDto>['runs'] => {
  const own = runs.filter((run) => run.matched > 0);
  const excluded = own.filter((run) => excludedRuns.has(run.runId)).sort((a, b) => b.startedAt - a.startedAt);
  return {
    total: own.length,
    excluded: excluded.length,
    excludedRuns: excluded.slice(0, 20).map((run) => run.runId),
  };
};

export const toQualityMetrics = (answer: QualityAnswer): Plain<QualityMetricsDto> => {
  const { assessment, figures } = answer;
  const { asOf, newestCommitAt = null, range, retries } = assessment;
  return {
    ...{ asOf, newestCommitAt, range, scope: answer.scope },
    score: figures.score,
    passRate: toRate(figures.passRate.numerator, figures.passRate.denominator),
    reliability: toReliability(figures.reliability),
    flakiness: toBounded('flakiness.index', figures.flakiness),
    stability: toBounded('stability', figures.stability),
    durationStability: toWeighted('duration_stability', figures.durationStability),
    mttr: figures.recovery,
    mttd: figures.detection,
    tests: toLabelCounts(figures.labels, figures.tests),
    runs: toRuns(answer),
    retries: { outcomes: retries.outcomes, wastedMs: retries.wastedMs },
    thresholdViolations: answer.violations,
    insights: answer.insights,
    risks: answer.risks,
    recommendations: answer.recommendations,
    change: toChange(answer),
    trend: toTrend(answer),
    benchmark: answer.benchmark,
    failureClusters: answer.clusters,
    likelyToFail: answer.nextRun.likeliest.map(({ testId, name, suite, prediction }) => ({
      ...{ testId, name, suite: suite === '' ? null : suite },
      nextRun: prediction,
    })),
    groups: answer.groups.map(toGroup),
  };
};
