import { Injectable } from '@nestjs/common';
import { DateTime } from 'luxon';
import type { Principal } from '../../auth/index.js';
import { invalid } from '../../common/index.js';
import { type AttemptMode, DIMENSIONS, type Dimension, MetricsService } from '../../metrics/index.js';
import {
  type GenerateInput,
  type ReportBody,
  type ReportHead,
  type ReportRow,
  ReportsService,
  ReportTemplatesService,
  type ReportType,
} from '../../reports/index.js';
import type { Cell, ColumnType, Row, ValueColumn } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { reportSummary } from './report-summary.js';

type ReportColumn = ValueColumn<ReportRow>;
type Figures = ReportRow['cell'];

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (row: ReportRow) => Cell,
): ReportColumn => ({ key, title, type, description, value });

const figure = (key: string, title: string, description: string, value: (cell: Figures) => Cell): ReportColumn =>
  column(key, title, 'number', description, ({ cell }) => value(cell));

const COLUMNS: readonly ReportColumn[] = [
  column('from', 'From', 'date', 'Begin of the bucket', ({ bucket }) => (bucket ? new Date(bucket.from) : null)),
  column('to', 'To', 'date', 'End of the bucket, excluded', ({ bucket }) => (bucket ? new Date(bucket.to) : null)),
  ...DIMENSIONS.map((dimension) =>
    column(
      dimension,
      dimension,
      'text',
      `The ${dimension} of a report grouped by it`,
      ({ group }) => group?.[dimension] ?? null,
    ),
  ),
  column('testName', 'Test name', 'text', 'With groups by test', ({ labels }) => labels?.test ?? null),
  figure('executions', 'Executions', 'Outcomes of every status', (cell) => cell.executions),
  figure('passed', 'Passed', 'Passed', (cell) => cell.passed),
  figure('failed', 'Failed', 'An assertion failed', (cell) => cell.failed),
  figure('broken', 'Broken', 'Anything else threw', (cell) => cell.broken),
  figure('timeout', 'Timed out', 'Took too long', (cell) => cell.timeout),
  figure('skipped', 'Skipped', 'Skipped', (cell) => cell.skipped),
  figure('cancelled', 'Cancelled', 'Cancelled', (cell) => cell.cancelled),
  figure('flaky', 'Flaky', 'Passed after a failed attempt', (cell) => cell.flaky),
  figure('retried', 'Retried', 'More than one attempt', (cell) => cell.retried),
  figure('passRate', 'Pass rate', '0..1', (cell) => cell.passRate.value),
  figure('passRateLow', 'Pass rate low', 'Lower end of the 95 % interval', (cell) => cell.passRate.low),
  figure('passRateHigh', 'Pass rate high', 'Upper end of the 95 % interval', (cell) => cell.passRate.high),
  figure('averageMs', 'Average (ms)', 'Mean duration', (cell) => cell.durationMs.average),
  figure('p50Ms', 'Median (ms)', 'Median duration', (cell) => cell.durationMs.p50),
  figure('p95Ms', '95th percentile (ms)', '95th percentile of the duration', (cell) => cell.durationMs.p95),
  figure('p99Ms', '99th percentile (ms)', '99th percentile of the duration', (cell) => cell.durationMs.p99),
  figure('totalMs', 'Total (ms)', 'Sum of the durations', (cell) => cell.durationMs.total),
  column('href', 'Rows behind it', 'text', 'Path of the API', ({ cell }) => cell.href),
];

const FIGURES = [
  ...['executions', 'passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled', 'flaky', 'passRate'],
  ...['averageMs', 'p50Ms', 'p95Ms', 'totalMs'],
];

const defaultsOf = ({ request }: ReportHead): string[] => [
  ...(request.interval === undefined ? [] : ['from', 'to']),
  ...request.groupBy.flatMap((dimension: Dimension) => (dimension === 'test' ? ['test', 'testName'] : [dimension])),
  ...FIGURES,
];

/** The cells of one report: a stored one, or one that is generated when the export is asked for. */
@Injectable()
export class ReportSource implements ExportSource {
  readonly kind = 'report';
  readonly title = 'Report';
  readonly description =
    'The cells of a report, one row each; as PDF with its key figures, charts and lists. `reportId`, `templateId` or `type` says which';
  readonly permission = 'reports:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = COLUMNS;
  readonly defaultColumns = ['from', 'to', ...FIGURES];

  constructor(
    private readonly reports: ReportsService,
    private readonly templates: ReportTemplatesService,
    private readonly metrics: MetricsService,
  ) {}

  /** Without a report being generated for it. */
  async check(principal: Principal, request: SourceRequest): Promise<void> {
    const { reportId } = request.options;
    if (typeof reportId === 'string') await this.reports.findHead(principal.scope, reportId);
    else await this.metrics.projectsOf(principal.scope, (await this.inputOf(principal, request)).filter);
  }

  async prepare(principal: Principal, request: SourceRequest): Promise<PreparedSource> {
    const head = await this.headOf(principal, request);
    return {
      options: { reportId: head.reportId },
      filter: head.request.filter,
      range: head.request.range,
      projects: head.projects.map(({ key }) => key),
      name: head.name ?? `${head.type.replaceAll('_', ' ')} report`,
      defaultColumns: defaultsOf(head),
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    const { body, head } = await this.read(context);
    return { rows: rowsOf(body).length, exact: true, asOf: { position: head.asOf, pins: head.pins } };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const { body, head } = await this.read(context);
    const columns = chooseColumns(COLUMNS, keys, defaultsOf(head));
    yield rowsOf(body).map((row) => columns.map((each) => each.value(row)));
  }

  async summary(context: ReadContext): Promise<Summary> {
    const { body, head } = await this.read(context);
    const { timeZone } = head.request.range;
    return reportSummary(head, body, (at) =>
      DateTime.fromISO(at, { zone: timeZone }).toFormat('dd LLL yy', { locale: 'en' }),
    );
  }

  private read({ scope, options }: ReadContext): Promise<{ head: ReportHead; body: ReportBody }> {
    return this.reports.find(scope, String(options.reportId));
  }

  private async headOf(principal: Principal, request: SourceRequest): Promise<ReportHead> {
    const { reportId } = request.options;
    if (typeof reportId === 'string') return this.reports.findHead(principal.scope, reportId);
    return (await this.reports.generate(principal, await this.inputOf(principal, request))).head;
  }

  private async inputOf(principal: Principal, request: SourceRequest): Promise<GenerateInput> {
    const { templateId, type } = request.options;
    const template =
      typeof templateId === 'string' ? await this.templates.find(principal.scope, templateId) : undefined;
    const wanted = (type as ReportType | undefined) ?? template?.request.type;
    if (wanted === undefined)
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/source', detail: 'must name a reportId, a templateId or a type' },
      ]);
    // the range of a template is what the request says anyway
    const definition = { ...template?.request, timeRange: undefined };
    const attempts = request.options.attempts as AttemptMode | undefined;
    return {
      comparePrevious: true,
      ...definition,
      type: wanted,
      waitForScores: true,
      ...(template ? { name: template.name } : {}),
      ...(attempts === undefined ? {} : { attempts }),
      filter: { ...definition.filter, ...request.filter },
      range: request.range,
    };
  }
}

/** A report without groups and buckets has one row: its totals. */
const rowsOf = ({ rows, totals }: ReportBody): readonly ReportRow[] => (rows.length > 0 ? rows : [{ cell: totals }]);
