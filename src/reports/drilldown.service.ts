import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, invalid, notFound, type Scope } from '../common/index.js';
import type { ResultStatus, StoredResult, StoredTest } from '../executions/index.js';
import { ResultsRepository, TestsRepository } from '../executions/index.js';
import { MetricsService } from '../metrics/index.js';
import { breadcrumbOf, type Crumb } from './domain/breadcrumb.js';
import type { DrillContext } from './domain/drill-context.js';
import { levelsBelow, nextLevel, parsePath, type Level, type PathSegment } from './domain/drill-path.js';
import { narrow, type CellBounds } from './domain/narrow.js';
import type { ReportBody, ReportRow } from './domain/report-body.js';
import type { CellPlace, ReportHead } from './domain/report.js';
import { DrilldownGroupsService, type DrillGroup } from './drilldown-groups.service.js';
import { DrilldownResultsService, type DrillResult } from './drilldown-results.service.js';
import { projectScope } from './report-builder.service.js';
import { ReportsService } from './reports.service.js';

export interface DrillQuery {
  readonly level?: Level;
  readonly path?: string | readonly string[];
  readonly row?: number;
  readonly period?: CellPlace['period'];
  readonly statuses?: readonly ResultStatus[];
  readonly cursor?: string;
  readonly limit: number;
}

export interface DrillStep extends Readonly<Record<string, unknown>> {
  readonly index: number;
}

export interface Drilldown {
  readonly level: Level;
  readonly breadcrumb: readonly Crumb[];
  readonly availableLevels: readonly Level[];
  readonly rows: readonly (DrillGroup | DrillResult | DrillStep)[];
  readonly total: number;
  readonly removed: { readonly deleted: number; readonly expired: number };
  readonly nextCursor: string | null;
  readonly asOf: number;
}

const NOTHING_REMOVED = { deleted: 0, expired: 0 } as const;

/** From a cell of a stored report down to the steps of one attempt, as it stood when the report was made. */
@Injectable()
export class DrilldownService {
  constructor(
    private readonly reports: ReportsService,
    private readonly metrics: MetricsService,
    private readonly groups: DrilldownGroupsService,
    private readonly results: DrilldownResultsService,
    private readonly documents: ResultsRepository,
    private readonly tests: TestsRepository,
  ) {}

  /** @throws DomainError 404; 422 `invalid_path`, `invalid_row`, `invalid_level`, `invalid_cursor` */
  async drill(scope: Scope, reportId: string, query: DrillQuery): Promise<Drilldown> {
    const { head, body } = await this.reports.find(scope, reportId);
    const spot = locate(body, query);
    const tests = await this.testsOn(scope, spot.segments);
    const page = await this.page(contextOf(scope, head, spot, tests, query.statuses), spot.level, query);
    const names = new Map(tests.map(({ testId, name }) => [testId, name]));
    return {
      level: spot.level,
      breadcrumb: breadcrumbOf(head, spot.place, spot.row, spot.path, names),
      availableLevels: spot.levels,
      ...page,
      asOf: head.asOf,
    };
  }

  private async page(
    context: DrillContext,
    level: Level,
    query: DrillQuery,
  ): Promise<Pick<Drilldown, 'rows' | 'total' | 'removed' | 'nextCursor'>> {
    if (level === 'step') return sliceOf(await this.stepsOf(context), query, NOTHING_REMOVED);
    if (context.narrowed.empty) return sliceOf([], query, NOTHING_REMOVED);
    if (level === 'result') return this.results.page(context, query);
    const removed = await this.metrics.removedIn(context.scope, context.narrowed.query, context.asOf);
    const page = sliceOf(await this.groups.rows(context, level), query, removed);
    return { ...page, rows: page.rows.map((row) => row()) };
  }

  /** Steps of one attempt; none where it has none. @throws DomainError 404 when it does not belong to the report */
  private async stepsOf({ head, scope, path }: DrillContext): Promise<DrillStep[]> {
    const resultId = path.find(({ kind }) => kind === 'result')?.value ?? '';
    const [result] = await this.documents.findByIds(scope, [resultId]);
    if (!result || !belongs(head, result)) throw notFound('Result');
    return result.steps.map((step, index) => ({ index, ...step }));
  }

