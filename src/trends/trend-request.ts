import { invalid } from '../common/index.js';
import { type CalendarInterval, findMetric, type MetricFilter, type TimeRange } from '../metrics/index.js';
import type { Cycle } from './domain/seasonality.js';
import type { MetricFacts, SeriesSources } from './series/series-sources.js';

export const TRENDS_DEFINITION = { id: 'trends', version: 1 } as const;
export const MAX_METRICS = 10;
export const MAX_CYCLES = 5;
/** Points of all series together: what an answer may take of the machine. */
export const MAX_POINTS = 10_000;
export const DEFAULT_METRIC = 'pass_rate';

export interface TrendsRequest {
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly period: CalendarInterval;
  /** Ids of metrics, in the order of the answer. */
  readonly metrics: readonly string[];
  /** Periods to forecast; absent: no forecast. */
  readonly horizon?: number;
  /** Cycles to test besides the known ones. */
  readonly cycles: readonly Cycle[];
}

/** @throws DomainError 422 `unknown_metric` */
export const resolveMetrics = (ids: readonly string[], sources: SeriesSources): MetricFacts[] =>
  [...new Set(ids)].map((id) => {
    const facts = findMetric(id) ?? sources.find(id)?.facts;
    if (!facts)
      throw invalid('unknown_metric', `There is no metric ${JSON.stringify(id)}`, [
        { pointer: '/metric', detail: 'must be the id of a metric: see /metrics-catalogue' },
      ]);
    return facts;
  });

/** @throws DomainError 422 `query_too_broad` */
export const checkPoints = (points: number): void => {
  if (points > MAX_POINTS)
    throw invalid('query_too_broad', `The series have ${points} points together, more than ${MAX_POINTS}`, [
      { pointer: '/period', detail: 'ask for a longer period, a shorter range or fewer metrics' },
    ]);
};
