import type { Grouping, Level } from './rule.js';

export const NOTICE_REASONS = ['first', 'new_in_group', 'resolved', 'all_resolved', 'repeat', 'escalated'] as const;
export type NoticeReason = (typeof NOTICE_REASONS)[number];

/** One episode of one alert in a group. */
export interface Member {
  readonly alertId: string;
  readonly episode: number;
  readonly level: Level;
  readonly joinedAt: Date;
  /** The level that was told of; null: nothing yet. */
  readonly told: Level | null;
  readonly resolved: boolean;
}

/** The alerts of one channel that agree in some labels, and what was told of them. */
export interface NoticeGroup {
  readonly timing: Grouping;
  readonly members: readonly Member[];
  /** Goes up with each message: makes each of them one of a kind. */
  readonly step: number;
  readonly lastAt: Date | null;
}

/** What of an alert is decided anew each time something could be told. */
export interface MemberFacts {
  /** Silenced, inhibited or snoozed. */
  readonly muted: boolean;
  readonly acknowledged: boolean;
}

export interface Notice {
  readonly reason: Exclude<NoticeReason, 'escalated'>;
  readonly step: number;
  /** What is listed: only what changed, or all that is unattended for a repeat. */
  readonly firing: readonly Member[];
  readonly resolved: readonly Member[];
  /** How many of the group are firing, listed or not. */
  readonly open: number;
}

/** A silence may begin or end at any time, so what is muted is looked at again this often. */
const MUTED_RECHECK_MS = 30_000;

export const newGroup = (timing: Grouping, step = 0): NoticeGroup => ({ timing, members: [], step, lastAt: null });

const isSame = (a: Pick<Member, 'alertId' | 'episode'>, b: Pick<Member, 'alertId' | 'episode'>): boolean =>
  a.alertId === b.alertId && a.episode === b.episode;

/** An alert began to fire, or got worse. */
export const join = (
  group: NoticeGroup,
  alert: Pick<Member, 'alertId' | 'episode' | 'level'>,
  now: Date,
): NoticeGroup => {
  const known = group.members.find((member) => isSame(member, alert));
  if (known)
    return {
      ...group,
      members: group.members.map((member) => (member === known ? { ...member, level: alert.level } : member)),
    };
  const { alertId, episode, level } = alert;
  return {
    ...group,
    members: [...group.members, { alertId, episode, level, joinedAt: now, told: null, resolved: false }],
  };
};

/** An alert has resolved; what nobody was told of just leaves. */
export const leave = (group: NoticeGroup, alert: Pick<Member, 'alertId' | 'episode'>): NoticeGroup => ({
  ...group,
  members: group.members.flatMap((member) => {
    if (!isSame(member, alert)) return [member];
    return member.told === null ? [] : [{ ...member, resolved: true }];
  }),
});

/** An alert goes without a word. */
export const drop = (group: NoticeGroup, alert: Pick<Member, 'alertId' | 'episode'>): NoticeGroup => ({
  ...group,
  members: group.members.filter((member) => !isSame(member, alert)),
});

/** An alert comes from another group of the same channel: what was told of it there is not told again. */
const adopt = (group: NoticeGroup, member: Member, lastAt: Date | null): NoticeGroup => ({
  ...group,
  members: [...group.members, member],
  lastAt:
    member.told === null || lastAt === null || (group.lastAt !== null && group.lastAt > lastAt) ? group.lastAt : lastAt,
});

export interface ChannelGroup {
  readonly channelId: string;
  readonly group: NoticeGroup;
}

/**
 * An open alert is told of in other groups from now on. Those that it leaves say nothing of it any more, not even its end.
 * @param groups by their ids: those that it is in, and all that it is wanted in
 * @returns the groups that have changed
 */
export const relocate = (
  groups: ReadonlyMap<string, ChannelGroup>,
  wanted: ReadonlySet<string>,
  alert: Pick<Member, 'alertId' | 'episode' | 'level'>,
  now: Date,
): ReadonlyMap<string, NoticeGroup> => {
  const changed = new Map<string, NoticeGroup>();
  const left = new Map<string, { readonly member: Member; readonly lastAt: Date | null }>();
  for (const [groupId, { channelId, group }] of groups) {
    const member = group.members.find((one) => isSame(one, alert));
    if (!member || member.resolved || wanted.has(groupId)) continue;
    changed.set(groupId, drop(group, alert));
    if (member.told !== null || !left.has(channelId)) left.set(channelId, { member, lastAt: group.lastAt });
  }
  for (const groupId of wanted) {
    const { channelId, group } = groups.get(groupId)!;
    if (group.members.some((one) => isSame(one, alert))) continue;
    const known = left.get(channelId);
    changed.set(groupId, known ? adopt(group, known.member, known.lastAt) : join(group, alert, now));
  }
  return changed;
};

