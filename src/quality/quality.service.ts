import { Injectable } from '@nestjs/common';
import { DomainError, invalid, Slices, type Scope } from '../common/index.js';
import { bucketsOf, MetricsService, previousRange } from '../metrics/index.js';
import type { Interval, MetricFilter, TimeBucket, TimeRange } from '../metrics/index.js';
import type { Project } from '../projects/index.js';
import { type AnalysedSeries, TrendsService } from '../trends/index.js';
import type { AssessedTest, Assessment } from './assessments/assessment.js';
import { withoutStatuses } from './assessments/assessment-filter.js';
import { AssessmentsService } from './assessments/assessments.service.js';
import { figuresOf, type ScopeFigures } from './assessments/figures.js';
import { clusterStates } from './assessments/failure-clusters.js';
import { benchmark, type Benchmark } from './domain/benchmark.js';
import { type Finding, evaluateRules } from './domain/rules.js';
import { INSIGHT_RULES, RECOMMENDATION_RULES } from './domain/advice-rules.js';
import { RISK_RULES } from './domain/risk-rules.js';
import { thresholdViolations, type ThresholdViolation } from './domain/thresholds.js';
import { groupTests, type GroupKey, type QualityScope } from './quality-groups.js';
import { likelyFailures, type NextRun } from './next-run.js';
import { factsOf } from './quality-facts-builder.js';
import { policyOf, thresholdsOf } from './project-policy.js';
import { QuarantineLookup } from './quarantine-lookup.js';
import { seriesValue, windowOf, type QualityMetric, type SeriesPoint } from './quality-series.js';
import { TestNames } from './tests/test-names.service.js';

/** Figures of one project, team or suite of an answer. */
export interface QualityGroup extends GroupKey {
  readonly figures: ScopeFigures;
}

export interface QualityAnswer {
  readonly assessment: Assessment;
  readonly scope: QualityScope;
  readonly figures: ScopeFigures;
  readonly previousRange: TimeRange;
  readonly previous: ScopeFigures;
  readonly groups: readonly QualityGroup[];
  readonly benchmark: Benchmark;
  readonly clusters: { readonly new: number; readonly known: number; readonly resolved: number };
  readonly violations: readonly ThresholdViolation[];
  readonly risks: readonly Finding[];
  readonly recommendations: readonly Finding[];
  readonly insights: readonly Finding[];
  readonly nextRun: NextRun;
  /** Pass rate by day; by week where the range is longer than a year. */
  readonly trend: AnalysedSeries;
}

/** What reports print beside their totals. */
export interface QualitySummary {
  readonly asOf: number;
  /** Mean phi of the tests, weighted by runs, 0..1; null with too little data. */
  readonly flakinessIndex: ScopeFigures['flakiness'];
  readonly qualityScore: ScopeFigures['score'];
  readonly labels: ScopeFigures['labels'];
  /** Outcomes behind the score's pass rate. */
  readonly judged: number;
}

/** Whether the failures of a test do not count. */
type IsExcused = (test: AssessedTest) => boolean;

const DAY_MS = 86_400_000;
const MOST_DAYS = 400;
const MAX_GROUPS = 100;
const MAX_SERIES_WORK = 1_000_000;

/** Quality of a scope: score, stability, recovery, risks and advice, out of the histories of its tests. */
@Injectable()
export class QualityService {
  private readonly kept = new WeakMap<Assessment['tests'], Promise<ScopeFigures>>();

  constructor(
    private readonly assessments: AssessmentsService,
    private readonly metrics: MetricsService,
    private readonly names: TestNames,
    private readonly quarantine: QuarantineLookup,
    private readonly trends: TrendsService,
  ) {}

