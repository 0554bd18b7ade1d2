import { Injectable } from '@nestjs/common';
import type { ClientSession } from 'mongoose';
import { type NoticeGroup, relocate } from '../domain/notice-group.js';
import { inState } from '../domain/plan-changes.js';
import type { AlertRule } from '../domain/rule.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { AlertsRepository } from '../persistence/alerts.repository.js';
import { groupIdOf, NoticeGroupsRepository, type StoredGroup } from '../persistence/notice-groups.repository.js';
import { AlertFeed } from './alert-feed.js';
import { AlertWriter, ChangedMeanwhile } from './alert-writer.service.js';
import { groupsOf, memberOf, toWrite } from './grouping.js';

interface Placed {
  readonly alert: StoredAlert;
  /** Ids of the groups that it belongs into. */
  readonly wanted: ReadonlySet<string>;
}

/** Brings the open alerts of a rule that was changed to the channels and groups that it names now. */
@Injectable()
export class Regrouper {
  constructor(
    private readonly alerts: AlertsRepository,
    private readonly groups: NoticeGroupsRepository,
    private readonly writer: AlertWriter,
    private readonly feed: AlertFeed,
  ) {}

  /** @throws ChangedMeanwhile */
  async regroup(rule: AlertRule, now: Date): Promise<void> {
    const moved = await this.writer.transaction((session) => this.move(session, rule, now));
    if (moved.length > 0) this.feed.changed(moved);
  }

  /** The alerts are written as well: whoever evaluates one at this moment by the rule as it was has to begin anew. */
  private async move(session: ClientSession, rule: AlertRule, now: Date): Promise<StoredAlert[]> {
    const open = await this.alerts.openOf(rule.ruleId, session);
    if (open.length === 0) return [];
    const identities = open.map((one) => groupsOf({ rule, after: inState(rule, one, one, one.state, now) }));
    const stored = await this.groups.load(identities.flat(), now, session);
    const ids = open.map(({ alertId }) => alertId);
    for (const one of await this.groups.having(rule.organization, ids, session))
      if (!stored.has(one.groupId)) stored.set(one.groupId, one);
    const placed = open.map((alert, i): Placed => ({ alert, wanted: new Set(identities[i]!.map(groupIdOf)) }));
    const { changed, moved } = relocateAll(stored, placed, now);
    const after = moved.map((one) => inState(rule, one, one, one.state, now));
    const writes = [...changed].map(([groupId, group]) => toWrite(stored.get(groupId)!, group, now));
    if (!(await this.groups.write(writes, session)) || !(await this.alerts.write(after, session)))
      throw new ChangedMeanwhile();
    return after;
  }
}

/** The groups that have changed, by their ids, and the alerts that they have changed by. */
const relocateAll = (stored: ReadonlyMap<string, StoredGroup>, placed: readonly Placed[], now: Date) => {
  const groups = new Map([...stored].map(([groupId, { channelId, group }]) => [groupId, { channelId, group }]));
  const changed = new Map<string, NoticeGroup>();
  const moved: StoredAlert[] = [];
  for (const { alert, wanted } of placed) {
    const changes = relocate(groups, wanted, memberOf(alert), now);
    for (const [groupId, group] of changes) {
      changed.set(groupId, group);
      groups.set(groupId, { ...groups.get(groupId)!, group });
    }
    if (changes.size > 0) moved.push(alert);
  }
  return { changed, moved };
};
