import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import type { Assessment, RankedTest } from '../../quality/index.js';
import { MetricsService } from '../../metrics/index.js';
import { type Ranking, TestsService, toRankedTest } from '../../quality/index.js';
import type { Cell, ColumnType, Row, ValueColumn } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { figureText } from '../domain/figure-text.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { Summary } from '../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { FiguresSummary } from './figures-summary.js';

const PAGE = 2_000;
const TOP = 10;

type RankedView = ReturnType<typeof toRankedTest>;
type TestColumn = ValueColumn<RankedView>;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (test: RankedView) => Cell,
): TestColumn => ({ key, title, type, description, value });

const COLUMNS: readonly TestColumn[] = [
  column('project', 'Project', 'text', 'Key of the project', (test) => test.project),
  column('suite', 'Suite', 'text', 'Path of the suite', (test) => test.suite),
  column('name', 'Test', 'text', 'Name of the test', (test) => test.name),
  column('label', 'Label', 'text', 'What the evidence says of it', (test) => test.label),
  column('flakiness', 'Flakiness', 'number', 'Estimated flake rate, 0..1', (test) => test.flakiness.score),
  column('flakinessLow', 'Flakiness low', 'number', 'Lower end of its interval', (test) => test.flakiness.low),
  column('flakinessHigh', 'Flakiness high', 'number', 'Upper end of its interval', (test) => test.flakiness.high),
  column('runs', 'Runs', 'number', 'Judged outcomes in the range', (test) => test.runs),
  column('failures', 'Failures', 'number', 'Of these, failures', (test) => test.failures),
  column('failureRate', 'Failure rate', 'number', 'failures / runs, 0..1', (test) => test.failureRate.value),
  column('stability', 'Stability', 'number', '1 - flakiness', (test) => test.stability),
  column('medianMs', 'Median (ms)', 'number', 'Median duration', (test) => test.durationMs.median),
  column('lastStatus', 'Last status', 'text', 'Of its newest outcome', (test) => test.lastStatus),
  column('lastAt', 'Last run', 'date', 'When its newest outcome started', (test) => test.lastAt),
  column('quarantined', 'Quarantined', 'boolean', 'Whether it is in quarantine', (test) => test.quarantined),
  column('testId', 'Test id', 'text', 'Id of the test', (test) => test.testId),
  column('parameters', 'Parameters', 'text', 'As JSON', ({ parameters }) =>
    Object.keys(parameters).length > 0 ? JSON.stringify(parameters) : null,
  ),
  column('excludedRuns', 'Excluded runs', 'number', 'Outcomes that are no evidence', (test) => test.excludedRuns),
];

const DEFAULTS = [
  ...['project', 'suite', 'name', 'label', 'flakiness', 'flakinessLow', 'flakinessHigh', 'runs', 'failures'],
  ...['failureRate', 'medianMs', 'lastStatus', 'lastAt', 'quarantined'],
];

const LABELS: Readonly<Record<string, string>> = {
  confirmed: 'confirmed as flaky',
  suspected: 'suspected to be flaky',
  broken: 'failing each time',
};

const sortOf = ({ options }: Pick<ReadContext, 'options'>): Ranking =>
  (options.sort as Ranking | undefined) ?? 'flakiness';

/** The quality ranking: every test with an outcome in the range. */
@Injectable()
export class TestsSource implements ExportSource {
  readonly kind = 'tests';
  readonly title = 'Tests';
  readonly description = 'Tests with their quality figures, ranked: the flakiest first unless `sort` says otherwise';
  readonly permission = 'quality:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = COLUMNS;
  readonly defaultColumns = DEFAULTS;
  readonly documentColumns = ['suite', 'name', 'label', 'flakiness', 'failureRate', 'runs'];

  constructor(
    private readonly tests: TestsService,
    private readonly metrics: MetricsService,
    private readonly figures: FiguresSummary,
  ) {}

  async prepare({ scope }: Principal, request: SourceRequest): Promise<PreparedSource> {
    const projects = await this.metrics.projectsOf(scope, request.filter);
    return {
      options: { sort: sortOf(request) },
      ...{ filter: request.filter, range: request.range },
      projects: projects.map(({ key }) => key),
      name: 'tests',
      defaultColumns: DEFAULTS,
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    const { page } = await this.rank(context, 1);
    return { rows: page.total, exact: true };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(COLUMNS, keys, DEFAULTS);
    let cursor: string | undefined;
    do {
      context.signal.throwIfAborted();
      const { assessment, page } = await this.rank(context, PAGE, cursor);
      const views = viewsOf(assessment, page.items);
      if (views.length > 0) yield views.map((test) => columns.map((each) => each.value(test)));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  async summary(context: ReadContext): Promise<Summary> {
    const { filter, range } = context;
    const base = await this.figures.of(
      context.scope,
      { filter, range, attempts: 'final' },
      { title: 'Test quality', withRows: true },
    );
    const { assessment, page } = await this.rank({ ...context, options: { sort: 'flakiness' } }, TOP);
    const flaky = viewsOf(assessment, page.items).filter(({ flakiness }) => (flakiness.score ?? 0) > 0);
    const bars = flaky.map(({ name, flakiness }) => ({ name, value: flakiness.score ?? 0 }));
    const labels = Map.groupBy(assessment.tests, (test) => test.assessment.label);
    const findings = [...labels]
      .filter(([label]) => label === 'confirmed' || label === 'suspected' || label === 'broken')
      .map(
        ([label, list]) =>
          `${figureText(list.length, 'count')} ${list.length === 1 ? 'test' : 'tests'}: ${LABELS[label] ?? label}.`,
      );
    return {
      ...base,
      charts: [
        ...(bars.length > 0 ? [{ kind: 'bar', title: 'Flakiest tests', unit: 'ratio', bars } as const] : []),
        ...base.charts,
      ],
      findings,
    };
  }

  private rank({ scope, filter, range, options }: ReadContext, limit: number, cursor?: string) {
    const sort = sortOf({ options });
    const order = sort === 'name' || sort === 'stability' ? 'asc' : 'desc';
    return this.tests.rank(scope, { filter, range, sort, order, limit, ...(cursor === undefined ? {} : { cursor }) });
  }
}

const viewsOf = (assessment: Assessment, tests: readonly RankedTest[]): RankedView[] =>
  tests.map((test) => toRankedTest(assessment, test));
