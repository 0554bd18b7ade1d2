import { Injectable } from '@nestjs/common';
import { TestsRepository } from '../executions/index.js';
import { invalid, notFound, type Scope } from '../common/index.js';
import { ProjectsService, type Project } from '../projects/index.js';
import { isRowDimension } from './domain/accumulate.js';
import { compileFilter, NONE, type CompiledFilter } from './domain/filter.js';
import type { AsOf, MetricFilter, MetricQuery } from './domain/query.js';
import type { Selection } from './domain/row-matcher.js';
import { partOfSuite } from './domain/seal.js';
import { bucketIndexer, bucketsOf } from './domain/time-buckets.js';
import { OverlayService } from './persistence/overlay.service.js';
import { ReadIndex } from './persistence/read-index.js';
import { newest, type DataVersion, type PreparedQuery, type ResolvedScope } from './prepared-query.js';

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
    return (await this.resolve(scope, filter)).version;
  }

  async resolve(scope: Scope, filter: MetricFilter): Promise<ResolvedScope> {
    const projects = await this.resolveProjects(scope, compileFilter(filter), filter);
    return { projects, version: newest(await this.index.positions(projects.map((project) => project.id))) };
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
    const projects = await this.resolveProjects(scope, filter, query.filter);
    const states = await this.index.refresh(projects.map((project) => project.id));
    const { range, interval, groupBy = [] } = query;
    const buckets = interval ? bucketsOf(range, interval) : [{ from: range.from, to: range.to }];
    const targets = await Promise.all(
      projects.map(async (project) => ({
        facts: { projectId: project.id, projectKey: project.key, team: project.team ?? '' },
        state: states.get(project.id)!,
        overlay: asOf && (await this.overlays.build(scope.organization, project.id, asOf, inFlight)),
      })),
    );
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

/** The stored parts that hold the suites asked for, where they are few and named exactly. */
const exactParts = (filter: MetricFilter): number[] | undefined => {
  const exact = filter.exact?.find((part) => part.dimension === 'suite');
  const suites = exact ? [exact.value === '' ? NONE : exact.value] : filter.suites;
  if (!suites || suites.length === 0 || suites.length > 4) return undefined;
  if (!exact && suites.some((name) => name.startsWith('!') || name.includes('*'))) return undefined;
  return [...new Set(suites.map((name) => partOfSuite(name === NONE ? '' : name)))].sort((a, b) => a - b);
};
