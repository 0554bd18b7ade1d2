import type { RunFilter, RunRecord } from '../../executions/index.js';
import { compileFilter } from '../../metrics/index.js';
import type { WidgetContext } from './widget-type.js';

const PAGE = 100;
/** Runs looked at before a rare branch is given up. */
const MOST_PAGES = 5;

/** The newest runs that a filter and range admit by what a run itself has; newest first. */
export const newestRuns = async (
  { scope, filter, range, sources }: WidgetContext,
  { limit, ...more }: Pick<RunFilter, 'statuses' | 'to' | 'branches'> & { readonly limit: number },
): Promise<RunRecord[]> => {
  const projects = (await sources.metrics.projectsOf(scope, filter)).map(({ key }) => key);
  const compiled = compileFilter(filter);
  const admits = (run: RunRecord): boolean =>
    compiled.branch(run.branch ?? '') &&
    compiled.environment(run.environment ?? '') &&
    compiled.user(run.triggeredBy ?? '') &&
    compiled.kind(run.kind);
  const found: RunRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < limit; page++) {
    const wanted = { projects, from: range.from, to: range.to, ...more };
    const { items, nextCursor } = await sources.runs.list(scope, wanted, Math.max(limit, PAGE), cursor);
    found.push(...items.filter(admits));
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return found.slice(0, limit);
};
