import { Injectable } from '@nestjs/common';
import { Clock, type Scope } from '../../common/index.js';
import {
  bucketsOf,
  type CellMetric,
  DerivedMetricsService,
  emptyAggregate,
  findMetric,
  type MetricQuery,
  MetricsService,
  type MetricValue,
} from '../../metrics/index.js';
import { type MetricPoint, toPoints } from './metric-points.js';
import { type MetricFacts, type SeriesRequest, SeriesSources } from './series-sources.js';

export interface ReadSeries {
  readonly metric: MetricFacts;
  readonly points: readonly MetricPoint[];
}

/** Series of metrics out of the read model: one query for all that cells hold, one pass for all derived ones. */
@Injectable()
export class SeriesReader {
  constructor(
    private readonly metrics: MetricsService,
    private readonly derived: DerivedMetricsService,
    private readonly sources: SeriesSources,
    private readonly clock: Clock,
  ) {}

  /** One series per metric, in their order; buckets without an outcome are points with n = 0. */
  async read(scope: Scope, request: SeriesRequest, metrics: readonly MetricFacts[]): Promise<ReadSeries[]> {
    const { filter, range, period } = request;
    const query: MetricQuery = { filter, range, interval: period, attempts: 'final' };
    const values = new Map<string, readonly MetricValue[]>();
    const cells = metrics.flatMap(({ id }) => {
      const metric = findMetric(id);
      return metric?.source === 'cell' ? [metric] : [];
    });
    const derived = metrics.flatMap(({ id }) => {
      const source = findMetric(id)?.source;
      return source === 'tests' || source === 'runs' ? [id] : [];
    });
    if (cells.length > 0) for (const [id, list] of await this.ofCells(scope, query, cells)) values.set(id, list);
    if (derived.length > 0)
      for (const [id, list] of (await this.derived.evaluate(scope, query, derived)).values) values.set(id, list);
    for (const { id } of metrics) {
      const found = this.sources.find(id);
      if (found) values.set(id, await found.source.series(scope, id, request));
    }
    const buckets = bucketsOf(range, period);
    const now = this.clock.now();
    return metrics.map((metric) => ({
      metric,
      points: toPoints(buckets, values.get(metric.id) ?? [], range, period, now),
    }));
  }

  private async ofCells(
    scope: Scope,
    query: MetricQuery,
    metrics: readonly CellMetric[],
  ): Promise<Map<string, MetricValue[]>> {
    const { buckets, rows } = await this.metrics.query(scope, query);
    const byBucket = new Map(rows.map((row) => [row.bucket, row.aggregate]));
    const nothing = emptyAggregate();
    return new Map(
      metrics.map((metric) => [metric.id, buckets.map((_, i) => metric.evaluate(byBucket.get(i) ?? nothing))]),
    );
  }
}
