import { Injectable } from '@nestjs/common';
import { invalid } from '../../common/index.js';
import { findMetric, type ListedMetric, MetricRegistry } from '../../metrics/index.js';
import type { Condition, GroupDimension } from '../domain/rule.js';

export const NEW_FAILURES = 'new_failures';

/** What is known of the metric of a rule. */
export type RuleMetrics = Pick<ListedMetric, 'id' | 'title' | 'unit' | 'kind' | 'goodDirection' | 'source'>;

const NEW_FAILURES_FACTS: RuleMetrics = {
  id: NEW_FAILURES,
  title: 'New failures',
  unit: 'count',
  kind: 'count',
  goodDirection: 'down',
  source: 'tests',
};

/** Which metric can stand in which rule. */
@Injectable()
export class RuleMetricsService {
  constructor(private readonly registry: MetricRegistry) {}

  /** @throws DomainError 422 `unknown_metric` */
  require(condition: Condition, id: string): RuleMetrics {
    const isOwn = id === NEW_FAILURES;
    if (isOwn !== (condition === 'new_failures'))
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/metric', detail: `the metric ${NEW_FAILURES} and the condition new_failures belong together` },
      ]);
    if (isOwn) return NEW_FAILURES_FACTS;
    const found = findMetric(id) ?? this.registry.all().find((metric) => metric.id === id);
    if (!found)
      throw invalid('unknown_metric', `There is no metric ${JSON.stringify(id)}`, [
        { pointer: '/metric', detail: 'must be the id of a metric: see /metrics-catalogue' },
      ]);
    return found;
  }

  /** Only cells know suites, tests, branches and environments. @throws DomainError 422 `metric_not_groupable` */
  checkGroups(condition: Condition, id: string, groupBy: readonly GroupDimension[]): void {
    const { source } = this.require(condition, id);
    if (id === NEW_FAILURES || source === 'cell' || groupBy.every((name) => name === 'project')) return;
    throw invalid('metric_not_groupable', `The metric ${id} can be grouped by project only`, [
      { pointer: '/groupBy', detail: 'must be empty or project for this metric' },
    ]);
  }
}
