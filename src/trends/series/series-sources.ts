import { Injectable } from '@nestjs/common';
import type { Scope } from '../../common/index.js';
import {
  type CalendarInterval,
  findMetric,
  type Metric,
  MetricRegistry,
  type MetricFilter,
  type MetricValue,
  type TimeRange,
} from '../../metrics/index.js';

/** What is known of a metric besides how it is computed. */
export type MetricFacts = Pick<Metric, 'id' | 'title' | 'unit' | 'goodDirection' | 'kind' | 'description'>;

export interface SeriesRequest {
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly period: CalendarInterval;
}

/** A feature that can give a metric over time which the read model's catalogue does not hold. */
export interface SeriesSource {
  readonly metrics: readonly MetricFacts[];
  /** One value per bucket of the range. */
  series(scope: Scope, metricId: string, request: SeriesRequest): Promise<readonly MetricValue[]>;
}

/** Metrics of features to the right (quality): they register here, since trends may not import them. */
@Injectable()
export class SeriesSources {
  private readonly byMetric = new Map<string, { readonly facts: MetricFacts; readonly source: SeriesSource }>();

  constructor(private readonly registry: MetricRegistry) {}

  /** @throws Error for a metric that is there already */
  register(source: SeriesSource): void {
    for (const facts of source.metrics) {
      if (findMetric(facts.id) !== undefined || this.byMetric.has(facts.id))
        throw new Error(`There are two sources of the metric ${facts.id}`);
      this.byMetric.set(facts.id, { facts, source });
      this.registry.add({ ...facts, source: 'quality' });
    }
  }

  get metrics(): readonly MetricFacts[] {
    return [...this.byMetric.values()].map(({ facts }) => facts);
  }

  find(metricId: string): { readonly facts: MetricFacts; readonly source: SeriesSource } | undefined {
    return this.byMetric.get(metricId);
  }
}
