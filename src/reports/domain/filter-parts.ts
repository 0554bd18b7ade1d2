import type { MetricFilter } from '../../metrics/index.js';

/** A filter without what names projects: those are resolved before anything is computed, and pinned in the report. */
export const withoutProjects = (filter: MetricFilter): Omit<MetricFilter, 'projects' | 'teams'> =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => name !== 'projects' && name !== 'teams'));
