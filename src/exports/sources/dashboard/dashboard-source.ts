import { Injectable } from '@nestjs/common';
import { may, type Principal } from '../../../auth/index.js';
import { Clock, invalid, systemScope } from '../../../common/index.js';
import {
  BoardService,
  type Dashboard,
  DashboardsService,
  resolveWidget,
  type WidgetState,
} from '../../../dashboards/index.js';
import { MetricsService } from '../../../metrics/index.js';
import type { Cell, ColumnType, Row, ValueColumn } from '../../domain/cell.js';
import { chooseColumns } from '../../domain/columns.js';
import { ROW_FORMATS } from '../../domain/formats.js';
import type { Summary } from '../../domain/summary.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from '../export-source.js';
import { checkLists, namesProjects } from '../project-filter.js';
import { type Leaf, leavesOf } from './data-leaves.js';
import { sectionOf, titleOf } from './widget-sections.js';

interface Figure {
  readonly state: WidgetState;
  readonly leaf: Leaf;
}

type FigureColumn = ValueColumn<Figure>;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (figure: Figure) => Cell | undefined,
): FigureColumn => ({ key, title, type, description, value: (figure) => value(figure) ?? null });

const COLUMNS: readonly FigureColumn[] = [
  column('widget', 'Widget', 'text', 'Id of the widget', ({ state }) => state.widget.id),
  column('title', 'Title', 'text', 'Its heading', ({ state }) => titleOf(state)),
  column('type', 'Type', 'text', 'Its type', ({ state }) => state.widget.type),
  column('figure', 'Figure', 'text', 'Where in its data: rows[0].cell.passRate.value', ({ leaf }) => leaf.path),
  column('value', 'Value', 'number', 'Of figures', ({ leaf }) => leaf.value),
  column('text', 'Text', 'text', 'Of everything else', ({ leaf }) => leaf.text),
  column('from', 'From', 'date', 'Begin of what it looks at', ({ state }) => state.range?.from),
  column('to', 'To', 'date', 'End of it, excluded', ({ state }) => state.range?.to),
  column('asOf', 'As of', 'number', 'Position in the commit log', ({ state }) => state.asOf),
];

const DEFAULTS = ['widget', 'title', 'type', 'figure', 'value', 'text'];

const NO_FILTER = { lists: {} } as const;

/** The widgets of a dashboard with their data: as a document, or figure by figure. */
@Injectable()
export class DashboardSource implements ExportSource {
  readonly kind = 'dashboard';
  readonly title = 'Dashboard';
  readonly description =
    'A dashboard (`dashboardId`) over its own filter and range: as PDF its widgets with figures, charts and tables; else a row for each figure and text of their data';
  readonly permission = 'dashboards:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = COLUMNS;
  readonly defaultColumns = DEFAULTS;

  constructor(
    private readonly dashboards: DashboardsService,
    private readonly boards: BoardService,
    private readonly metrics: MetricsService,
    private readonly clock: Clock,
  ) {}

  async prepare(principal: Principal, { options, filter, timeZone }: SourceRequest): Promise<PreparedSource> {
    if (typeof options.dashboardId !== 'string')
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/source/dashboardId', detail: 'must name a dashboard' },
      ]);
    checkLists(this.title, filter, []);
    const { dashboardId, content, access } = await this.dashboards.get(principal, options.dashboardId);
    const own = resolveWidget(content.filter, NO_FILTER, { timeZone }, this.clock.now());
    const { scope, subject } = principal;
    const projects = await this.metrics.projectsOf(scope, own.filter);
    return {
      options: { dashboardId, subject, manages: may(principal, 'dashboards:manage') },
      ...own,
      projects: projects.map(({ key }) => key),
      isWide: scope.projects === 'all' && !namesProjects(own.filter),
      isPrivate: access.visibility === 'private' || access.visibility === 'users',
      name: content.name,
      defaultColumns: DEFAULTS,
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    return { rows: figuresOf(await this.read(context)).length, exact: false };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(COLUMNS, keys, DEFAULTS);
    yield figuresOf(await this.read(context)).map((figure) => columns.map((each) => each.value(figure)));
  }

  async summary(context: ReadContext): Promise<Summary> {
    const dashboard = await this.find(context);
    const states = await this.compute(context, dashboard);
    const { dashboardId, content } = dashboard;
    const positions = states.flatMap(({ asOf }) => asOf ?? []);
    return {
      title: content.name,
      figures: [],
      charts: [],
      findings: [],
      tables: [],
      sections: states.map((state) => sectionOf(state, context.timeZone)),
      ...(positions.length > 0 ? { asOf: Math.max(...positions) } : {}),
      withRows: false,
      href: `/api/v1/execution-reporting/dashboards/${dashboardId}`,
    };
  }

  private async read(context: ReadContext): Promise<readonly WidgetState[]> {
    return this.compute(context, await this.find(context));
  }

  /** Whether it is still open to who asked for it; the projects were looked at when it was asked for. @throws DomainError 404 */
  private find({ scope, options }: ReadContext): Promise<Dashboard> {
    const viewer = {
      scope: systemScope(scope.organization),
      subject: String(options.subject),
      manages: options.manages === true,
    };
    return this.dashboards.find(viewer, String(options.dashboardId));
  }

  private async compute({ scope, timeZone }: ReadContext, dashboard: Dashboard): Promise<readonly WidgetState[]> {
    const sight = { scope, timeZone };
    const { planned } = await this.boards.plan(sight, dashboard);
    return this.boards.compute(sight, planned);
  }
}

/** What a widget without data says is why. */
const figuresOf = (states: readonly WidgetState[]): Figure[] =>
  states.flatMap((state) =>
    leavesOf(state.outcome).map((leaf) => ({ state, leaf: { ...leaf, path: inData(leaf.path) } })),
  );

const inData = (path: string): string => path.replace(/^data\./, '');
