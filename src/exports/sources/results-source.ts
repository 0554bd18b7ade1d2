import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import { Slices } from '../../common/index.js';
import {
  ResultsRepository,
  type Run,
  RunsRepository,
  type StoredTest,
  TestsRepository,
} from '../../executions/index.js';
import { type AttemptMode, countsOf, type DayRows, MetricsService, type MetricQuery } from '../../metrics/index.js';
import type { Row } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import type { SourceOptions } from '../domain/export-job.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import { newestFirst } from './day-order.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { FiguresSummary } from './figures-summary.js';
import { ResultLookups, resultIdFor, type RowRef, testKey } from './result-lookups.js';
import { RESULT_COLUMNS, RESULT_DEFAULTS, type ResultColumn, ResultItem } from './results-columns.js';

const BATCH = 1_000;
/** Decoded days in memory: to write the rows of one takes longer than to read the next ones. */
const DAYS_AT_ONCE = 4;

const attemptsOf = ({ attempts }: SourceOptions): AttemptMode => (attempts === 'final' ? 'final' : 'all');

const queryOf = ({ filter, range, options }: Pick<ReadContext, 'filter' | 'range' | 'options'>): MetricQuery => ({
  ...{ filter, range },
  attempts: attemptsOf(options),
});

/** What needs the most reading of the columns asked for. */
const needsOf = (columns: readonly ResultColumn[]): ResultColumn['needs'] => {
  const needs = new Set(columns.map((column) => column.needs));
  return needs.has('document') ? 'document' : needs.has('error') ? 'error' : undefined;
};

/**
 * The attempts that a filter counts, newest first. They come from the packed columns of the read model, day by day and as
 * of one position of the commit log, so they are as many as a report says; documents are read for what the columns do
 * not hold. Attempts whose run was removed are left out, as in a drill-down.
 */
@Injectable()
export class ResultsSource implements ExportSource {
  readonly kind = 'results';
  readonly title = 'Results';
  readonly description = 'Attempts (or only outcomes, with `attempts: final`) that the filter counts, newest first';
  readonly permission = 'results:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = RESULT_COLUMNS;
  readonly defaultColumns = RESULT_DEFAULTS;
  readonly documentColumns = ['startedAt', 'suite', 'name', 'status', 'durationMs', 'errorMessage'];

  constructor(
    private readonly metrics: MetricsService,
    private readonly tests: TestsRepository,
    private readonly runs: RunsRepository,
    private readonly results: ResultsRepository,
    private readonly figures: FiguresSummary,
  ) {}

  async prepare({ scope }: Principal, { options, filter, range }: SourceRequest): Promise<PreparedSource> {
    const projects = await this.metrics.projectsOf(scope, filter);
    return {
      options: { attempts: attemptsOf(options) },
      ...{ filter, range },
      projects: projects.map(({ key }) => key),
      name: 'results',
      defaultColumns: this.defaultColumns,
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    const { scope, asOf } = context;
    const query = queryOf(context);
    const answer = asOf ? await this.metrics.queryAsOf(scope, query, asOf) : await this.metrics.query(scope, query);
    const at = { position: answer.asOf, pins: answer.pins };
    const removed = await this.metrics.removedIn(scope, query, at);
    return { rows: countsOf(answer.totals).executions - removed.deleted - removed.expired, exact: true, asOf: at };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(RESULT_COLUMNS, keys, RESULT_DEFAULTS);
    const { tests, runs, results, metrics } = this;
    const lookups = new ResultLookups(context.scope, { tests, runs, results });
    const { asOf } = context;
    let ofDay: DayRows[] = [];
    const options = { asOf, newestFirst: true, daysAtOnce: DAYS_AT_ONCE };
    for await (const day of metrics.scanRows(context.scope, queryOf(context), options)) {
      if (ofDay[0] && ofDay[0].day !== day.day) {
        yield* this.rowsOfDay(context, lookups, ofDay, columns);
        ofDay = [];
      }
      ofDay.push(day);
    }
    if (ofDay.length > 0) yield* this.rowsOfDay(context, lookups, ofDay, columns);
  }

  summary({ scope, filter, range, options }: ReadContext): Promise<Summary> {
    return this.figures.of(
      scope,
      { filter, range, attempts: attemptsOf(options) },
      { title: 'Test results', withRows: true },
    );
  }

  private async *rowsOfDay(
    context: ReadContext,
    lookups: ResultLookups,
    days: readonly DayRows[],
    columns: readonly ResultColumn[],
  ): AsyncGenerator<readonly Row[]> {
    const runs = await lookups.runsOf(days);
    const isLive = (day: DayRows, run: number): boolean => runs.get(day.rows.runs[run]!.runId)?.state === 'live';
    const slices = new Slices();
    let batch: RowRef[] = [];
    for (const ref of newestFirst(days, isLive)) {
      batch.push(ref);
      if (batch.length < BATCH) continue;
      context.signal.throwIfAborted();
      yield await this.rowsOf(lookups, runs, batch, columns);
      batch = [];
      await slices.pause();
    }
    if (batch.length > 0) yield await this.rowsOf(lookups, runs, batch, columns);
  }

  private async rowsOf(
    lookups: ResultLookups,
    runs: ReadonlyMap<string, Run>,
    refs: readonly RowRef[],
    columns: readonly ResultColumn[],
  ): Promise<Row[]> {
    const tests = await lookups.testsOf(refs);
    const documents = await lookups.documentsOf(refs, tests, needsOf(columns));
    return refs.map((ref) => {
      const { day, i } = ref;
      const run = runs.get(day.rows.runs[day.rows.run[i]!]!.runId)!;
      const test = tests.get(testKey(day, i)) ?? unknownTest(day, i);
      const document = documents.size > 0 ? documents.get(resultIdFor(ref, test)) : undefined;
      const item = new ResultItem(day, i, run, test, document);
      return columns.map((column) => column.value(item));
    });
  }
}

/** A result without its test cannot be; should it be, its row is there all the same, so that the file has as many as it says. */
const unknownTest = ({ projectId, projectKey, rows }: DayRows, i: number): StoredTest => ({
  ...{ testId: '', projectId, projectKey, name: '' },
  number: rows.test[i]!,
  suite: rows.groups[rows.group[i]!]!.suite,
});
