import { type Member, nextLookAt, type NoticeGroup } from '../domain/notice-group.js';
import type { AlertChange } from '../domain/plan-changes.js';
import type { AlertRule } from '../domain/rule.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import type { GroupIdentity, StoredGroup } from '../persistence/notice-groups.repository.js';

/** A change, with what of its rule says who is told. */
export type TellableChange = Omit<AlertChange, 'rule'> & {
  readonly rule: Pick<AlertRule, 'organization' | 'channels' | 'grouping'>;
};

export const memberOf = ({ alertId, state }: StoredAlert): Pick<Member, 'alertId' | 'episode' | 'level'> => ({
  alertId,
  episode: state.episode,
  level: state.level ?? 'critical',
});

/** The groups that an alert belongs into, one of each channel. */
export const groupsOf = ({ rule, after }: Pick<TellableChange, 'rule' | 'after'>): GroupIdentity[] => {
  const labels = Object.fromEntries(rule.grouping.by.map((name) => [name, after.labels[name] ?? '']));
  return rule.channels.map((channelId) => ({
    organization: rule.organization,
    channelId,
    labels,
    timing: rule.grouping,
  }));
};

export const toWrite = (stored: StoredGroup, group: NoticeGroup, now: Date) => ({
  stored,
  group,
  // who is muted is found out when it is looked at: until then everything may be loud
  lookAt: nextLookAt(group, () => ({ muted: false, acknowledged: false }), now),
});
