import { Injectable } from '@nestjs/common';
import { AlertStatusService, type Severity, toAlertDto, VIEW_STATES, type ViewState } from '../../alerts/index.js';
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

/** Whether it was anything but over at some time of the range. */
const wasOn = ({ since, state, resolvedAt }: Alert, { from, to }: ReadContext['range']): boolean =>
  since < to && (state === 'resolved' || state === 'inactive' ? (resolvedAt ?? since) >= from : true);

/** Alerts as GET /alerts/status tells them, those that were on within the range; or what happened to them then. */
@Injectable()
export class AlertsSource implements ExportSource {
  readonly kind = 'alerts';
  readonly title = 'Alerts';
  readonly description =
    'Alerts that were on within the range, firing ones first; with `history` a row for each of the newest 50 entries of their timelines that lie in the range. Of the filter it knows `projects` and `teams`: then it has the alerts about these and no others';
  readonly permission = 'alerts:read';
  readonly formats = [...ROW_FORMATS, 'pdf'] as const;
  readonly columns = ALERT_COLUMNS;
  readonly defaultColumns = ALERT_DEFAULTS;
  readonly documentColumns = ['rule', 'group', 'state', 'severity', 'since', 'value'];

  constructor(
    private readonly alerts: AlertStatusService,
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
    const { scope, options, range, signal } = context;
    const includeHistory = withHistory(context);
    const question = {
      ...{ includeHistory, limit: PAGE },
      states: options.states as readonly ViewState[] | undefined,
      severities: options.severities as readonly Severity[] | undefined,
    };
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.alerts.status(scope, { ...question, ...(cursor === undefined ? {} : { cursor }) });
      const alerts = page.items.map(toAlertDto).filter((alert) => wasOn(alert, range));
      yield includeHistory ? alerts.flatMap((alert) => entriesOf(alert, range)) : alerts.map((alert) => ({ alert }));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
}

const entriesOf = (alert: Alert, { from, to }: ReadContext['range']): AlertItem[] =>
  (alert.timeline ?? []).filter(({ at }) => at >= from && at < to).map((entry) => ({ alert, entry }));

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
