import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock, type Scope, scopeKey, Slices } from '../common/index.js';
import { bucketsOf, type DataVersion, MetricsService } from '../metrics/index.js';
import { AnalysisPool } from './analysis/analysis-pool.js';
import { ChangeSidesService } from './change-sides.service.js';
import { correlate } from './domain/correlation.js';
import { judgedStretch, periodsAfter } from './series/metric-points.js';
import { type ReadSeries, SeriesReader } from './series/series-reader.service.js';
import { type MetricFacts, SeriesSources } from './series/series-sources.js';
import type { AnalysedSeries, MetricPair, TrendsAnswer } from './trend-answer.js';
import { checkPoints, resolveMetrics, TRENDS_DEFINITION, type TrendsRequest } from './trend-request.js';

/** What an answer depends on; equal keys, equal answers. */
export interface TrendsVersion {
  readonly key: string;
  readonly data: DataVersion;
  /** How many periods of the range have ended: the last ones are partial until then. */
  readonly periodsOver: number;
}

/** Answers kept, by the points they hold: about 100 bytes each. */
const KEPT_POINTS = 400_000;
const SUMS: ReadonlySet<string> = new Set(['duration_total', 'retry_duration']);

/** Metrics over time and what statistics.md says of them. */
@Injectable()
export class TrendsService {
  private readonly kept = new LRUCache<string, Promise<TrendsAnswer>>({ max: 500, maxSize: KEPT_POINTS });

  constructor(
    private readonly metrics: MetricsService,
    private readonly reader: SeriesReader,
    private readonly sources: SeriesSources,
    private readonly pool: AnalysisPool,
    private readonly sides: ChangeSidesService,
    private readonly clock: Clock,
  ) {}

  /**
   * Moves with the data, with the definitions of the projects, and with the end of each period of the range.
   * @throws DomainError 404 for a project that is not there or not the caller's; 422 `unknown_metric`, `query_too_broad`
   */
  async versionOf(scope: Scope, request: TrendsRequest): Promise<TrendsVersion> {
    const metrics = resolveMetrics(request.metrics, this.sources);
    const buckets = bucketsOf(request.range, request.period);
    checkPoints(buckets.length * metrics.length);
    const { projects, version: data } = await this.metrics.resolve(scope, request.filter);
    const now = this.clock.now();
    const periodsOver = buckets.filter(({ to }) => to <= now).length;
    const key = JSON.stringify([
      TRENDS_DEFINITION.version,
      scopeKey(scope),
      request,
      projects.map(({ id, definitionVersion }) => [id, definitionVersion]),
      data.position,
      periodsOver,
    ]);
    return { key, data, periodsOver };
  }

  /**
   * The answer of a version, computed once. A figure that lacks data refuses; nothing is NaN.
   * @throws DomainError as `versionOf`; 503 `analysis_busy`
   */
  async trends(scope: Scope, request: TrendsRequest, version?: TrendsVersion): Promise<TrendsAnswer> {
    const { key, data } = version ?? (await this.versionOf(scope, request));
    const known = this.kept.get(key);
    if (known) return known;
    const answer = this.compute(scope, request, data);
    const size = bucketsOf(request.range, request.period).length * request.metrics.length + 1;
    this.kept.set(key, answer, { size });
    // a failure must not be kept: the next request tries again
    answer.catch(() => this.kept.delete(key));
    return answer;
  }

  /** How old the newest data of an answer is, in whole seconds; null where there is none. */
  freshnessOf({ newestCommitAt }: TrendsAnswer): number | null {
    if (!newestCommitAt) return null;
    return Math.max(0, Math.round((this.clock.now().getTime() - newestCommitAt.getTime()) / 1000));
  }

  private async compute(scope: Scope, request: TrendsRequest, data: DataVersion): Promise<TrendsAnswer> {
    const metrics = resolveMetrics(request.metrics, this.sources);
    const read = await this.reader.read(scope, request, metrics);
    return {
      asOf: data.position,
      ...(data.committedAt && { newestCommitAt: data.committedAt }),
      series: await Promise.all(read.map((series) => this.analyse(scope, request, series))),
      correlations: await correlationsOf(read),
    };
  }

  private async analyse(
    scope: Scope,
    { filter, range, period, cycles, horizon }: TrendsRequest,
    { metric, points }: ReadSeries,
  ): Promise<AnalysedSeries> {
    const judged = judgedStretch(points, isSum(metric), this.clock.now());
    const stretch = points.slice(judged.from, judged.to);
    const { kind, unit, goodDirection } = metric;
    const analysis = await this.pool.analyse({
      metric: { kind, unit, goodDirection },
      ...{ period, cycles, horizon },
      values: stretch.map(({ value }) => value),
      n: stretch.map(({ n }) => n),
    });
    const changes = analysis.changePoints.status === 'ok' ? analysis.changePoints.points : [];
    return {
      ...{ metric, points, judged, analysis },
      sides: await this.sides.find(scope, filter, range.timeZone, points, judged, changes),
      ahead: periodsAfter(points, judged, horizon ?? 0, period, range.timeZone),
    };
  }
}

/** What adds up over a period, so that a part of one cannot be held against a whole one. */
const isSum = ({ id, kind }: MetricFacts): boolean => kind === 'count' || SUMS.has(id);

/** Each pair of metrics, over the whole periods that both have. */
const correlationsOf = async (read: readonly ReadSeries[]): Promise<MetricPair[]> => {
  const slices = new Slices();
  const pairs: MetricPair[] = [];
  const values = read.map(({ points }) => points.map(({ value, n, partial }) => (partial || n === 0 ? null : value)));
  for (let i = 0; i < read.length; i++)
    for (let j = i + 1; j < read.length; j++) {
      pairs.push({ metrics: [read[i]!.metric.id, read[j]!.metric.id], correlation: correlate(values[i]!, values[j]!) });
      await slices.pause();
    }
  return pairs;
};
