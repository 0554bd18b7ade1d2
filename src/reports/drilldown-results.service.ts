import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, invalid, type Scope } from '../common/index.js';
import {
  RESULT_STATUSES,
  ResultsRepository,
  RunsRepository,
  TestsRepository,
  type ResultStatus,
  type Run,
  type StoredResult,
  type StoredTest,
} from '../executions/index.js';
import {
  countsOf,
  MetricsService,
  ROW_HAS_DURATION,
  ROW_STATUS,
  type DayRows,
  type MetricQuery,
} from '../metrics/index.js';
import { attemptRef, isInCluster, newestFirst, type AttemptRef } from './domain/attempt-scan.js';
import type { DrillContext } from './domain/drill-context.js';
import { drillHref } from './domain/links.js';
import { resultIdFor } from './report-lists.service.js';

/** One attempt behind a cell. `href` leads to its steps. */
export interface DrillResult {
  readonly resultId: string;
  readonly testId: string;
  readonly name: string;
  readonly suite: string | null;
  readonly status: ResultStatus;
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs: number | null;
  readonly error: { readonly type: string | null; readonly message: string | null } | null;
  readonly runId: string;
  readonly projectKey: string;
  readonly branch: string | null;
  readonly environment: string | null;
  readonly steps: number;
  readonly href: string;
}

interface Candidate extends AttemptRef {
  readonly status: ResultStatus;
  readonly durationMs: number | null;
  readonly branch: string;
  readonly environment: string;
}

interface ResultPage {
  readonly rows: DrillResult[];
  readonly total: number;
  readonly removed: { readonly deleted: number; readonly expired: number };
  readonly nextCursor: string | null;
}

interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

const MESSAGE_LENGTH = 1000;

/** The attempts behind a cell, newest first; documents are read for the page that is shown and no other. */
@Injectable()
export class DrilldownResultsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
    private readonly tests: TestsRepository,
    private readonly results: ResultsRepository,
  ) {}

  /** As many rows over all pages as `total` says; total + removed = what the cell says. */
  async page(context: DrillContext, query: PageQuery): Promise<ResultPage> {
    const after = query.cursor === undefined ? undefined : positionOf(query.cursor);
    const states = new RunStates(this.runs, context.scope);
    const { counts, found } =
      context.narrowed.fingerprint === undefined
        ? {
            counts: await this.countsOf(context),
            found: await this.collect(context, states, query.limit + 1, after),
          }
        : await this.ofCluster(context, states, query.limit + 1, after);
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      rows: await this.toRows(context, shown),
      ...counts,
      nextCursor: found.length > query.limit && last ? cursorOf(last) : null,
    };
  }

  private async countsOf(context: DrillContext): Promise<Pick<ResultPage, 'total' | 'removed'>> {
    const { scope, narrowed, asOf } = context;
    const executions =
      context.executions ?? countsOf((await this.metrics.queryAsOf(scope, narrowed.query, asOf)).totals).executions;
    const removed = await this.metrics.removedIn(scope, narrowed.query, asOf);
    return { total: executions - removed.deleted - removed.expired, removed };
  }

  /** Reads days from the newest on until the page is full. */
  private async collect(
    { scope, narrowed, asOf }: DrillContext,
    states: RunStates,
    wanted: number,
    after: AttemptRef | undefined,
  ): Promise<Candidate[]> {
    const found: Candidate[] = [];
    const query = after ? endingAt(narrowed.query, after.at) : narrowed.query;
    // in order; what has become of their runs is asked when they may fill the page, and not day by day
    let pending: Candidate[] = [];
    let ofDay: Candidate[] = [];
    let day: number | undefined;
    const finishDay = (): void => {
      pending.push(...ofDay.filter((ref) => !after || newestFirst(ref, after) > 0).sort(newestFirst));
      ofDay = [];
    };
    const settle = async (): Promise<void> => {
      for (let i = 0; i < pending.length && found.length < wanted; i += wanted)
        found.push(...(await states.live(pending.slice(i, i + wanted))));
      pending = [];
    };
    for await (const rows of this.metrics.scanRows(scope, query, { asOf, newestFirst: true })) {
      if (day !== undefined && rows.day !== day) {
        finishDay();
        if (found.length + pending.length >= wanted) await settle();
        if (found.length >= wanted) return found.slice(0, wanted);
      }
      day = rows.day;
      for (let i = 0; i < rows.rows.length; i++) if (rows.match[i]) ofDay.push(candidateOf(rows, i));
    }
    finishDay();
    await settle();
    return found.slice(0, wanted);
  }

  /** No rollup counts clusters: all of its attempts are looked at, and the counts come with them. */
  private async ofCluster(
    { scope, narrowed, asOf }: DrillContext,
    states: RunStates,
    wanted: number,
    after: AttemptRef | undefined,
  ): Promise<{ counts: Pick<ResultPage, 'total' | 'removed'>; found: Candidate[] }> {
    const all: Candidate[] = [];
    for await (const day of this.metrics.scanRows(scope, narrowed.query, { asOf })) {
      const fingerprint = day.rows.fingerprints.indexOf(narrowed.fingerprint ?? '');
      if (fingerprint < 0) continue;
      for (let i = 0; i < day.rows.length; i++) if (isInCluster(day, i, fingerprint)) all.push(candidateOf(day, i));
    }
    const live = await states.live(all);
    const expired = await states.countExpired(all);
    const rest = live.filter((ref) => !after || newestFirst(ref, after) > 0).sort(newestFirst);
    const removed = { deleted: all.length - live.length - expired, expired };
    return { counts: { total: live.length, removed }, found: rest.slice(0, wanted) };
  }

  private async toRows(
    { head, place, path, scope }: DrillContext,
    found: readonly Candidate[],
  ): Promise<DrillResult[]> {
    const tests = new Map<string, StoredTest>();
    for (const [projectId, members] of Map.groupBy(found, (ref) => ref.projectId)) {
      const known = await this.tests.byNumbers(
        projectId,
        members.map(({ test }) => test),
      );
      for (const test of known.values()) tests.set(`${projectId}:${test.number}`, test);
    }
    const testOf = (ref: AttemptRef): StoredTest | undefined => tests.get(`${ref.projectId}:${ref.test}`);
    const documents = await this.results.findByIds(
      scope,
      found.map((ref) => resultIdFor(ref, testOf(ref))),
    );
    const byId = new Map(documents.map((document) => [document.resultId, document]));
    return found.map((ref) => {
      const resultId = resultIdFor(ref, testOf(ref));
      const href = drillHref(head.reportId, place, [...path, { kind: 'result', value: resultId }], 'step');
      return toRow(ref, resultId, testOf(ref), byId.get(resultId), href);
    });
  }
}

