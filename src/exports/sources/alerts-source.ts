import { Injectable } from '@nestjs/common';
import {
  AlertHistoryService,
  AlertStatusService,
  type AlertView,
  type Severity,
  type Standing,
  toAlertDto,
  toTimelineDto,
  VIEW_STATES,
  type ViewState,
} from '../../alerts/index.js';
import type { Principal } from '../../auth/index.js';
import { MetricsService } from '../../metrics/index.js';
import type { Row } from '../domain/cell.js';
import { chooseColumns } from '../domain/columns.js';
import { figureText } from '../domain/figure-text.js';
import { ROW_FORMATS } from '../domain/formats.js';
import type { KeyFigure, Summary } from '../domain/summary.js';
import { ALERT_COLUMNS, ALERT_DEFAULTS, type AlertItem, HISTORY_DEFAULTS } from './alerts-columns.js';
import type { ExportSource, Extent, PreparedSource, ReadContext, SourceRequest } from './export-source.js';
import { checkLists, namesProjects, PROJECT_LISTS, statesOf } from './project-filter.js';

const PAGE = 100;
const TOP = 12;

type Alert = AlertItem['alert'];

const withHistory = ({ options }: Pick<ReadContext, 'options'>): boolean => options.history === true;

/** Whether an alert that stood so at the end of the range was anything but over at some time since its begin. */
const wasOn = (standing: Standing | undefined, from: Date): boolean => {
  if (!standing) return false;
  const isOver = standing.status === 'resolved' || standing.status === 'inactive';
  return !isOver || standing.since >= from;
};

/** Alerts as GET /alerts/status tells them, those that were on within the range; or what happened to them then. */
@Injectable()
export class AlertsSource implements ExportSource {
  readonly kind = 'alerts';
  readonly title = 'Alerts';
  readonly description =
    'Alerts that were on (pending, firing or recovering) within the range, whatever has become of them since, firing ones first; with `history` a row for each entry of the timelines that lies in the range, alert by alert. `states` are those that they are in now. Of the filter it knows `projects` and `teams`: then it has the alerts about these and no others';
  readonly permission = 'alerts:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = ALERT_COLUMNS;
  readonly defaultColumns = ALERT_DEFAULTS;
  readonly documentColumns = ['rule', 'group', 'state', 'severity', 'since', 'value'];

  constructor(
    private readonly alerts: AlertStatusService,
    private readonly history: AlertHistoryService,
    private readonly metrics: MetricsService,
  ) {}

  async prepare({ scope }: Principal, request: SourceRequest): Promise<PreparedSource> {
    const { filter, range, options } = request;
    checkLists(this.title, filter, PROJECT_LISTS);
    const states = statesOf(options.states, VIEW_STATES);
    const projects = await this.metrics.projectsOf(scope, filter);
    return {
      options: {
        history: withHistory(request),
        ...(states ? { states } : {}),
        ...(options.severities === undefined ? {} : { severities: options.severities }),
      },
      ...{ filter, range },
      projects: projects.map(({ key }) => key),
      isWide: scope.projects === 'all' && !namesProjects(filter),
      name: withHistory(request) ? 'history of alerts' : 'alerts',
      defaultColumns: withHistory(request) ? HISTORY_DEFAULTS : ALERT_DEFAULTS,
    };
  }

  async extent(context: ReadContext): Promise<Extent> {
    let rows = 0;
    for await (const items of this.pages(context)) rows += items.length;
    // they go on being evaluated while the file is written
    return { rows, exact: false };
  }

  async *rows(context: ReadContext, keys: readonly string[]): AsyncGenerator<readonly Row[]> {
    const columns = chooseColumns(ALERT_COLUMNS, keys, ALERT_DEFAULTS);
    for await (const items of this.pages(context))
      if (items.length > 0) yield items.map((item) => columns.map((column) => column.value(item)));
  }

  async summary(context: ReadContext): Promise<Summary> {
    const alerts: Alert[] = [];
    for await (const items of this.pages({ ...context, options: { ...context.options, history: false } }))
      alerts.push(...items.map(({ alert }) => alert));
    const bars = [...Map.groupBy(alerts, ({ ruleName }) => ruleName)]
      .map(([name, list]) => ({ name, value: list.reduce((sum, { episode }) => sum + episode, 0) }))
      .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
      .slice(0, TOP);
    return {
      title: this.title,
      figures: figuresOf(alerts),
      charts: bars.length > 1 ? [{ kind: 'bar', title: 'Rules that fired most', unit: 'count', bars }] : [],
      findings: [],
      tables: [],
      withRows: true,
    };
  }

  private async *pages(context: ReadContext): AsyncGenerator<readonly AlertItem[]> {
    for await (const views of this.views(context)) {
      if (withHistory(context)) for (const view of views) yield* this.entriesOf(view, context);
      else yield await this.thatWereOn(views, context);
    }
  }

  private async thatWereOn(views: readonly AlertView[], { range }: ReadContext): Promise<AlertItem[]> {
    const standings = await this.history.standings(
      views.map(({ alert }) => alert),
      range.to,
    );
    return views
      .filter(({ alert }) => wasOn(standings.get(alert.alertId), range.from))
      .map((view) => ({ alert: toAlertDto(view) }));
  }

  private async *entriesOf(view: AlertView, { range, signal }: ReadContext): AsyncGenerator<AlertItem[]> {
    const alert = toAlertDto(view);
    for await (const entries of this.history.entries(view.alert, range)) {
      signal.throwIfAborted();
      yield entries.map((entry) => ({ alert, entry: toTimelineDto(entry) }));
    }
  }

  /** Pages of alerts in any state: what is over by now may have been on then. */
  private async *views({ scope, options, signal }: ReadContext): AsyncGenerator<readonly AlertView[]> {
    const question = {
      limit: PAGE,
      states: (options.states as readonly ViewState[] | undefined) ?? VIEW_STATES,
      severities: options.severities as readonly Severity[] | undefined,
    };
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.alerts.status(scope, { ...question, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}

const figuresOf = (alerts: readonly Alert[]): KeyFigure[] => {
  const figure = (label: string, is: (alert: Alert) => boolean): KeyFigure => ({
    label,
    value: figureText(alerts.filter(is).length, 'count'),
  });
  const isOn = ({ state }: Alert): boolean => state === 'firing' || state === 'recovering';
  return [
    figure('Alerts', () => true),
    figure('Firing or recovering', isOn),
    figure('Of these critical', (alert) => isOn(alert) && alert.level === 'critical'),
    figure('Acknowledged', (alert) => isOn(alert) && alert.acknowledged !== null),
    figure('Pending', ({ state }) => state === 'pending'),
    figure('Resolved', ({ state }) => state === 'resolved'),
  ];
};
