import { Injectable } from '@nestjs/common';
import { type AuditActor, AuditService } from '../auth/index.js';
import { Clock, DomainError, notFound, type Scope, systemScope } from '../common/index.js';
import { isOpen } from './domain/alert.js';
import type { AlertCommand } from './domain/reduce-alert.js';
import type { StoredAlert } from './domain/stored-alert.js';
import { AlertFeed } from './evaluation/alert-feed.js';
import { AlertWriter, ChangedMeanwhile } from './evaluation/alert-writer.service.js';
import { applyInput } from './domain/plan-changes.js';
import { AlertsRepository } from './persistence/alerts.repository.js';
import { RulesRepository } from './persistence/rules.repository.js';
import { TimelineRepository } from './persistence/timeline.repository.js';

export const ALERT_ACTIONS = ['acknowledge', 'resolve', 'snooze'] as const;
export type AlertAction = (typeof ALERT_ACTIONS)[number];

/** Who acts, and on what he may. */
export interface Actor {
  readonly scope: Scope;
  readonly actor: AuditActor;
}

const ATTEMPTS = 5;
const DONE: Readonly<Record<AlertAction, string>> = {
  acknowledge: 'alert.acknowledged',
  resolve: 'alert.resolved',
  snooze: 'alert.snoozed',
};

/** What people do to alerts; each of it is in the alert's timeline and in the audit log. */
@Injectable()
export class AlertActionsService {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly rules: RulesRepository,
    private readonly timeline: TimelineRepository,
    private readonly writer: AlertWriter,
    private readonly feed: AlertFeed,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** Stops the escalation; with an end it goes on then where it was. @throws DomainError 404; 409 `alert_not_open` */
  acknowledge(who: Actor, alertId: string, options: { until?: Date; note?: string } = {}): Promise<StoredAlert> {
    return this.act(who, 'acknowledge', alertId, { kind: 'acknowledge', by: who.actor.name, ...options });
  }

  /** Ends it by hand. It comes back when it is still wrong at the next evaluation, after the rule's cooldown. */
  resolve(who: Actor, alertId: string): Promise<StoredAlert> {
    return this.act(who, 'resolve', alertId, { kind: 'resolve', reason: 'manual' });
  }

  /** Nothing is told of it until then, not even that it has resolved. */
  snooze(who: Actor, alertId: string, until: Date): Promise<StoredAlert> {
    return this.act(who, 'snooze', alertId, { kind: 'snooze', by: who.actor.name, until });
  }

  async comment({ scope, actor }: Actor, alertId: string, text: string): Promise<StoredAlert> {
    const alert = await this.find(scope, alertId);
    const entry = { at: this.clock.now(), kind: 'commented' as const, episode: alert.state.episode, by: actor.name };
    await this.timeline.append([{ alert, entry: { ...entry, details: { text } } }]);
    await this.audit.record(actor, 'alert.commented', target(alert), { text });
    this.feed.changed([alert]);
    return alert;
  }

  /** @throws DomainError 404 */
  async find(scope: Scope, alertId: string): Promise<StoredAlert> {
    const alert = await this.alerts.find(scope, alertId);
    if (!alert) throw notFound('Alert');
    return alert;
  }

  private async act(who: Actor, action: AlertAction, alertId: string, command: AlertCommand): Promise<StoredAlert> {
    for (let attempt = 1; ; attempt++) {
      const alert = await this.find(who.scope, alertId);
      if (!isOpen(alert.state) && !(action === 'resolve' && alert.state.status === 'pending')) throw notOpen(alert);
      try {
        const after = await this.write(alert, command, who.actor.name);
        await this.audit.record(who.actor, DONE[action], target(after), { episode: after.state.episode });
        return after;
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async write(alert: StoredAlert, command: AlertCommand, by: string): Promise<StoredAlert> {
    const now = this.clock.now();
    const [rule] = await this.rules.findMany(systemScope(alert.organization), [alert.ruleId]);
    if (!rule) throw notFound('Alert');
    const change = applyInput(rule, alert, command, rule, now);
    if (!change) return alert;
    // who resolved it is not part of the state
    const effects = change.effects.map((effect) => (effect.type === 'moved' ? { ...effect, by } : effect));
    await this.writer.write([{ ...change, effects }], now);
    return change.after;
  }
}

const notOpen = ({ state }: StoredAlert): DomainError =>
  new DomainError('conflict', 'alert_not_open', `The alert is ${state.status}: there is nothing to do about it`, {
    extensions: { state: state.status },
  });

const target = ({ alertId, projects }: StoredAlert): { type: string; id: string; projectKey?: string } => ({
  type: 'alert',
  id: alertId,
  ...(projects.length === 1 && { projectKey: projects[0]! }),
});