/** What has become of runs, asked once each. */
class RunStates {
  private readonly known = new Map<string, Run['state']>();

  constructor(
    private readonly runs: RunsRepository,
    private readonly scope: Scope,
  ) {}

  async live<T extends AttemptRef>(refs: readonly T[]): Promise<T[]> {
    await this.ask(refs);
    return refs.filter(({ runId }) => this.known.get(runId) === 'live');
  }

  async countExpired(refs: readonly AttemptRef[]): Promise<number> {
    await this.ask(refs);
    return refs.filter(({ runId }) => this.known.get(runId) === 'expired').length;
  }

  private async ask(refs: readonly AttemptRef[]): Promise<void> {
    const unknown = [...new Set(refs.map(({ runId }) => runId))].filter((runId) => !this.known.has(runId));
    if (unknown.length === 0) return;
    for (const run of await this.runs.findMany(this.scope, unknown)) this.known.set(run.runId, run.state);
  }
}

const candidateOf = (day: DayRows, i: number): Candidate => {
  const { rows } = day;
  const flags = rows.flags[i]!;
  const { branch, environment } = rows.groups[rows.group[i]!]!;
  return {
    ...attemptRef(day, i),
    status: RESULT_STATUSES[flags & ROW_STATUS]!,
    durationMs: flags & ROW_HAS_DURATION ? rows.durationUs[i]! / 1000 : null,
    ...{ branch, environment },
  };
};

const endingAt = (query: MetricQuery, at: number): MetricQuery => ({
  ...query,
  range: { ...query.range, to: new Date(Math.min(query.range.to.getTime(), at + 1)) },
});

const toRow = (
  ref: Candidate,
  resultId: string,
  test: StoredTest | undefined,
  document: StoredResult | undefined,
  href: string,
): DrillResult => ({
  resultId,
  testId: test?.testId ?? '',
  name: test?.name ?? '',
  suite: test?.suite || null,
  status: ref.status,
  attempt: ref.attempt,
  startedAt: new Date(ref.at).toISOString(),
  durationMs: ref.durationMs,
  error: document?.error
    ? { type: document.error.type ?? null, message: document.error.message?.slice(0, MESSAGE_LENGTH) ?? null }
    : null,
  runId: ref.runId,
  projectKey: test?.projectKey ?? '',
  branch: ref.branch || null,
  environment: ref.environment || null,
  steps: document?.steps.length ?? 0,
  href,
});

const cursorOf = ({ at, projectId, runId, test, attempt }: AttemptRef): string =>
  encodeCursor([at, projectId, runId, test, attempt]);

const positionOf = (cursor: string): AttemptRef => {
  const [at, projectId, runId, test, attempt] = decodeCursor(cursor, 5);
  if (![at, test, attempt].every(Number.isSafeInteger) || typeof projectId !== 'string' || typeof runId !== 'string')
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  return {
    at: at as number,
    projectId,
    runId,
    test: test as number,
    attempt: attempt as number,
    runStartedAtSeconds: 0,
  };
};
