import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import { invalid, notFound, type Scope } from '../../common/index.js';
import { type RunRecord, RunsRepository } from '../../executions/index.js';
import { compileFilter, type MetricFilter, MetricsService } from '../../metrics/index.js';
import type { Row } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { FORMATS, ROW_FORMATS, type ExportFormat } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, RunFilePart, SourceRequest } from './export-source.js';
import { FiguresSummary } from './figures-summary.js';
import { RunFiles } from './run-files.js';
import { RUN_COLUMNS, RUN_DEFAULTS } from './runs-columns.js';

const PAGE = 500;
const MOST_NAMED = 1_000;

/** Lists of the filter that speak of results: a run has them when one of its outcomes does. */
const RESULT_LISTS = [
  'suites',
  'tests',
  'types',
  'tags',
  'tagsAll',
  'owners',
  'statuses',
] as const satisfies (keyof MetricFilter)[];

const hasResultLists = (filter: MetricFilter): boolean => RESULT_LISTS.some((name) => filter[name] !== undefined);

const namedOf = (options: ReadContext['options']): readonly string[] | undefined =>
  options.runIds as readonly string[] | undefined;

/** Runs that started in the range, newest first, or the ones named. */
@Injectable()
export class RunsSource implements ExportSource {
  readonly kind = 'runs';
  readonly title = 'Runs';
  readonly description =
    'Runs that started in the range, newest first, or those of `runIds`; JUnit XML and CTRF take one run, with all of its attempts';
  readonly permission = 'runs:read';
  readonly formats: readonly ExportFormat[] = [...ROW_FORMATS, 'pdf', 'junit', 'ctrf'];
  readonly columns = RUN_COLUMNS;
  readonly defaultColumns = RUN_DEFAULTS;
  readonly documentColumns = ['startedAt', 'name', 'branch', 'executions', 'failed', 'passRate'];

  constructor(
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
    private readonly figures: FiguresSummary,
    private readonly files: RunFiles,
  ) {}

  async prepare({ scope }: Principal, request: SourceRequest): Promise<PreparedSource> {
    const runIds = namedOf(request.options);
    const base = { filter: request.filter, range: request.range, defaultColumns: this.defaultColumns };
    if (FORMATS[request.format].shape === 'run' && runIds?.length !== 1)
      throw invalid('one_run_needed', `${request.format} holds one run`, [
        { pointer: '/source/runIds', detail: 'must name one run' },
      ]);
    if (runIds === undefined) {
      const projects = await this.metrics.projectsOf(scope, request.filter);
      return { ...base, options: {}, projects: projects.map(({ key }) => key), name: 'runs' };
    }
    const found = await this.named(scope, runIds);
    const [only] = found;
    return {
      ...base,
      options: { runIds },
      projects: [...new Set(found.map(({ projectKey }) => projectKey))],
      name: found.length === 1 && only ? `run ${only.name ?? only.externalId}` : 'runs',
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    const runIds = namedOf(context.options);
    const { scope, filter, range, format } = context;
    if (runIds && FORMATS[format].shape === 'run') {
      const [run] = await this.named(scope, runIds);
      return { rows: run?.totals.executions ?? 0, exact: true };
    }
    if (runIds) return { rows: runIds.length, exact: true };
    const rows = await this.runs.count(scope, {
      ...(await this.narrowed(scope, filter)),
      from: range.from,
      to: range.to,
    });
    return { rows, exact: compileFilter(filter).isEmpty };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(RUN_COLUMNS, keys, RUN_DEFAULTS);
    for await (const page of this.pages(context)) {
      context.signal.throwIfAborted();
      if (page.length > 0) yield page.map((run) => columns.map((column) => column.value(run)));
    }
  }

  summary({ scope, filter, range, options }: ReadContext): Promise<Summary> {
    const runs = namedOf(options);
    const query = { filter: { ...filter, ...(runs ? { runs } : {}) }, range, attempts: 'final' as const };
    return this.figures.of(scope, query, { title: 'Test runs', withRows: true });
  }

  async *runFile(context: ReadContext, format: ExportFormat): AsyncGenerator<RunFilePart> {
    const [run] = await this.named(context.scope, namedOf(context.options) ?? []);
    if (run) yield* this.files.write(context.scope, run, format, context.signal);
  }

  private async *pages(context: ReadContext): AsyncGenerator<RunRecord[]> {
    const { scope, filter, range } = context;
    const runIds = namedOf(context.options);
    if (runIds) {
      yield await this.named(scope, runIds);
      return;
    }
    const isWanted = await this.matcher(context);
    const within = { ...(await this.narrowed(scope, filter)), from: range.from, to: range.to };
    let cursor: string | undefined;
    do {
      const page = await this.runs.list(scope, within, PAGE, cursor);
      yield page.items.filter(isWanted);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** Run by run what the filter says, as rollups would. */
  private async matcher({ scope, filter, range }: ReadContext): Promise<(run: RunRecord) => boolean> {
    const { branch, environment, user, kind } = compileFilter(filter);
    const withResults = hasResultLists(filter) ? await this.runsWithResults(scope, filter, range) : undefined;
    return (run) =>
      branch(run.branch ?? '') &&
      environment(run.environment ?? '') &&
      user(run.triggeredBy ?? '') &&
      kind(run.kind) &&
      (withResults === undefined || withResults.has(run.runId));
  }

  private async runsWithResults(scope: Scope, filter: MetricFilter, range: ReadContext['range']): Promise<Set<string>> {
    const query = { filter, range, attempts: 'final', groupBy: ['run'] } as const;
    const { rows } = await this.metrics.query(scope, query);
    return new Set(rows.map(({ group }) => group[0]!));
  }

  private async narrowed(scope: Scope, filter: MetricFilter): Promise<{ projects: string[] }> {
    return { projects: (await this.metrics.projectsOf(scope, filter)).map(({ key }) => key) };
  }

  /** In the order in which they were named. @throws DomainError 404 */
  private async named(scope: Scope, runIds: readonly string[]): Promise<RunRecord[]> {
    if (runIds.length > MOST_NAMED)
      throw invalid('too_many_runs', 'Too many runs are named', [
        { pointer: '/source/runIds', detail: `may name ${MOST_NAMED} runs` },
      ]);
    const found = new Map((await this.runs.findMany(scope, runIds)).map((run) => [run.runId, run]));
    return [...new Set(runIds)].map((runId) => {
      const run = found.get(runId);
      if (!run || run.state === 'deleted') throw notFound(`Run ${runId}`);
      return run;
    });
  }
}