  /** Flakiness index and score of a filter's tests in a window; as cheap as the cached assessment behind it. */
  async summary(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<QualitySummary> {
    const assessment = await this.assessments.assess(scope, { filter, range });
    return toSummary(assessment, await this.figures(scope, assessment, filter));
  }

  /** The summary that needs no work: of what is in memory and at most so old. `isCurrent`: nothing has changed since. */
  async recentSummary(
    scope: Scope,
    filter: MetricFilter,
    range: TimeRange,
    maxAgeMs: number,
  ): Promise<(QualitySummary & { readonly isCurrent: boolean }) | undefined> {
    const recent = await this.assessments.recent(scope, { filter, range }, maxAgeMs);
    if (!recent) return undefined;
    const { assessment, isCurrent } = recent;
    return { ...toSummary(assessment, await this.figures(scope, assessment, filter)), isCurrent };
  }

  /**
   * What answers depend on besides the data: weights, aliases, decisions about outages.
   * Answers that hold labels and reliability depend on `labelsKey` too.
   */
  async definitionKey(scope: Scope, projects: readonly Project[]): Promise<string> {
    const { fingerprint } = await this.assessments.definitionsOf(scope, projects);
    return [fingerprint, ...projects.map(({ id, definitionVersion }) => `${id}.${definitionVersion}`)].join();
  }

  /** The hour and quarantine. */
  async labelsKey(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<string> {
    const { now, projects } = await this.assessments.version(scope, { filter, range });
    const quarantined = await this.quarantinedOf(scope, projects);
    return `${now} ${[...quarantined].sort().join()}`;
  }

  /** What answers over a filter and range depend on; a benchmark looks at all projects that the caller may see. */
  async versionOf(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<string> {
    const { key } = await this.assessments.version(scope, { filter, range });
    const all = await this.metrics.version(scope, {});
    return `${key} ${all.position}`;
  }

  /**
   * @param isPrivate whether nobody else will read the answer: only then does it tell how other projects of the scope
   * score, which not everybody who may see the filter's projects may see
   */
  async metricsOf(
    scope: Scope,
    level: QualityScope,
    filter: MetricFilter,
    range: TimeRange,
    isPrivate = true,
  ): Promise<QualityAnswer> {
    const before = previousRange(range);
    const [assessment, past] = await this.assessments.assessAll(scope, filter, [range, before]);
    const [figures, previous] = [
      await this.figures(scope, assessment, filter),
      await this.figures(scope, past, filter),
    ];
    const projects = await this.metrics.projectsOf(scope, filter);
    const names = await this.names.of(assessment.tests);
    const quarantined = await this.quarantinedOf(scope, projects);
    const facts = factsOf(assessment, figures, previous, names, quarantined);
    return {
      ...{ assessment, scope: level, figures, previousRange: before, previous },
      groups: await this.groups(scope, level, assessment, projects),
      benchmark: isPrivate ? await this.benchmarkOf(scope, projects, range) : benchmark(null, []),
      clusters: clusterCounts(assessment, past),
      violations: thresholdViolations(thresholdsOf(projects), {
        quality_score: figures.score.value,
        pass_rate: shareOf(figures.passRate),
        flakiness: figures.flakiness.value,
        mttr: figures.recovery.meanHours,
      }),
      risks: evaluateRules(RISK_RULES, facts),
      recommendations: evaluateRules(RECOMMENDATION_RULES, facts),
      insights: evaluateRules(INSIGHT_RULES, facts),
      nextRun: likelyFailures(assessment.tests, names),
      trend: await this.passRateTrend(scope, filter, range),
    };
  }

  /**
   * A quality figure over time: each point looks at the 30 days up to the end of its bucket (mttr, new_failures: at the
   * failures that began in the bucket, by the 30 days before it).
   * @throws DomainError 422 `query_too_broad` for more than a million tests times buckets
   */
  async series(
    scope: Scope,
    metric: QualityMetric,
    filter: MetricFilter,
    range: TimeRange,
    interval: Interval,
  ): Promise<readonly (SeriesPoint & TimeBucket)[]> {
    const buckets = bucketsOf(range, interval);
    const first = windowOf(metric, buckets[0] ?? range);
    const wide = { ...range, from: first.from };
    const assessment = await this.assessments.assess(scope, { filter, range: wide });
    if (assessment.tests.length * buckets.length > MAX_SERIES_WORK)
      throw invalid('query_too_broad', 'Too many tests times points for a series of quality', [
        { pointer: '/period', detail: 'ask for a longer interval, a shorter range or fewer tests' },
      ]);
    const isExcused = metric === 'new_failures' ? await this.excuseOf(scope, filter, assessment) : undefined;
    const slices = new Slices();
    const points: (SeriesPoint & TimeBucket)[] = [];
    for (const bucket of buckets)
      points.push({
        ...bucket,
        ...(await seriesValue(metric, assessment, bucket, this.assessments.posteriors, slices, isExcused)),
      });
    return points;
  }

  private figures(scope: Scope, assessment: Assessment, filter: MetricFilter): Promise<ScopeFigures> {
    let figures = this.kept.get(assessment.tests);
    if (!figures) {
      figures = this.computeFigures(scope, assessment, filter);
      this.kept.set(assessment.tests, figures);
      // A failure must not be kept: the next request tries again.
      figures.catch(() => this.kept.delete(assessment.tests));
    }
    return figures;
  }

  private async computeFigures(scope: Scope, assessment: Assessment, filter: MetricFilter): Promise<ScopeFigures> {
    const projects = await this.metrics.projectsOf(scope, filter);
    const isExcused = await this.excuse(scope, projects, assessment.tests);
    return figuresOf(assessment, assessment.tests, policyOf(projects), isExcused, new Slices());
  }

  private async groups(
    scope: Scope,
    level: QualityScope,
    assessment: Assessment,
    projects: readonly Project[],
  ): Promise<QualityGroup[]> {
    const isExcused = await this.excuse(scope, projects, assessment.tests);
    const slices = new Slices();
    const groups: QualityGroup[] = [];
    for (const { tests, ...key } of groupTests(level, assessment.tests, projects)) {
      const own = projects.filter((project) => tests.some((test) => test.projectId === project.id));
      groups.push({ ...key, figures: await figuresOf(assessment, tests, policyOf(own), isExcused, slices) });
    }
    const rank = ({ figures }: QualityGroup): number => figures.score.value ?? 101;
    return groups.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_GROUPS);
  }

  /** Among the projects that the caller may see; only one project at a time has a place among the others. */
  private async benchmarkOf(scope: Scope, projects: readonly Project[], range: TimeRange): Promise<Benchmark> {
    const [own] = projects;
    if (projects.length !== 1 || own === undefined) return benchmark(null, []);
    const all = await this.metrics.projectsOf(scope, {});
    if (all.length < 2) return benchmark(null, []);
    const scores = new Map<string, number | null>();
    // each project by itself: its assessment serves everybody who asks of it, and one's own is often there already
    for (const { key } of all) scores.set(key, await this.wholeScore(scope, key, range));
    return benchmark(
      scores.get(own.key) ?? null,
      all.filter(({ key }) => key !== own.key).map(({ key }) => scores.get(key) ?? null),
    );
  }

  /** Of all tests of a project; null with too little data, and with too much: others may ask for their own all the same. */
  private async wholeScore(scope: Scope, key: string, range: TimeRange): Promise<number | null> {
    const filter = { projects: [key] };
    try {
      const assessment = await this.assessments.assess(scope, { filter, range });
      return (await this.figures(scope, assessment, filter)).score.value;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'query_too_broad') return null;
      throw error;
    }
  }

  private async passRateTrend(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<AnalysedSeries> {
    const days = (range.to.getTime() - range.from.getTime()) / DAY_MS;
    const period = days > MOST_DAYS ? 'week' : 'day';
    const asked = withoutStatuses(await this.assessments.withAliases(scope, filter));
    const request = { filter: asked, range, period, metrics: ['pass_rate'], cycles: [] } as const;
    const { series } = await this.trends.trends(scope, request);
    return series[0]!;
  }

  private async quarantinedOf(scope: Scope, projects: readonly Project[]): Promise<ReadonlySet<string>> {
    return this.quarantine.quarantined(
      scope,
      projects.map((project) => project.id),
    );
  }

  private async excuseOf(scope: Scope, filter: MetricFilter, { tests }: Assessment): Promise<IsExcused> {
    return this.excuse(scope, await this.metrics.projectsOf(scope, filter), tests);
  }

  private async excuse(scope: Scope, projects: readonly Project[], tests: readonly AssessedTest[]): Promise<IsExcused> {
    const quarantined = await this.quarantinedOf(scope, projects);
    if (quarantined.size === 0) return () => false;
    const names = await this.names.of(tests);
    return (test) => quarantined.has(names.get(`${test.projectId}:${test.number}`)?.testId ?? '');
  }
}

const toSummary = ({ asOf }: Assessment, { flakiness, score, labels, passRate }: ScopeFigures): QualitySummary => ({
  asOf,
  flakinessIndex: flakiness,
  qualityScore: score,
  labels,
  judged: passRate.denominator,
});

const shareOf = ({ numerator, denominator }: ScopeFigures['passRate']): number | null =>
  denominator > 0 ? numerator / denominator : null;

const clusterCounts = (now: Assessment, before: Assessment): QualityAnswer['clusters'] => {
  const counts = { new: 0, known: 0, resolved: 0 };
  for (const { state } of clusterStates(now.clusters, before.clusters)) counts[state] += 1;
  return counts;
};
