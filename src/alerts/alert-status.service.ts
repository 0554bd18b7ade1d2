import { Injectable } from '@nestjs/common';
import { Clock, type Scope } from '../common/index.js';
import { ALERT_STATES, type AlertStatus } from './domain/alert.js';
import { type Incident, incidentsOf } from './domain/incidents.js';
import type { Mute } from './domain/mutes.js';
import type { Severity } from './domain/rule.js';
import { countsOf, type Overall, overallOf, type StatusCounts, type ViewState } from './domain/status.js';
import type { StoredAlert, TimelineEntry } from './domain/stored-alert.js';
import { type MuteBook, MutesService } from './notices/mutes.service.js';
import { type AlertFilter, AlertsRepository } from './persistence/alerts.repository.js';
import { RulesRepository } from './persistence/rules.repository.js';
import { TimelineRepository } from './persistence/timeline.repository.js';

export interface StatusQuestion {
  /** Those that are not inactive where nothing is said. */
  readonly states?: readonly ViewState[];
  readonly severities?: readonly Severity[];
  readonly alertIds?: readonly string[];
  readonly ruleIds?: readonly string[];
  /** Key of a project that the alert is about. */
  readonly project?: string;
  /** Keys of projects: leaves out alerts that are about other projects only; of no projects there is none. */
  readonly projects?: readonly string[];
  /** With the newest 50 entries of each timeline. */
  readonly includeHistory?: boolean;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface AlertView {
  readonly alert: StoredAlert;
  readonly mute?: Mute;
  readonly timeline?: readonly TimelineEntry[];
}

export interface AlertsStatus {
  readonly overall: Overall;
  /** Of everything in scope (and of the projects), whatever else is asked for. */
  readonly counts: StatusCounts;
  readonly items: readonly AlertView[];
  readonly nextCursor: string | null;
}

export const TIMELINE_ENTRIES = 50;
const DEFAULT_STATES: readonly ViewState[] = ['firing', 'recovering', 'pending', 'resolved'];

/** Where alerts stand: for people, the widget and the room. */
@Injectable()
export class AlertStatusService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly rules: RulesRepository,
    private readonly timeline: TimelineRepository,
    private readonly mutes: MutesService,
    private readonly clock: Clock,
  ) {}

  async status(scope: Scope, question: StatusQuestion = {}): Promise<AlertsStatus> {
    const { limit = 50, cursor } = question;
    const within = withinOf(question);
    const [book, counts, health] = await Promise.all([
      this.mutes.book(scope.organization, this.clock.now()),
      this.alerts.counts(scope, within),
      this.rules.healthOf(scope, question.project === undefined ? question.projects : [question.project]),
    ]);
    const suppressed = await this.suppressed(scope, book, within);
    const { items, nextCursor } = await this.alerts.list(scope, toFilter(question, suppressed), limit, cursor);
    return {
      overall: overallOf(counts, health),
      counts: countsOf(counts, suppressed.length),
      items: await this.views(items, book, question.includeHistory === true),
      nextCursor,
    };
  }

  /** One alert with its timeline. */
  async view(alert: StoredAlert): Promise<AlertView> {
    const book = await this.mutes.book(alert.organization, this.clock.now());
    const [view] = await this.views([alert], book, true);
    return view!;
  }

  /** Open alerts that share a run, a commit or a failure cluster. */
  async incidents(scope: Scope, project?: string): Promise<readonly Incident[]> {
    const filter = { statuses: OPEN, ...(project !== undefined && { project }) };
    return incidentsOf((await this.alerts.list(scope, filter, MOST_OPEN)).items);
  }

  /** Ids of the open alerts that are muted; where nothing mutes none has to be read. */
  private async suppressed(scope: Scope, book: MuteBook, within: Within): Promise<readonly string[]> {
    if (book.isEmpty) return [];
    const { items } = await this.alerts.list(scope, { statuses: OPEN, ...within }, MOST_OPEN);
    return items.filter((alert) => book.of(alert)).map(({ alertId }) => alertId);
  }

  private async views(alerts: readonly StoredAlert[], book: MuteBook, withHistory: boolean): Promise<AlertView[]> {
    const timelines =
      withHistory && alerts.length > 0 ? await this.timeline.of(alerts, TIMELINE_ENTRIES) : new Map<string, never>();
    return alerts.map((alert) => {
      const mute = book.of(alert);
      const timeline = withHistory ? (timelines.get(alert.alertId) ?? []) : undefined;
      return { alert, ...(mute && { mute }), ...(timeline && { timeline }) };
    });
  }
}

const MOST_OPEN = 5_000;
const OPEN: readonly AlertStatus[] = ['firing', 'recovering'];

type Within = Pick<AlertFilter, 'project' | 'projects'>;

const withinOf = ({ project, projects }: StatusQuestion): Within => ({
  ...(project !== undefined && { project }),
  ...(projects && { projects }),
});

const toFilter = (question: StatusQuestion, suppressed: readonly string[]): AlertFilter => {
  const { states = DEFAULT_STATES, severities, alertIds, ruleIds } = question;
  return {
    statuses: ALERT_STATES.filter((status) => states.includes(status)),
    aside: {
      acknowledged: states.includes('acknowledged'),
      snoozed: states.includes('snoozed'),
      ...(states.includes('suppressed') && { alertIds: suppressed }),
    },
    ...(severities && severities.length > 0 && { severities }),
    ...(alertIds && alertIds.length > 0 && { alertIds }),
    ...(ruleIds && ruleIds.length > 0 && { ruleIds }),
    ...withinOf(question),
  };
};
