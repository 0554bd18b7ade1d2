import { setTimeout as sleep } from 'node:timers/promises';
import { notFound } from '../../common/index.js';
import type { RunFilter, RunRecord } from '../../executions/index.js';
import { compileFilter, type MetricFilter, NONE } from '../../metrics/index.js';
import { admitsNothing } from '../domain/narrow-filter.js';
import { provisional } from './provisional.js';
import type { WidgetContext } from './widget-type.js';

const PAGE = 100;
/** Pages looked at before a rare pattern is given up; what is named exactly is looked up, however rare it is. */
const MOST_PAGES = 5;

/** A commit is visible a moment before the run's own totals are. */
const LOOKS = 10;
const LOOK_MS = 20;

const isSettled = ({ generation, summarised }: RunRecord): boolean => summarised >= generation;

/** Runs as they are once the commit that made somebody look is told in their totals; a stream goes on longer than that. */
const settled = async (read: () => Promise<RunRecord[]>): Promise<RunRecord[]> => {
  for (let looks = 1; ; looks++) {
    const runs = await read();
    if (looks === LOOKS || runs.every(isSettled)) return runs;
    await sleep(LOOK_MS);
  }
};

/**
 * The data of a widget that shows these runs. Data is kept by its position in the commit log, which does not move when the
 * totals of a run that was cut off are told in the end.
 */
export const dataOfRuns = <T extends object>(runs: readonly RunRecord[], data: T): T =>
  runs.every(isSettled) ? data : provisional(data);

/**
 * A run that the options name; only one of the projects that the widget looks at, since it follows no others.
 * @throws DomainError 404
 */
export const namedRun = async ({ scope, filter, sources }: WidgetContext, runId: string): Promise<RunRecord> => {
  const [run] = await settled(async () => [await sources.runs.get(scope, runId)]);
  const projects = admitsNothing(filter) ? [] : await sources.metrics.projectsOf(scope, filter);
  if (!run || !projects.some(({ id }) => id === run.projectId)) throw notFound('Run');
  return run;
};

/** The newest runs that a filter and range admit by what a run itself has; newest first. */
export const newestRuns = (
  context: WidgetContext,
  question: Pick<RunFilter, 'statuses'> & { readonly limit: number },
): Promise<RunRecord[]> => settled(() => readNewest(context, question));

/** The names that a list asks for, where it asks for nothing but names: no pattern, no `(none)`, not only exceptions. */
const exactNames = <T extends string>(list: readonly T[] | undefined): readonly T[] | undefined => {
  const wanted = list?.filter((name) => !name.startsWith('!')) ?? [];
  const areExact = wanted.every((name) => name !== NONE && !name.includes('*'));
  return wanted.length > 0 && areExact ? wanted : undefined;
};

/** What of a filter the list of runs can look for itself. */
const exactListsOf = (filter: MetricFilter): RunFilter => {
  const [branches, environments] = [exactNames(filter.branches), exactNames(filter.environments)];
  const [users, kinds] = [exactNames(filter.users), exactNames(filter.kinds)];
  return {
    ...(branches && { branches }),
    ...(environments && { environments }),
    ...(users && { users }),
    ...(kinds && { kinds }),
  };
};

/** What a filter says of a run itself. */
const matcherOf = (filter: MetricFilter): ((run: RunRecord) => boolean) => {
  const { branch, environment, user, kind } = compileFilter(filter);
  return (run) =>
    branch(run.branch ?? '') && environment(run.environment ?? '') && user(run.triggeredBy ?? '') && kind(run.kind);
};

/** Runs before one that are looked through for one that is like it. */
const LOOKED_THROUGH = 50;

/**
 * The finished run before another one on its branch: one that the filter admits, where it admits that one too, and no other
 * shard of its build.
 */
export const runBefore = async (
  { scope, filter, sources }: WidgetContext,
  run: RunRecord,
): Promise<RunRecord | undefined> => {
  const admits = matcherOf(filter);
  const isWithin = admits(run);
  const { items } = await sources.runs.list(
    scope,
    {
      ...(isWithin && exactListsOf(filter)),
      projects: [run.projectKey],
      statuses: ['finished'],
      to: run.startedAt,
      ...(run.branch !== undefined && { branches: [run.branch] }),
    },
    LOOKED_THROUGH,
  );
  const build = run.build?.id;
  return items.find((other) => (!isWithin || admits(other)) && (build === undefined || other.build?.id !== build));
};

const readNewest = async (
  { scope, filter, range, sources }: WidgetContext,
  { limit, ...more }: Pick<RunFilter, 'statuses'> & { readonly limit: number },
): Promise<RunRecord[]> => {
  if (admitsNothing(filter)) return [];
  const projects = (await sources.metrics.projectsOf(scope, filter)).map(({ key }) => key);
  const admits = matcherOf(filter);
  const wanted = { projects, from: range.from, to: range.to, ...exactListsOf(filter), ...more };
  const found: RunRecord[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && found.length < limit; page++) {
    const { items, nextCursor } = await sources.runs.list(scope, wanted, Math.max(limit, PAGE), cursor);
    found.push(...items.filter(admits));
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return found.slice(0, limit);
};
