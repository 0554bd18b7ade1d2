import { Injectable } from '@nestjs/common';
import { CommitLog, TestsRepository } from '../executions/index.js';
import { invalid, notFound, Slices, type Scope } from '../common/index.js';
import { ProjectsService, type Project } from '../projects/index.js';
import {
  Accumulator,
  isRowDimension,
  RowMatcher,
  testRef,
  type ProjectFacts,
  type Selection,
} from './domain/accumulate.js';
import { DAY_MS, dayOf } from './domain/build-rows.js';
import { compileFilter, NONE, type CompiledFilter } from './domain/filter.js';
import { planDays, type DayPlan } from './domain/plan-days.js';
import type { AnswerRow, AsOf, MetricAnswer, MetricFilter, MetricQuery, Pin, TimeBucket } from './domain/query.js';
import type { DayRows } from './domain/rows.js';
import { partOfSuite } from './domain/seal.js';
import { bucketIndexer, bucketsOf } from './domain/time-buckets.js';
import { DayReader, type OpenDay } from './persistence/day-reader.js';
import type { DayState } from './persistence/days.repository.js';
import { OverlayService, type Overlay } from './persistence/overlay.service.js';
import { ReadIndex, type ProjectState } from './persistence/read-index.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';

/** What a scope's figures stand at: the position of the newest commit among its projects. */
export interface DataVersion {
  readonly position: number;
  readonly committedAt?: Date;
}

interface Target {
  readonly facts: ProjectFacts;
  readonly state: ProjectState;
  readonly overlay?: Overlay;
}

interface Prepared {
  readonly scope: Scope;
  readonly query: MetricQuery;
  readonly selection: Selection;
  readonly buckets: readonly TimeBucket[];
  readonly bucketAt: (epochMs: number) => number;
  readonly targets: readonly Target[];
  readonly version: DataVersion;
  readonly needsRows: boolean;
  readonly hasGroupFilter: boolean;
  readonly parts?: readonly number[];
}

const DAYS_AT_ONCE = 32;
const ATTEMPTS_TO_SETTLE = 3;

/** The one query engine of the read model: every figure of reports, trends, quality, dashboards and alerts comes from here. */
@Injectable()
export class MetricsService {
  constructor(
    private readonly projects: ProjectsService,
    private readonly tests: TestsRepository,
    private readonly index: ReadIndex,
    private readonly days: DayReader,
    private readonly overlays: OverlayService,
    private readonly log: CommitLog,
    private readonly summaries: RunSummariesRepository,
  ) {}

  /** The data version of the projects that a filter names: moves with every change of what they would answer. */
  async version(scope: Scope, filter: MetricFilter): Promise<DataVersion> {
    const projects = await this.resolveProjects(scope, compileFilter(filter), filter);
    return newest(await this.index.refresh(projects.map((project) => project.id)));
  }

  /** The projects in scope that a filter names. @throws not_found for a name that is not there or not the caller's */
  async projectsOf(scope: Scope, filter: MetricFilter): Promise<readonly Project[]> {
    return this.resolveProjects(scope, compileFilter(filter), filter);
  }

  /** Figures at the newest commit. */
  async query(scope: Scope, query: MetricQuery): Promise<MetricAnswer> {
    return this.evaluate(await this.prepare(scope, query));
  }

  /** The same figures as they stood at `asOf`. */
  async queryAsOf(scope: Scope, query: MetricQuery, asOf: AsOf): Promise<MetricAnswer> {
    const answer = await this.settled(scope, query, asOf, (prepared) => this.evaluate(prepared));
    return { ...answer, asOf: asOf.position, pins: asOf.pins };
  }

  /**
   * The attempts behind a query, day by day, without reading a result document. `match[i]` is 1 for what the query's
   * `executions` counts.
   */
  async *scanRows(
    scope: Scope,
    query: MetricQuery,
    options: { readonly asOf?: AsOf; readonly newestFirst?: boolean } = {},
  ): AsyncGenerator<DayRows> {
    const { asOf, newestFirst = false } = options;
    const prepared = asOf
      ? await this.settled(scope, query, asOf, (ready) => Promise.resolve(ready))
      : await this.prepare(scope, query);
    const slices = new Slices();
    for (const group of chunk(orderedDays(prepared, newestFirst), newestFirst ? 8 : DAYS_AT_ONCE)) {
      const read = await this.readGroup(prepared, group, slices);
      for (const { target, state } of group)
        for (const rows of read.get(target)?.get(state.day)?.rows ?? []) {
          const matcher = new RowMatcher(prepared.selection, target.facts.projectId, rows, state.day * DAY_MS);
          const match = new Uint8Array(rows.length);
          for (let i = 0; i < rows.length; i++) match[i] = matcher.counts(i) ? 1 : 0;
          yield { projectId: target.facts.projectId, projectKey: target.facts.projectKey, day: state.day, rows, match };
          await slices.pause();
        }
    }
  }

