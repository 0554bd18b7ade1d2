import { Injectable } from '@nestjs/common';
import { TestsRepository } from '../executions/index.js';
import { invalid, notFound, type Scope } from '../common/index.js';
import { ProjectsService, type Project } from '../projects/index.js';
import { isRowDimension } from './domain/accumulate.js';
import { compileFilter, NONE, type CompiledFilter } from './domain/filter.js';
import type { AsOf, MetricFilter, MetricQuery, TimeRange } from './domain/query.js';
import type { Selection } from './domain/row-matcher.js';
import { partOfSuite } from './domain/seal.js';
import { bucketIndexer, bucketsOf } from './domain/time-buckets.js';
import { OverlayService } from './persistence/overlay.service.js';
import { ReadIndex, type ProjectState } from './persistence/read-index.js';
import {
  dayRange,
  newest,
  type DataVersion,
  type PreparedQuery,
  type ResolvedContent,
  type ResolvedScope,
} from './prepared-query.js';

/** Resolves the names of a query (projects, tests, suites) and brings the index up to the newest commit. */
@Injectable()
export class QueryPreparer {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tests: TestsRepository,
    private readonly index: ReadIndex,
    private readonly overlays: OverlayService,
  ) {}

  async version(scope: Scope, filter: MetricFilter): Promise<DataVersion> {
    const { states } = await this.current(scope, compileFilter(filter), filter);
    return newest(states);
  }

  async resolve(scope: Scope, filter: MetricFilter): Promise<ResolvedScope> {
    const { projects, states } = await this.current(scope, compileFilter(filter), filter);
    return { projects, version: newest(states) };
  }

  async resolveContent(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<ResolvedContent> {
    const { projects, states } = await this.current(scope, compileFilter(filter), filter);
    return { projects, version: newest(states), content: contentOf(states, range) };
  }

  async definedAt(projectIds: readonly string[]): Promise<string> {
    const states = await this.index.refresh(Promise.resolve(projectIds));
    return projectIds.map((id) => states.get(id)!.definedAt).join();
  }

  async projectsOf(scope: Scope, filter: MetricFilter): Promise<readonly Project[]> {
    return this.resolveProjects(scope, compileFilter(filter), filter);
  }

  /**
   * @param asOf prepares a read of the past
   * @param inFlight runs whose summary is ahead of the log
   */
  async prepare(
    scope: Scope,
    query: MetricQuery,
    asOf?: AsOf,
    inFlight: readonly string[] = [],
  ): Promise<PreparedQuery> {
    const filter = compileFilter(query.filter);
    const { projects, states } = await this.current(scope, filter, query.filter);
    const { range, interval, groupBy = [] } = query;
    const buckets = interval ? bucketsOf(range, interval) : [{ from: range.from, to: range.to }];
    const ids = projects.map((project) => project.id);
    const overlays = asOf
      ? await this.overlays.build(scope.organization, ids, asOf, dayRange(query), inFlight)
      : undefined;
    const targets = projects.map((project) => ({
      facts: { projectId: project.id, projectKey: project.key, team: project.team ?? '' },
      state: states.get(project.id)!,
      overlay: overlays?.get(project.id),
    }));
    return {
      scope,
      query,
      selection: await this.select(scope, projects, query, filter),
      buckets,
      bucketAt: bucketIndexer(buckets),
      targets,
      version: newest(states),
      needsRows: groupBy.some(isRowDimension) || filter.needsRows,
      hasGroupFilter: filter.hasGroupFilter,
      parts: exactParts(query.filter),
    };
  }

  private async current(
    scope: Scope,
    compiled: CompiledFilter,
    filter: MetricFilter,
  ): Promise<{ projects: readonly Project[]; states: Map<string, ProjectState> }> {
    const found = this.resolveProjects(scope, compiled, filter);
    const states = await this.index.refresh(found.then((projects) => projects.map((project) => project.id)));
    return { projects: await found, states };
  }

  private async resolveProjects(
    scope: Scope,
    compiled: CompiledFilter,
    filter: MetricFilter,
  ): Promise<readonly Project[]> {
    const all = await this.projects.resolve(scope, {});
    const known = new Set(all.map((project) => project.key));
    const unknown = (filter.projects ?? []).find((name) => !name.startsWith('!') && !known.has(name));
    if (unknown !== undefined) throw notFound(`Project ${unknown}`);
    return all.filter((project) => compiled.project(project.key) && compiled.team(project.team ?? ''));
  }

  private async select(
    scope: Scope,
    projects: readonly Project[],
    query: MetricQuery,
    filter: CompiledFilter,
  ): Promise<Selection> {
    const { range, attempts } = query;
    return {
      group: filter.group,
      statusMask: filter.statusMask,
      ...(query.filter.tests ? { tests: await this.testNumbers(scope, projects, query.filter.tests) } : {}),
      ...(query.filter.runs ? { runs: new Set(query.filter.runs) } : {}),
      fromMs: range.from.getTime(),
      toMs: range.to.getTime(),
      attempts,
    };
  }

  private async testNumbers(
    scope: Scope,
    projects: readonly Project[],
    testIds: readonly string[],
  ): Promise<Map<string, Set<number>>> {
    if (testIds.some((id) => id.startsWith('!')))
      throw invalid('invalid_filter', 'tests cannot be negated', [
        { pointer: '/filter/tests', detail: 'give test ids' },
      ]);
    const numbers = new Map<string, Set<number>>(projects.map((project) => [project.id, new Set()]));
    const found = await this.tests.findByIds(scope, testIds);
    for (const test of found) numbers.get(test.projectId)?.add(test.number);
    return numbers;
  }
}

/** Versions of days only grow, so their sum moves whenever one of them does. */
const contentOf = (states: ReadonlyMap<string, ProjectState>, range: TimeRange): string => {
  const [first, last] = dayRange({ range });
  return [...states]
    .map(([id, { definedAt, days }]) => {
      let versions = 0;
      for (const { day, version } of days.values()) if (day >= first && day <= last) versions += version;
      return `${id}.${definedAt}.${versions}`;
    })
    .join();
};

/** The stored parts that hold the suites asked for, where they are few and named exactly. */
const exactParts = (filter: MetricFilter): number[] | undefined => {
  const exact = filter.exact?.find((part) => part.dimension === 'suite');
  const suites = exact ? [exact.value === '' ? NONE : exact.value] : filter.suites;
  if (!suites || suites.length === 0 || suites.length > 4) return undefined;
  if (!exact && suites.some((name) => name.startsWith('!') || name.includes('*'))) return undefined;
  return [...new Set(suites.map((name) => partOfSuite(name === NONE ? '' : name)))].sort((a, b) => a - b);
};
