import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { ClientSession, Connection } from 'mongoose';
import { failpoint, isDuplicateKey } from '../../common/index.js';
import { Outbox } from '../../notifications/index.js';
import { type Effect, isSnoozed } from '../domain/alert.js';
import { escalationKeys } from '../domain/message-keys.js';
import { drop, join, leave, type NoticeGroup } from '../domain/notice-group.js';
import type { StoredAlert, TimelineEntry } from '../domain/stored-alert.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { groupIdOf, NoticeGroupsRepository } from '../persistence/notice-groups.repository.js';
import { TimelineRepository } from '../persistence/timeline.repository.js';
import { AlertFeed } from './alert-feed.js';
import { groupsOf, memberOf, type TellableChange, toWrite } from './grouping.js';

/** Somebody else has written one of the alerts or groups meanwhile; nothing was stored. */
export class ChangedMeanwhile extends Error {}

/**
 * Stores what became of alerts: the state, its timeline and what has to be told of it, in one transaction. So a process
 * that is killed has stored all of it or nothing, and repeating it finds nothing left to do.
 */
@Injectable()
export class AlertWriter {
  constructor(
    @InjectConnection() private readonly connection: Connection,
    private readonly alerts: AlertsRepository,
    private readonly timeline: TimelineRepository,
    private readonly groups: NoticeGroupsRepository,
    private readonly outbox: Outbox,
    private readonly feed: AlertFeed,
  ) {}

  /** @throws ChangedMeanwhile */
  async write(changes: readonly TellableChange[], now: Date): Promise<void> {
    if (changes.length === 0) return;
    await this.transaction((session) => this.writeIn(session, changes, now));
    failpoint('alerts-written');
    this.feed.changed(changes.map(({ after }) => after));
  }

  /** Runs work in a transaction of its own. @throws ChangedMeanwhile */
  async transaction<T>(work: (session: ClientSession) => Promise<T>): Promise<T> {
    try {
      return await this.connection.withSession((session) => session.withTransaction(() => work(session)));
    } catch (error) {
      if (isDuplicateKey(error)) throw new ChangedMeanwhile();
      throw error;
    }
  }

  /** The same within a transaction that is under way. @throws ChangedMeanwhile */
  async writeIn(session: ClientSession, changes: readonly TellableChange[], now: Date): Promise<void> {
    const written = await this.alerts.write(
      changes.map(({ after }) => after),
      session,
    );
    if (!written) throw new ChangedMeanwhile();
    const entries = changes.flatMap(({ after, effects }) =>
      effects.flatMap((effect) => {
        const entry = toEntry(effect, after, now);
        return entry ? [{ alert: after, entry }] : [];
      }),
    );
    await this.timeline.append(entries, session);
    await this.regroup(session, changes, now);
    await this.recall(session, changes);
  }

  /** Alerts that fire join the groups of their channels, those that resolve leave theirs, whatever the rule says by now. */
  private async regroup(session: ClientSession, changes: readonly TellableChange[], now: Date): Promise<void> {
    const joining = changes.filter(({ effects }) => announces(effects, 'firing') || announces(effects, 'worsened'));
    const leaving = changes.filter(({ effects }) => announces(effects, 'resolved'));
    const stored = await this.groups.load(joining.flatMap(groupsOf), now, session);
    for (const alerts of byOrganization(leaving))
      for (const one of await this.groups.having(alerts.organization, alerts.alertIds, session))
        if (!stored.has(one.groupId)) stored.set(one.groupId, one);
    if (stored.size === 0) return;
    const groups = new Map([...stored].map(([groupId, { group }]) => [groupId, group]));
    const update = (groupId: string, change: (group: NoticeGroup) => NoticeGroup): void => {
      const group = groups.get(groupId);
      if (group) groups.set(groupId, change(group));
    };
    for (const { before, after } of leaving) {
      // nothing is told of what somebody has put off, not even its end
      const go = before && isSnoozed(before.state, now) ? drop : leave;
      for (const groupId of groups.keys()) update(groupId, (group) => go(group, memberOf(after)));
    }
    for (const change of joining)
      for (const identity of groupsOf(change))
        update(groupIdOf(identity), (group) => join(group, memberOf(change.after), now));
    const written = await this.groups.write(
      [...stored.values()].map((one) => toWrite(one, groups.get(one.groupId) ?? one.group, now)),
      session,
    );
    if (!written) throw new ChangedMeanwhile();
  }

  /** What an escalation has enqueued and not sent is taken back once somebody has the alert, or it is over. */
  private async recall(session: ClientSession, changes: readonly TellableChange[]): Promise<void> {
    for (const { before, effects } of changes) {
      if (!before?.state.escalation || before.state.escalation.step === 0) continue;
      const reason = effects.some(({ type }) => type === 'acknowledged')
        ? 'acknowledged'
        : announces(effects, 'resolved')
          ? 'resolved'
          : undefined;
      if (reason === undefined) continue;
      await this.outbox.cancel(before.organization, escalationKeys(before), `the alert was ${reason}`, session);
    }
  }
}

const announces = (effects: readonly Effect[], what: 'firing' | 'worsened' | 'resolved'): boolean =>
  effects.some((effect) => effect.type === 'announce' && effect.what === what);

const byOrganization = (changes: readonly TellableChange[]): { organization: string; alertIds: string[] }[] => {
  const found = new Map<string, string[]>();
  for (const { after } of changes)
    found.set(after.organization, [...(found.get(after.organization) ?? []), after.alertId]);
  return [...found].map(([organization, alertIds]) => ({ organization, alertIds }));
};

/** What of an effect is for the timeline. */
const toEntry = (effect: Effect, alert: StoredAlert, at: Date): TimelineEntry | undefined => {
  if (effect.type === 'announce') return undefined;
  const { type: kind, ...facts } = effect;
  const { by, ...details } = { by: undefined, ...facts };
  const figure =
    kind === 'moved' && alert.state.figure ? { value: alert.state.figure.value, n: alert.state.figure.n } : {};
  return {
    ...{ at, kind, episode: alert.state.episode },
    ...(by !== undefined && { by }),
    details: { ...details, ...figure },
  };
};
