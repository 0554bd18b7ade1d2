import { Injectable } from '@nestjs/common';
import { CommitLog, TestsRepository } from '../executions/index.js';
import { Slices, type Scope, Traced } from '../common/index.js';
import type { Project } from '../projects/index.js';
import { Accumulator, testRef } from './domain/accumulate.js';
import { DAY_MS } from './domain/build-rows.js';
import { planDays, type DayPlan } from './domain/plan-days.js';
import type { AnswerRow, AsOf, MetricAnswer, MetricFilter, MetricQuery, Pin, TimeRange } from './domain/query.js';
import { RowMatcher } from './domain/row-matcher.js';
import { RowTally } from './domain/row-tally.js';
import type { DayRows } from './domain/rows.js';
import { DAY_FORMS, DayReader, type OpenDay } from './persistence/day-reader.js';
import type { DayState } from './persistence/days.repository.js';
import { OverlayService } from './persistence/overlay.service.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';
import {
  dayRange,
  daysInRange,
  orderedDays,
  type DataVersion,
  type PreparedQuery,
  type QueryTarget,
  type ResolvedContent,
  type ResolvedScope,
} from './prepared-query.js';
import { QueryPreparer } from './query-preparer.service.js';

const DAYS_AT_ONCE = 32;
const ATTEMPTS_TO_SETTLE = 3;
/** Attempts that one answer reads one by one: about ten seconds of a processor, a day at a time in memory. */
const MOST_ROWS = 50_000_000;

/** The one query engine of the read model: every figure of reports, trends, quality, dashboards and alerts comes from here. */
@Injectable()
export class MetricsService {
  /** For tests, which have no data of that size. */
  mostRows = MOST_ROWS;

  constructor(
    private readonly preparer: QueryPreparer,
    private readonly tests: TestsRepository,
    private readonly days: DayReader,
    private readonly log: CommitLog,
    private readonly summaries: RunSummariesRepository,
    private readonly overlays: OverlayService,
  ) {}

  /** The data version of the projects that a filter names: moves with every change of what they would answer. */
  version(scope: Scope, filter: MetricFilter): Promise<DataVersion> {
    return this.preparer.version(scope, filter);
  }

  /** What a filter names, and where that stands. */
  resolve(scope: Scope, filter: MetricFilter): Promise<ResolvedScope> {
    return this.preparer.resolve(scope, filter);
  }

  /** The same, with what tells whether anything has changed within a range. */
  resolveContent(scope: Scope, filter: MetricFilter, range: TimeRange): Promise<ResolvedContent> {
    return this.preparer.resolveContent(scope, filter, range);
  }

  /** Moves with every change of what people have defined for some projects: aliases, outages, weights, quarantine. */
  definedAt(projectIds: readonly string[]): Promise<string> {
    return this.preparer.definedAt(projectIds);
  }

  /** The projects in scope that a filter names. @throws not_found for a name that is not there or not the caller's */
  projectsOf(scope: Scope, filter: MetricFilter): Promise<readonly Project[]> {
    return this.preparer.projectsOf(scope, filter);
  }

  /** Figures at the newest commit. */
  @Traced('metrics.query')
  async query(scope: Scope, query: MetricQuery): Promise<MetricAnswer> {
    return this.evaluate(await this.preparer.prepare(scope, query));
  }

  /** The same figures as they stood at `asOf`. */
  @Traced('metrics.query')
  async queryAsOf(scope: Scope, query: MetricQuery, asOf: AsOf): Promise<MetricAnswer> {
    const answer = await this.settled(scope, query, asOf, (prepared) => this.evaluate(prepared));
    return { ...answer, asOf: asOf.position, pins: asOf.pins };
  }

  /**
   * The attempts behind a query, day by day, without reading a result document. `match[i]` is 1 for what the query's
   * `executions` counts. Who goes back from the newest stops when he has enough; else there is a limit.
   * @throws DomainError 422 `query_too_broad`
   */
  async *scanRows(
    scope: Scope,
    query: MetricQuery,
    options: { readonly asOf?: AsOf; readonly newestFirst?: boolean; readonly daysAtOnce?: number } = {},
  ): AsyncGenerator<DayRows> {
    const { asOf, newestFirst = false, daysAtOnce = DAYS_AT_ONCE } = options;
    const prepared = asOf
      ? await this.settled(scope, query, asOf, (ready) => Promise.resolve(ready))
      : await this.preparer.prepare(scope, query);
    const slices = new Slices();
    const tally = new RowTally(newestFirst ? Infinity : this.mostRows);
    for (const group of newestFirst
      ? growing(orderedDays(prepared, true), daysAtOnce)
      : chunk(orderedDays(prepared, false), daysAtOnce)) {
      const read = await this.readGroup(prepared, group, slices);
      for (const { target, state } of group)
        for (const rows of read.get(target)?.get(state.day)?.rows ?? []) {
          tally.add(rows.length);
          const matcher = new RowMatcher(prepared.selection, target.facts.projectId, rows, state.day * DAY_MS);
          const { projectId, projectKey } = target.facts;
          yield { projectId, projectKey, day: state.day, rows, match: matcher.matches() };
          await slices.pause();
        }
    }
  }

