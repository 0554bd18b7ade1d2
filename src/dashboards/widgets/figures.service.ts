import { Injectable } from '@nestjs/common';
import type { Scope } from '../../common/index.js';
import {
  type CellAggregate,
  DerivedMetricsService,
  findMetric,
  type MetricFilter,
  MetricsService,
  type MetricValue,
  type TimeRange,
} from '../../metrics/index.js';
import { isQualityMetric, QualityService } from '../../quality/index.js';
import { type MetricFacts, SeriesSources } from '../../trends/index.js';

const DAY_MS = 86_400_000;

/** What a metric's value rests on, in the words of the API. */
export interface Figure {
  readonly value: number | null;
  readonly n: number;
  readonly low: number | null;
  readonly high: number | null;
}

export const toFigure = ({ value, n, low = null, high = null }: MetricValue): Figure => {
  const known = value !== null && Number.isFinite(value);
  return { value: known ? value : null, n, low: known ? low : null, high: known ? high : null };
};

/** A cell's figure; undefined for a metric that no cell holds. */
export const cellFigure = (metricId: string, aggregate: CellAggregate): Figure | undefined => {
  const metric = findMetric(metricId);
  return metric?.source === 'cell' ? toFigure(metric.evaluate(aggregate)) : undefined;
};

/** Any metric of the catalogue over a whole range. */
@Injectable()
export class FiguresService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly derived: DerivedMetricsService,
    private readonly quality: QualityService,
    private readonly sources: SeriesSources,
  ) {}

  /** Title, unit and so on; undefined for what is in no catalogue. */
  factsOf(metricId: string): MetricFacts | undefined {
    return findMetric(metricId) ?? this.sources.find(metricId)?.facts;
  }

  /** One figure per metric, in their order. */
  async over(scope: Scope, filter: MetricFilter, range: TimeRange, metricIds: readonly string[]): Promise<Figure[]> {
    const found = new Map<string, Figure>();
    const bySource = Map.groupBy(metricIds, (id) => (isQualityMetric(id) ? 'quality' : findMetric(id)?.source));
    if (bySource.has('cell')) {
      const { totals } = await this.metrics.query(scope, { filter, range, attempts: 'final' });
      for (const id of bySource.get('cell') ?? []) found.set(id, cellFigure(id, totals)!);
    }
    const derived = [...(bySource.get('tests') ?? []), ...(bySource.get('runs') ?? [])];
    if (derived.length > 0) {
      const { values } = await this.derived.evaluate(scope, { filter, range, attempts: 'final' }, derived);
      for (const [id, [value]] of values) if (value) found.set(id, toFigure(value));
    }
    for (const id of (bySource.get('quality') ?? []).filter(isQualityMetric)) {
      const days = Math.ceil((range.to.getTime() - range.from.getTime()) / DAY_MS);
      const [point] = await this.quality.series(scope, id, filter, range, { days });
      if (point) found.set(id, toFigure(point));
    }
    return metricIds.map((id) => found.get(id) ?? { value: null, n: 0, low: null, high: null });
  }
}
