import { createHash } from 'node:crypto';
import type { Dimension, Interval, TimeRange } from '../../metrics/index.js';
import { withoutProjects } from './filter-parts.js';
import type { ReportDefinition, ReportProject, ReportRequest, ReportType } from './report.js';

interface TypeDefaults {
  readonly interval?: Interval;
  readonly groupBy: readonly Dimension[];
  /** Lists of tests and clusters belong to the type. */
  readonly top?: number;
}

const TOP = 10;

/** What each type shows where the request does not say: data, in one place. */
export const TYPE_DEFAULTS: Readonly<Record<ReportType, TypeDefaults>> = {
  summary: { groupBy: [] },
  detailed: { groupBy: ['project', 'suite'], top: TOP },
  trend_analysis: { interval: 'day', groupBy: [] },
  quality_metrics: { groupBy: ['project'] },
  failure_analysis: { groupBy: ['suite'], top: TOP },
  performance_analysis: { groupBy: ['suite'], top: TOP },
};

/** Fills in what the type says. A request that gives an interval or groups gets exactly those. */
export const resolveRequest = (
  definition: ReportDefinition & { readonly name?: string },
  range: TimeRange,
): ReportRequest => {
  const defaults = TYPE_DEFAULTS[definition.type];
  const shaped = definition.interval !== undefined || definition.groupBy !== undefined;
  const interval = shaped ? definition.interval : defaults.interval;
  const top = definition.top ?? defaults.top;
  return {
    type: definition.type,
    ...(definition.name === undefined ? {} : { name: definition.name }),
    filter: definition.filter,
    range,
    ...(interval === undefined ? {} : { interval }),
    groupBy: shaped ? (definition.groupBy ?? []) : defaults.groupBy,
    attempts: definition.attempts ?? 'final',
    comparePrevious: definition.comparePrevious ?? false,
    ...(top === undefined ? {} : { top }),
  };
};

/** Version of what a stored report holds: moves when the same request would be answered otherwise. */
const FORMAT = 3;

/**
 * The same text for requests that mean the same: over the same projects (with their teams), range, zone and shape. What
 * names the projects in the filter does not matter, only which they are.
 * @param definitions what the figures depend on besides requests and results
 */
export const cacheKey = (
  organization: string,
  request: ReportRequest,
  projects: readonly ReportProject[],
  definitions: string,
): string => {
  const scope = projects.map(({ id, team }) => [id, team]).sort(([a], [b]) => (a! < b! ? -1 : 1));
  const asked = { ...request, filter: sortedEntries(withoutProjects(request.filter)) };
  const parts = [FORMAT, organization, scope, asked, definitions];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
};

const sortedEntries = (filter: object): [string, unknown][] =>
  Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
