import { Injectable } from '@nestjs/common';
import { decodeCursor, encodeCursor, invalid, notFound, type Scope } from '../common/index.js';
import type { ResultStatus, StoredResult, StoredTest } from '../executions/index.js';
import { ResultsRepository, TestsRepository } from '../executions/index.js';
import { MetricsService, type AsOf } from '../metrics/index.js';
import { breadcrumbOf, type Crumb } from './domain/breadcrumb.js';
import { levelsBelow, nextLevel, parsePath, type Level, type PathSegment } from './domain/drill-path.js';
import { narrow, type CellBounds, type Narrowed } from './domain/narrow.js';
import type { ReportRow } from './domain/report-body.js';
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

/** Where a drill-down stands: the part of the report, and all that its levels need. */
export interface DrillContext {
  readonly head: ReportHead;
  readonly place: CellPlace;
  readonly path: readonly PathSegment[];
  readonly statuses?: readonly ResultStatus[];
  readonly scope: Scope;
  readonly narrowed: Narrowed;
  readonly asOf: AsOf;
  /** What the cell itself says, where nothing narrows it further. */
  readonly executions?: number;
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
    const place: CellPlace = {
      period: query.period ?? 'current',
      ...(query.row === undefined ? {} : { row: query.row }),
    };
    const path = parsePath(query.path);
    const period = place.period === 'previous' ? body.previous : body;
    if (!period)
      throw invalid('invalid_row', 'The report does not compare with a previous period', [
        { pointer: '/period', detail: 'must be current' },
      ]);
    const row = rowAt(period.rows, query.row);
    const bounds = boundsOf(row);
    const kinds = [...(bounds.group ?? []), ...path].map(({ kind }) => kind);
    const levels = levelsBelow(kinds);
    const level = query.level ?? nextLevel(kinds);
    if (!levels.includes(level))
      throw invalid('invalid_level', `There is no level ${level} below this path`, [
        { pointer: '/level', detail: `must be one of: ${levels.join(', ')}` },
      ]);
    const tests = await this.testsOn(scope, [...(bounds.group ?? []), ...path]);
    const context = this.contextOf(
      scope,
      head,
      place,
      bounds,
      path,
      tests,
      query.statuses,
      (row?.cell ?? period.totals).executions,
    );
    const page = await this.page(context, level, query);
    return {
      level,
      breadcrumb: breadcrumbOf(head, place, row, path, new Map(tests.map(({ testId, name }) => [testId, name]))),
      availableLevels: levels,
      ...page,
      asOf: head.asOf,
    };
  }

  private contextOf(
    scope: Scope,
    head: ReportHead,
    place: CellPlace,
    bounds: CellBounds,
    path: readonly PathSegment[],
    tests: readonly StoredTest[],
    statuses: readonly ResultStatus[] | undefined,
    executions: number,
  ): DrillContext {
    // a test lies in one project and suite, and saying so spares reading the others
    const places = tests.flatMap(({ projectKey, suite }): PathSegment[] => [
      { kind: 'project', value: projectKey },
      { kind: 'suite', value: suite },
    ]);
    const narrowed = narrow(head, place, bounds, [...path, ...places], statuses);
    const whole = path.length === 0 && !statuses?.length;
    return {
      ...{ head, place, path, narrowed },
      ...(statuses ? { statuses } : {}),
      scope: projectScope(
        scope,
        narrowed.projects.map((key) => ({ key })),
      ),
      asOf: { position: head.asOf, pins: head.pins },
      ...(whole ? { executions } : {}),
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
    return sliceOf(await this.groups.rows(context, level), query, removed);
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

const belongs = ({ projects }: ReportHead, result: StoredResult): boolean =>
  projects.some(({ id }) => id === result.projectId);

const rowAt = (rows: readonly ReportRow[], index: number | undefined): ReportRow | undefined => {
  if (index === undefined) return undefined;
  const row = rows[index];
  if (!row)
    throw invalid('invalid_row', `The report has no row ${index}`, [
      { pointer: '/row', detail: `must be less than ${rows.length}` },
    ]);
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