  /** How many of the outcomes a query counts have lost their documents since: to deletion, to retention. */
  async removedIn(scope: Scope, query: MetricQuery, asOf: AsOf): Promise<{ deleted: number; expired: number }> {
    const removed = { deleted: 0, expired: 0 };
    const prepared = await this.preparer.prepare(scope, query);
    const projectIds = prepared.targets.map(({ facts }) => facts.projectId);
    const [deleted, expired] = await Promise.all([
      this.log.since(projectIds, asOf.position, ['deleted'], dayRange(query)),
      this.summaries.expiredRuns(projectIds, dayRange(query)),
    ]);
    const gone = Map.groupBy([...deleted, ...expired], ({ projectId }) => projectId);
    for (const [projectId, runs] of gone) {
      const read = await this.readGenerations(new Set(runs.map(({ runId = '' }) => runId)), asOf);
      for (const { state, parts } of await this.overlays.goneAt(scope.organization, projectId, read))
        for (const { day, rows } of parts) {
          const matcher = new RowMatcher(prepared.selection, projectId, rows, day * DAY_MS);
          const kind = state === 'expired' ? 'expired' : 'deleted';
          for (let i = 0; i < rows.length; i++) if (matcher.counts(i)) removed[kind]++;
        }
    }
    return removed;
  }

  /** At which generation a read of the past takes some runs; those that it takes at none are left out. */
  private async readGenerations(runIds: ReadonlySet<string>, asOf: AsOf): Promise<Map<string, number>> {
    const generations = await this.log.generationsAt([...runIds], asOf.position);
    for (const { runId, generation } of asOf.pins) if (runIds.has(runId)) generations.set(runId, generation);
    return generations;
  }

  /** Repeats a read of the past until no run was caught between its summary and its commit. */
  private async settled<T>(
    scope: Scope,
    query: MetricQuery,
    asOf: AsOf,
    read: (prepared: PreparedQuery) => Promise<T>,
  ): Promise<T> {
    let inFlight: readonly string[] = [];
    for (let attempt = 1; ; attempt++) {
      const prepared = await this.preparer.prepare(scope, query, asOf, inFlight);
      const ahead = (await this.aheadOf(prepared, asOf)).filter((runId) => !inFlight.includes(runId));
      if (ahead.length === 0 || attempt === ATTEMPTS_TO_SETTLE) return read(prepared);
      inFlight = [...inFlight, ...ahead];
    }
  }

  private async aheadOf(prepared: PreparedQuery, asOf: AsOf): Promise<string[]> {
    const slices = new Slices();
    const ahead: string[] = [];
    for (const target of prepared.targets) {
      const open = daysInRange(target, prepared.query).filter(
        (state) => state.sealed !== state.version && !target.overlay?.days.has(state.day),
      );
      const read = await this.days.rows(target.facts.projectId, open, { position: prepared.version.position }, slices);
      ahead.push(...(await this.pinsOf([...read.values()], asOf.position)).map((pin) => pin.runId));
    }
    return ahead;
  }

  private async evaluate(prepared: PreparedQuery): Promise<MetricAnswer> {
    const { query, selection, bucketAt, targets, version } = prepared;
    const accumulator = new Accumulator(selection, query.groupBy ?? [], bucketAt, query.interval !== undefined);
    const slices = new Slices();
    const open: OpenDay[] = [];
    const tally = new RowTally(prepared.needsRows ? this.mostRows : Infinity);
    for (const target of targets) open.push(...(await this.addProject(prepared, target, accumulator, tally, slices)));
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
    prepared: PreparedQuery,
    target: QueryTarget,
    accumulator: Accumulator,
    tally: RowTally,
    slices: Slices,
  ): Promise<OpenDay[]> {
    const { facts, overlay } = target;
    const plan = this.plan(prepared, target);
    const asRows = [...plan.rows];
    for (const kind of DAY_FORMS) {
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
        { position: prepared.version.position, parts: prepared.parts, overlay },
        slices,
      )) {
        for (const rows of open.rows) {
          tally.add(rows.length);
          accumulator.addRows(facts, day * DAY_MS, rows);
        }
        if (open.generations.length > 0) opened.push(open);
        await slices.pause();
      }
    return opened;
  }

  private plan(prepared: PreparedQuery, target: QueryTarget): DayPlan {
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
    prepared: PreparedQuery,
    group: readonly { target: QueryTarget; state: DayState }[],
    slices: Slices,
  ): Promise<Map<QueryTarget, Map<number, OpenDay>>> {
    const read = new Map<QueryTarget, Map<number, OpenDay>>();
    for (const target of prepared.targets) {
      const states = group.filter((item) => item.target === target).map((item) => item.state);
      if (states.length === 0) continue;
      const { version, parts } = prepared;
      const options = { position: version.position, parts, overlay: target.overlay };
      read.set(target, await this.days.rows(target.facts.projectId, states, options, slices));
    }
    return read;
  }

  /** Gives grouped tests their public ids in place of `projectId:number`. */
  private async nameTests(prepared: PreparedQuery, rows: AnswerRow[]): Promise<AnswerRow[]> {
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

/** Who begins with the newest often has enough after a day: 2 at first, then twice as many each time. */
const growing = function* <T>(items: readonly T[], most: number): Generator<readonly T[]> {
  for (let from = 0, size = Math.min(2, most); from < items.length; size = Math.min(2 * size, most)) {
    yield items.slice(from, from + size);
    from += size;
  }
};

const chunk = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
