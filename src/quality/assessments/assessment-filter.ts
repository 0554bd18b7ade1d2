import type { MetricFilter } from '../../metrics/index.js';
import { withAllNames } from '../definitions/definition.js';
import type { Definitions } from '../definitions/definitions.service.js';

/** Tests that are named are meant by all of their names. */
export const aliased = (filter: MetricFilter, { aliases }: Definitions): MetricFilter =>
  filter.tests ? { ...filter, tests: withAllNames(filter.tests, aliases) } : filter;

/** A history without its passes says nothing. */
export const withoutStatuses = (filter: MetricFilter): MetricFilter =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => name !== 'statuses'));

/**
 * The filter for a scan that is to see whole runs, since an outage is a matter of all outcomes of a run: a few exactly
 * named suites would be answered from their stored parts alone, a pattern makes the scan read everything. This one
 * matches no suite, because suites have no control characters at their begin.
 */
export const readWhole = (asked: MetricFilter): MetricFilter => {
  const filter = withoutStatuses(asked);
  const { suites = [] } = filter;
  return suites.every((suite) => suite.startsWith('!')) ? filter : { ...filter, suites: [...suites, '\u0001*'] };
};
