import type { MetricFilter } from '../../metrics/index.js';

/** A filter without what names projects: those are resolved before anything is computed, and pinned in the report. */
export const withoutProjects = (filter: MetricFilter): Omit<MetricFilter, 'projects' | 'teams'> =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => name !== 'projects' && name !== 'teams'));

const WITHIN_RUNS = ['suites', 'tests', 'types', 'tags', 'tagsAll', 'owners', 'statuses'] as const;
const OF_RUNS: readonly string[] = ['project', 'team', 'branch', 'environment', 'user', 'kind'];

/** Whether a filter may let some outcomes of a run through and others not; the tags of a run are among those of its results. */
export const selectsWithinRuns = (filter: MetricFilter): boolean =>
  WITHIN_RUNS.some((name) => (filter[name]?.length ?? 0) > 0) ||
  (filter.exact ?? []).some(({ dimension }) => !OF_RUNS.includes(dimension));
