import { NONE, type MetricFilter, type TimeRange } from '../../metrics/index.js';
import type { ResultStatus } from '../../executions/index.js';
import { admitsNothing } from '../domain/narrow-filter.js';

export const API_BASE = '/api/v1/execution-reporting';

const LISTS = [
  'projects',
  'teams',
  'suites',
  'tests',
  'types',
  'tags',
  'tagsAll',
  'branches',
  'environments',
  'owners',
  'users',
  'kinds',
  'statuses',
] as const satisfies readonly (keyof MetricFilter)[];

/** A filter and range as the query of any of our GET addresses. */
export const queryOf = (filter: MetricFilter, { from, to, timeZone }: TimeRange): URLSearchParams => {
  const query = new URLSearchParams();
  for (const name of LISTS) {
    const list = filter[name];
    if (list && list.length > 0) query.set(name, list.map((value) => value.replaceAll(',', '\\,')).join(','));
  }
  query.set('from', from.toISOString());
  query.set('to', to.toISOString());
  query.set('timeZone', timeZone);
  return query;
};

export interface CellLink {
  /** Values by dimension; '' is none. */
  readonly group?: readonly (readonly [dimension: string, value: string])[];
  readonly statuses?: readonly ResultStatus[];
  readonly from?: Date;
  readonly to?: Date;
  readonly attempts?: 'final' | 'all';
}

/** A test that there is not: how an address says "no outcome at all". */
const NO_TEST = '0'.repeat(24);

/** Addresses of what lies behind the figures of one widget. */
export class WidgetLinks {
  private readonly filter: MetricFilter;

  constructor(
    filter: MetricFilter,
    private readonly range: TimeRange,
  ) {
    this.filter = admitsNothing(filter) ? { ...filter, tests: [NO_TEST] } : filter;
  }

  /** The results behind a figure: makes the report when it is followed, and leads on to its drill-down. */
  cell({ group = [], statuses, from = this.range.from, to = this.range.to, attempts }: CellLink = {}): string {
    const query = queryOf({ ...this.filter, ...(statuses && { statuses }) }, { ...this.range, from, to });
    if (group.length > 0)
      query.set('path', group.map(([kind, value]) => `${kind}:${encodeURIComponent(value || NONE)}`).join('/'));
    if (attempts === 'all') query.set('attempts', attempts);
    return `${API_BASE}/dashboards/drilldown?${query.toString()}`;
  }

  trends(metrics: readonly string[], period: string, more: Readonly<Record<string, string>> = {}): string {
    return this.get('/trends', { metric: metrics.join(','), period, ...more });
  }

  quality(): string {
    return this.get('/quality-metrics');
  }

  ranking(sort: string): string {
    return this.get('/quality-metrics/tests', { sort });
  }

  clusters(): string {
    return this.get('/failure-clusters');
  }

  test(testId: string): string {
    return `${API_BASE}/tests/${testId}`;
  }

  run(runId: string): string {
    return `${API_BASE}/runs/${runId}`;
  }

  compare(base: string, head: string): string {
    return `${API_BASE}/runs/compare?${new URLSearchParams({ base, head }).toString()}`;
  }

  private get(path: string, more: Readonly<Record<string, string>> = {}): string {
    const query = queryOf(this.filter, this.range);
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    return `${API_BASE}${path}?${query.toString()}`;
  }
}
