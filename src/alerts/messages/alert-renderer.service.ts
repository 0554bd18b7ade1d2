import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../../auth/index.js';
import { type Scope, systemScope } from '../../common/index.js';
import { MetricRegistry } from '../../metrics/index.js';
import {
  composeMessage,
  MessageRenderers,
  type RenderContext,
  type RenderedMessage,
} from '../../notifications/index.js';
import { ReportsService } from '../../reports/index.js';
import { isAcknowledged, isOpen } from '../domain/alert.js';
import { incidentsOf, type Incident } from '../domain/incidents.js';
import { thresholdsOf } from '../domain/plan-changes.js';
import { windowAt } from '../domain/reading.js';
import type { AlertRule } from '../domain/rule.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { ALERT_MESSAGE, type AlertMessage, type ListedAlert } from '../notices/alert-message.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { RulesRepository } from '../persistence/rules.repository.js';
import { ActionLinks } from './action-links.service.js';
import { alertContent, type DescribedAlert } from './alert-content.js';

const API = '/api/v1/execution-reporting';
/** Alerts of a message that get a report of their own. */
const REPORTS = 3;

interface Known {
  readonly alerts: ReadonlyMap<string, StoredAlert>;
  readonly rules: ReadonlyMap<string, AlertRule>;
  readonly incidents: readonly Incident[];
}

/** Messages about alerts, made when they are sent: from the alerts as they are then. */
@Injectable()
export class AlertRenderer implements OnModuleInit {
  private readonly logger = new Logger(AlertRenderer.name);

  constructor(
    private readonly renderers: MessageRenderers,
    private readonly alerts: AlertsRepository,
    private readonly rules: RulesRepository,
    private readonly reports: ReportsService,
    private readonly registry: MetricRegistry,
    private readonly links: ActionLinks,
  ) {}

  onModuleInit(): void {
    this.renderers.register(ALERT_MESSAGE, (context) => this.render(context));
  }

  /** undefined where there is nothing to say any more: the alerts are gone, or the escalated one is acknowledged. */
  async render(context: RenderContext): Promise<RenderedMessage | undefined> {
    const message = context.payload as unknown as AlertMessage;
    const { now, publicUrl } = context;
    const known = await this.read(context.organization, message);
    if (message.reason === 'escalated' && !isStillOpen(message, known, now)) return undefined;
    const describe = (listed: readonly ListedAlert[]) => this.describe(listed, known, context);
    const [firing, resolved] = [await describe(message.firing), await describe(message.resolved)];
    if (firing.length + resolved.length === 0) return undefined;
    const href = `${publicUrl}${API}/alerts/status`;
    return composeMessage(alertContent({ message, firing, resolved, now, href }));
  }

  private async read(organization: string, { firing, resolved }: AlertMessage): Promise<Known> {
    const scope = systemScope(organization);
    const found = await this.alerts.findMany(
      scope,
      [...firing, ...resolved].map(({ alertId }) => alertId),
    );
    const rules = await this.rules.findMany(scope, [...new Set(found.map(({ ruleId }) => ruleId))]);
    return {
      alerts: new Map(found.map((alert) => [alert.alertId, alert])),
      rules: new Map(rules.map((rule) => [rule.ruleId, rule])),
      incidents: found.length === 0 ? [] : incidentsOf(await this.alerts.open(organization)),
    };
  }

  private async describe(
    listed: readonly ListedAlert[],
    { alerts, rules, incidents }: Known,
    { organization, now, publicUrl }: RenderContext,
  ): Promise<DescribedAlert[]> {
    const described: DescribedAlert[] = [];
    for (const { alertId, episode } of listed) {
      const stored = alerts.get(alertId);
      if (!stored) continue;
      const rule = rules.get(stored.ruleId);
      // what it is held against now, though nothing of it may have changed since the thresholds did
      const alert = rule && isOpen(stored.state) ? { ...stored, thresholds: thresholdsOf(rule) } : stored;
      // an alert that fires again has another episode: nobody acts on that by a link of this one
      const acts = isOpen(alert.state) && alert.state.episode === episode;
      const reported =
        rule && described.length < REPORTS ? await this.report(organization, rule, alert, now) : undefined;
      const shared = sharedText(alert, incidents);
      described.push({
        alert,
        condition: rule?.condition,
        unit: rule ? this.unitOf(rule) : 'number',
        links: {
          alert: `${publicUrl}${API}/alerts/instances/${alertId}`,
          ...(alert.culprit && { run: `${publicUrl}${API}/runs/${alert.culprit.runId}` }),
          ...(reported !== undefined && {
            report: `${publicUrl}${API}/reports/${reported}`,
            drilldown: `${publicUrl}${API}/reports/${reported}/drilldown`,
          }),
          ...(acts && this.links.allOf(alert, now)),
        },
        ...(shared !== undefined && { shared }),
      });
    }
    return described;
  }

  private unitOf({ metric }: AlertRule): DescribedAlert['unit'] {
    return (
      this.registry.all().find(({ id }) => id === metric)?.unit ?? (metric === 'new_failures' ? 'count' : 'number')
    );
  }

  /** The figures of the window that fired; a message without them is better than none. */
  private async report(
    organization: string,
    { filter, windowMs, timeZone, name }: AlertRule,
    { state }: StoredAlert,
    now: Date,
  ): Promise<string | undefined> {
    try {
      const range = windowAt(state.firingSince ?? now, windowMs, timeZone);
      const input = { type: 'failure_analysis', name: `Alert: ${name}`.slice(0, 200), filter, range } as const;
      return (await this.reports.generate(reporter(organization), input)).head.reportId;
    } catch (error) {
      this.logger.warn({ err: error }, 'the report of an alert could not be made');
      return undefined;
    }
  }
}

const isStillOpen = ({ firing }: AlertMessage, { alerts }: Known, now: Date): boolean =>
  firing.some(({ alertId, episode }) => {
    const alert = alerts.get(alertId);
    return (
      alert !== undefined && alert.state.episode === episode && isOpen(alert.state) && !isAcknowledged(alert.state, now)
    );
  });

const CAUSE_TEXT = { cluster: 'failure', run: 'run', commit: 'commit' } as const;

const sharedText = (alert: StoredAlert, incidents: readonly Incident[]): string | undefined => {
  const incident = incidents.find(({ alerts }) => alerts.some(({ alertId }) => alertId === alert.alertId));
  if (!incident) return undefined;
  const others = incident.alerts.length - 1;
  const { kind, value } = incident.cause;
  return `${others} other ${others === 1 ? 'alert' : 'alerts'}, by the same ${CAUSE_TEXT[kind]} ${value}`;
};

/** Reports that messages link to are made by the service, within one organization. */
const reporter = (organization: string): Principal => {
  const scope: Scope = systemScope(organization);
  return {
    ...{ subject: 'alerts', name: 'Alerts', organization, roles: [], permissions: new Set() },
    ...{ projects: 'all', kind: 'user', scope },
  };
};
