import { Injectable } from '@nestjs/common';
import type { ClientSession } from 'mongoose';
import { failpoint, systemScope } from '../../common/index.js';
import { Outbox, type OutgoingMessage } from '../../notifications/index.js';
import { isAcknowledged } from '../domain/alert.js';
import { messageKey } from '../domain/message-keys.js';
import { flush, type Member, type Notice } from '../domain/notice-group.js';
import { type Severity, SEVERITIES } from '../domain/rule.js';
import { isWide, type StoredAlert } from '../domain/stored-alert.js';
import { AlertWriter, ChangedMeanwhile } from '../evaluation/alert-writer.service.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { NoticeGroupsRepository, type StoredGroup } from '../persistence/notice-groups.repository.js';
import { TimelineRepository } from '../persistence/timeline.repository.js';
import { ALERT_MESSAGE, type AlertMessage, MOST_LISTED } from './alert-message.js';
import { type MuteBook, MutesService } from './mutes.service.js';

const GROUPS_AT_ONCE = 200;

/** Tells of groups of alerts what is due: the group as it is afterwards and its message are one transaction. */
@Injectable()
export class Notifier {
  constructor(
    private readonly groups: NoticeGroupsRepository,
    private readonly alerts: AlertsRepository,
    private readonly timeline: TimelineRepository,
    private readonly mutes: MutesService,
    private readonly writer: AlertWriter,
    private readonly outbox: Outbox,
  ) {}

  /** @returns how many groups were looked at; those that another worker has just changed come again */
  async sweep(now: Date): Promise<number> {
    const due = await this.groups.due(now, GROUPS_AT_ONCE);
    const books = new Map<string, MuteBook>();
    const bookOf = async (organization: string): Promise<MuteBook> => {
      const book = books.get(organization) ?? (await this.mutes.book(organization, now));
      books.set(organization, book);
      return book;
    };
    for (const groupId of due) {
      try {
        await this.writer.transaction((session) => this.tell(session, groupId, bookOf, now));
        failpoint('notice-enqueued');
      } catch (error) {
        if (!(error instanceof ChangedMeanwhile)) throw error;
      }
    }
    return due.length;
  }

  private async tell(
    session: ClientSession,
    groupId: string,
    bookOf: (organization: string) => Promise<MuteBook>,
    now: Date,
  ): Promise<void> {
    const stored = await this.groups.find(groupId, session);
    if (!stored) return;
    const scope = systemScope(stored.organization);
    const ids = stored.group.members.map(({ alertId }) => alertId);
    const alerts = new Map((await this.alerts.findMany(scope, ids, session)).map((alert) => [alert.alertId, alert]));
    const book = await bookOf(stored.organization);
    const factsOf = ({ alertId }: Member) => {
      const alert = alerts.get(alertId);
      return {
        muted: alert === undefined || book.isQuiet(alert),
        acknowledged: alert !== undefined && isAcknowledged(alert.state, now),
      };
    };
    const { group, notice, nextLookAt } = flush(stored.group, factsOf, now);
    if (notice) await this.enqueue(session, stored, notice, alerts, now);
    if (!(await this.groups.write([{ stored, group, lookAt: nextLookAt }], session))) throw new ChangedMeanwhile();
  }

  private async enqueue(
    session: ClientSession,
    stored: StoredGroup,
    notice: Notice,
    alerts: ReadonlyMap<string, StoredAlert>,
    now: Date,
  ): Promise<void> {
    await this.outbox.enqueue([toMessage(stored, notice, alerts)], session);
    const told = [...notice.firing, ...notice.resolved].flatMap((member) => {
      const alert = alerts.get(member.alertId);
      return alert ? [{ alert, member }] : [];
    });
    await this.timeline.append(
      told.map(({ alert, member }) => ({
        alert,
        entry: {
          ...{ at: now, kind: 'notified' as const, episode: member.episode },
          details: { reason: notice.reason, channelId: stored.channelId },
        },
      })),
      session,
    );
  }
}

const toMessage = (
  stored: StoredGroup,
  { reason, step, firing, resolved, open }: Notice,
  alerts: ReadonlyMap<string, StoredAlert>,
): OutgoingMessage => {
  const about = [...firing, ...resolved].flatMap(({ alertId }) => alerts.get(alertId) ?? []);
  const listed = (members: readonly Member[]) =>
    members.slice(0, MOST_LISTED).map(({ alertId, episode }) => ({ alertId, episode }));
  const payload: AlertMessage = {
    reason,
    labels: stored.labels,
    firing: listed(firing),
    resolved: listed(resolved),
    counts: { firing: firing.length, resolved: resolved.length, open },
  };
  return {
    organization: stored.organization,
    kind: ALERT_MESSAGE,
    dedupeKey: messageKey({ group: stored.groupId, channel: stored.channelId, reason, step }),
    channelId: stored.channelId,
    payload: { ...payload },
    severity: worstOf(about.map(({ severity }) => severity)),
    projects: [...new Set(about.flatMap(({ projects }) => projects))],
    wide: about.some(isWide),
  };
};

const worstOf = (severities: readonly Severity[]): Severity =>
  SEVERITIES[Math.max(0, ...severities.map((severity) => SEVERITIES.indexOf(severity)))] ?? 'medium';