const isUntold = ({ told, level, resolved }: Member): boolean =>
  !resolved && (told === null || (told === 'warning' && level === 'critical'));

interface Sorted {
  readonly untold: readonly Member[];
  readonly told: readonly Member[];
  readonly resolved: readonly Member[];
  readonly unattended: readonly Member[];
  readonly hasMuted: boolean;
}

const sort = ({ members }: NoticeGroup, factsOf: (member: Member) => MemberFacts): Sorted => {
  const loud = members.filter((member) => !factsOf(member).muted);
  const firing = loud.filter(({ resolved }) => !resolved);
  return {
    untold: firing.filter(isUntold),
    told: members.filter(({ told, resolved }) => told !== null && !resolved),
    resolved: loud.filter(({ resolved }) => resolved),
    unattended: firing.filter((member) => !isUntold(member) && !factsOf(member).acknowledged),
    hasMuted: loud.length < members.length,
  };
};

/** When new alerts of the group may be told of: at once would be too early for those that break together. */
const newsAt = ({ timing, lastAt }: NoticeGroup, { untold, told, resolved }: Sorted): number => {
  const isFirst = lastAt === null || told.length + resolved.length === 0;
  if (!isFirst) return lastAt.getTime() + timing.intervalMs;
  return Math.min(...untold.map(({ joinedAt }) => joinedAt.getTime())) + timing.waitMs;
};

const noticeOf = (group: NoticeGroup, sorted: Sorted, now: Date): Notice | undefined => {
  const { untold, told, resolved, unattended } = sorted;
  const news = untold.length > 0 && newsAt(group, sorted) <= now.getTime() ? untold : [];
  const open = group.members.filter((member) => !member.resolved).length;
  const common = { step: group.step, open };
  if (news.length > 0) {
    const reason = told.length + resolved.length === 0 ? 'first' : 'new_in_group';
    return { ...common, reason, firing: news, resolved };
  }
  if (resolved.length > 0) {
    const reason = told.length === 0 ? 'all_resolved' : 'resolved';
    return { ...common, reason, firing: [], resolved };
  }
  const repeatAt = group.lastAt === null ? Infinity : group.lastAt.getTime() + group.timing.repeatMs;
  if (unattended.length === 0 || repeatAt > now.getTime()) return undefined;
  return { ...common, reason: 'repeat', firing: unattended, resolved: [] };
};

/** When to look at the group again; null: not before something happens to it. */
export const nextLookAt = (group: NoticeGroup, factsOf: (member: Member) => MemberFacts, now: Date): Date | null => {
  const sorted = sort(group, factsOf);
  const times = [
    ...(sorted.resolved.length > 0 ? [now.getTime()] : []),
    ...(sorted.untold.length > 0 ? [newsAt(group, sorted)] : []),
    ...(sorted.unattended.length > 0 && group.lastAt ? [group.lastAt.getTime() + group.timing.repeatMs] : []),
    ...(sorted.hasMuted ? [now.getTime() + MUTED_RECHECK_MS] : []),
  ];
  return times.length === 0 ? null : new Date(Math.max(now.getTime(), Math.min(...times)));
};

/** Flags what a notice told, and lets go of what is over. A muted alert that resolved leaves without a word. */
const told = (group: NoticeGroup, { firing, resolved }: Notice, now: Date): NoticeGroup => ({
  ...group,
  step: group.step + 1,
  lastAt: now,
  members: group.members
    .filter((member) => !resolved.includes(member))
    .map((member) => (firing.includes(member) ? { ...member, told: member.level } : member)),
});

export interface Flush {
  readonly group: NoticeGroup;
  readonly notice?: Notice;
  readonly nextLookAt: Date | null;
}

/**
 * What a group has to tell now, if anything, and the group afterwards. At most one notice at a time; without a change and
 * before the time to repeat there is none.
 */
export const flush = (group: NoticeGroup, factsOf: (member: Member) => MemberFacts, now: Date): Flush => {
  const heard = {
    ...group,
    members: group.members.filter((member) => !(member.resolved && factsOf(member).muted)),
  };
  const notice = noticeOf(heard, sort(heard, factsOf), now);
  const after = notice ? told(heard, notice, now) : heard;
  return { group: after, ...(notice && { notice }), nextLookAt: nextLookAt(after, factsOf, now) };
};