  private async testsOn(scope: Scope, segments: readonly PathSegment[]): Promise<StoredTest[]> {
    const ids = segments.filter(({ kind }) => kind === 'test').map(({ value }) => value);
    return ids.length === 0 ? [] : this.tests.findByIds(scope, ids);
  }
}

/** What a request names, before anything is read. */
interface Spot {
  readonly place: CellPlace;
  readonly row?: ReportRow;
  readonly bounds: CellBounds;
  readonly path: readonly PathSegment[];
  /** Of the cell and of the path. */
  readonly segments: readonly PathSegment[];
  readonly levels: readonly Level[];
  readonly level: Level;
  /** What the cell says. */
  readonly executions: number;
}

const locate = (body: ReportBody, query: DrillQuery): Spot => {
  const { row: index, period = 'current' } = query;
  const path = parsePath(query.path);
  const figures = period === 'previous' ? body.previous : body;
  if (!figures) throw refused('invalid_row', 'The report has no previous period', '/period', 'must be current');
  const row = rowAt(figures.rows, index);
  const bounds = boundsOf(row);
  const segments = [...(bounds.group ?? []), ...path];
  const kinds = segments.map(({ kind }) => kind);
  const levels = levelsBelow(kinds);
  const level = query.level ?? nextLevel(kinds);
  if (!levels.includes(level))
    throw refused('invalid_level', `There is no level ${level} here`, '/level', `must be one of: ${levels.join(', ')}`);
  const place = { period, ...(index === undefined ? {} : { row: index }) };
  const { executions } = row?.cell ?? figures.totals;
  return { place, ...(row ? { row } : {}), bounds, path, segments, levels, level, executions };
};

const refused = (code: string, text: string, pointer: string, detail: string) =>
  invalid(code, text, [{ pointer, detail }]);

const contextOf = (
  scope: Scope,
  head: ReportHead,
  { place, bounds, path, executions }: Spot,
  tests: readonly StoredTest[],
  statuses: readonly ResultStatus[] | undefined,
): DrillContext => {
  // a test lies in one project and suite, and saying so spares reading the others
  const places = tests.flatMap(({ projectKey, suite }): PathSegment[] => [
    { kind: 'project', value: projectKey },
    { kind: 'suite', value: suite },
  ]);
  const narrowed = narrow(head, place, bounds, [...path, ...places], statuses);
  const whole = path.length === 0 && !statuses?.length;
  return {
    ...{ head, place, path, narrowed },
    scope: projectScope(
      scope,
      narrowed.projects.map((key) => ({ key })),
    ),
    asOf: { position: head.asOf, pins: head.pins },
    ...(whole ? { executions } : {}),
  };
};

const belongs = ({ projects }: ReportHead, result: StoredResult): boolean =>
  projects.some(({ id }) => id === result.projectId);

const rowAt = (rows: readonly ReportRow[], index: number | undefined): ReportRow | undefined => {
  if (index === undefined) return undefined;
  const row = rows[index];
  if (!row) throw refused('invalid_row', `The report has no row ${index}`, '/row', `must be less than ${rows.length}`);
  return row;
};

const boundsOf = (row: ReportRow | undefined): CellBounds => ({
  ...(row?.bucket ? { bucket: row.bucket } : {}),
  ...(row?.group
    ? {
        group: Object.entries(row.group).map(([kind, value]) => ({
          kind: kind as PathSegment['kind'],
          value: value ?? '',
        })),
      }
    : {}),
});

/** A page of rows that are all known; they stand still, as the report does. */
const sliceOf = <T>(
  rows: readonly T[],
  { cursor, limit }: DrillQuery,
  removed: Drilldown['removed'],
): { rows: T[]; total: number; removed: Drilldown['removed']; nextCursor: string | null } => {
  const start = cursor === undefined ? 0 : Number(decodeCursor(cursor, 1)[0]);
  const from = Number.isInteger(start) && start >= 0 ? start : rows.length;
  const end = from + limit;
  const nextCursor = end < rows.length ? encodeCursor([end]) : null;
  return { rows: rows.slice(from, end), total: rows.length, removed, nextCursor };
};