  /** How many of the outcomes a query counts have lost their documents since: to deletion, to retention. */
  async removedIn(scope: Scope, query: MetricQuery, asOf: AsOf): Promise<{ deleted: number; expired: number }> {
    const prepared = await this.prepare(scope, query, asOf);
    const removed = { deleted: 0, expired: 0 };
    const [first, last] = dayRange(query);
    for (const target of prepared.targets) {
      const { projectId } = target.facts;
      const deletions = (await this.log.since([projectId], asOf.position)).filter((c) => c.kind === 'deleted');
      const expired = await this.summaries.expiredRuns(projectId, first, last);
      const gone = [...new Set([...deletions.map((commit) => commit.runId ?? ''), ...expired])];
      const known = await this.log.generationsAt(gone, asOf.position);
      for (const parts of (await this.summaries.partsOfRuns(projectId, [...known.keys()])).values())
        for (const { day, part } of parts) {
          const matcher = new RowMatcher(prepared.selection, projectId, part.rows, day * DAY_MS);
          const kind = part.state === 'expired' ? 'expired' : 'deleted';
          for (let i = 0; i < part.rows.length; i++) if (matcher.counts(i)) removed[kind]++;
        }
    }
    return removed;
  }

  private async prepare(
    scope: Scope,
    query: MetricQuery,
    asOf?: AsOf,
    inFlight: readonly string[] = [],
  ): Promise<Prepared> {
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

  /** Repeats a read of the past until no run was caught between its summary and its commit. */
  private async settled<T>(
    scope: Scope,
    query: MetricQuery,
    asOf: AsOf,
    read: (prepared: Prepared) => Promise<T>,
  ): Promise<T> {
    let inFlight: readonly string[] = [];
    for (let attempt = 1; ; attempt++) {
      const prepared = await this.prepare(scope, query, asOf, inFlight);
      const ahead = (await this.aheadOf(prepared, asOf)).filter((runId) => !inFlight.includes(runId));
      if (ahead.length === 0 || attempt === ATTEMPTS_TO_SETTLE) return read(prepared);
      inFlight = [...inFlight, ...ahead];
    }
  }

  private async aheadOf(prepared: Prepared, asOf: AsOf): Promise<string[]> {
    const slices = new Slices();
    const ahead: string[] = [];
    for (const target of prepared.targets) {
      const open = daysInRange(target, prepared.query).filter(
        (state) => state.sealed !== state.version && !target.overlay?.days.has(state.day),
      );
      const read = await this.days.rows(target.facts.projectId, open, {}, slices);
      ahead.push(...(await this.pinsOf([...read.values()], asOf.position)).map((pin) => pin.runId));
    }
    return ahead;
  }

  private async evaluate(prepared: Prepared): Promise<MetricAnswer> {
    const { query, selection, bucketAt, targets, version } = prepared;
    const accumulator = new Accumulator(selection, query.groupBy ?? [], bucketAt, query.interval !== undefined);
    const slices = new Slices();
    const open: OpenDay[] = [];
    for (const target of targets) open.push(...(await this.addProject(prepared, target, accumulator, slices)));
    const { rows, totals } = accumulator.finish();
    return {
      asOf: version.position,
      newestCommitAt: version.committedAt,
      plan: prepared.needsRows ? 'rows' : 'rollup',
      buckets: query.interval ? prepared.buckets : [],
      rows: await this.nameTests(prepared, rows),
      totals,
      pins: await this.pinsOf(open, version.position),
    };
  }

  /** Adds a project's days, each from the cheapest form that can answer; returns the days read from run summaries. */
  private async addProject(
    prepared: Prepared,
    target: Target,
    accumulator: Accumulator,
    slices: Slices,
  ): Promise<OpenDay[]> {
    const { facts, overlay } = target;
    const plan = this.plan(prepared, target);
    const asRows = [...plan.rows];
    for (const kind of ['totals', 'byDay', 'bySlot'] as const) {
      if (plan[kind].length === 0) continue;
      const { blocks, open } = await this.days.blocks(facts.projectId, kind, plan[kind], slices);
      asRows.push(...open);
      for (const [day, block] of blocks) {
        accumulator.addBlock(facts, day * DAY_MS, block);
        await slices.pause();
      }
    }
    const opened: OpenDay[] = [];
    for (const states of chunk(asRows, DAYS_AT_ONCE))
      for (const [day, open] of await this.days.rows(
        facts.projectId,
        states,
        { parts: prepared.parts, overlay },
        slices,
      )) {
        for (const rows of open.rows) accumulator.addRows(facts, day * DAY_MS, rows);
        if (open.generations.length > 0) opened.push(open);
        await slices.pause();
      }
    return opened;
  }

  private plan(prepared: Prepared, target: Target): DayPlan {
    const { query, buckets, needsRows } = prepared;
    const days = daysInRange(target, query);
    const groups = (query.groupBy ?? []).some((dimension) => dimension !== 'project' && dimension !== 'team');
    return planDays(days, query.range, buckets, {
      needsRows,
      needsGroups: groups || prepared.hasGroupFilter,
      mustBeRows: (day) => target.overlay?.days.has(day) ?? false,
    });
  }

  /** Runs that the open days hold at another generation than the log does at a position. */
  private async pinsOf(open: readonly OpenDay[], position: number): Promise<Pin[]> {
    const read = new Map(open.flatMap((day) => day.generations));
    if (read.size === 0) return [];
    const committed = await this.log.generationsAt([...read.keys()], position);
    return [...read]
      .filter(([runId, generation]) => committed.get(runId) !== generation)
      .map(([runId, generation]) => ({ runId, generation }));
  }

  private async readGroup(
    prepared: Prepared,
    group: readonly { target: Target; state: DayState }[],
    slices: Slices,
  ): Promise<Map<Target, Map<number, OpenDay>>> {
    const read = new Map<Target, Map<number, OpenDay>>();
    for (const target of prepared.targets) {
      const states = group.filter((item) => item.target === target).map((item) => item.state);
      if (states.length === 0) continue;
      const options = { parts: prepared.parts, overlay: target.overlay };
      read.set(target, await this.days.rows(target.facts.projectId, states, options, slices));
    }
    return read;
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

  /** Gives grouped tests their public ids in place of `projectId:number`. */
  private async nameTests(prepared: Prepared, rows: AnswerRow[]): Promise<AnswerRow[]> {
    const position = (prepared.query.groupBy ?? []).indexOf('test');
    if (position < 0) return rows;
    const wanted = new Map<string, Set<number>>();
    for (const { group } of rows) {
      const [projectId = '', number = ''] = group[position]!.split(':');
      wanted.set(projectId, (wanted.get(projectId) ?? new Set()).add(Number(number)));
    }
    const names = new Map<string, string>();
    for (const [projectId, numbers] of wanted)
      for (const [number, { testId }] of await this.tests.byNumbers(projectId, [...numbers]))
        names.set(testRef(projectId, number), testId);
    return rows.map((row) => ({
      ...row,
      group: row.group.map((value, index) => (index === position ? (names.get(value) ?? value) : value)),
    }));
  }
}

const newest = (states: ReadonlyMap<string, ProjectState>): DataVersion =>
  [...states.values()].reduce<DataVersion>((best, state) => (state.position > best.position ? state : best), {
    position: 0,
  });

const dayRange = ({ range }: MetricQuery): [first: number, last: number] => [
  dayOf(range.from.getTime()),
  dayOf(range.to.getTime() - 1),
];

const daysInRange = (target: Target, query: MetricQuery): DayState[] => {
  const [first, last] = dayRange(query);
  const known = [...target.state.days.values()].filter((state) => state.day >= first && state.day <= last);
  const inPast = [...(target.overlay?.days ?? [])]
    .filter((day) => day >= first && day <= last && !target.state.days.has(day))
    .map((day) => ({ day, version: 0, sealed: -1 }));
  return [...known, ...inPast].sort((a, b) => a.day - b.day);
};

const orderedDays = (prepared: Prepared, newestFirst: boolean): { target: Target; state: DayState }[] => {
  const sign = newestFirst ? -1 : 1;
  return prepared.targets
    .flatMap((target) => daysInRange(target, prepared.query).map((state) => ({ target, state })))
    .sort((a, b) => sign * (a.state.day - b.state.day));
};

const chunk = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));

/** The stored parts that hold the suites asked for, where they are few and named exactly. */
const exactParts = (filter: MetricFilter): number[] | undefined => {
  const exact = filter.exact?.find((part) => part.dimension === 'suite');
  const suites = exact ? [exact.value === '' ? NONE : exact.value] : filter.suites;
  if (!suites || suites.length === 0 || suites.length > 4) return undefined;
  if (!exact && suites.some((name) => name.startsWith('!') || name.includes('*'))) return undefined;
  return [...new Set(suites.map((name) => partOfSuite(name === NONE ? '' : name)))].sort((a, b) => a - b);
};
