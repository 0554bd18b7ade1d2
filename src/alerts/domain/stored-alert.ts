import type { AlertState } from './alert.js';
import type { Culprit } from './culprit.js';
import type { Labels } from './labels.js';
import type { Group, Severity } from './rule.js';

/** So long what is over is kept: a resolved alert, an entry of a timeline, a group that has nothing to tell. */
export const KEPT_DAYS = 400;

/** One alert as it is kept: a rule and a group of it, over all its episodes. */
export interface StoredAlert {
  readonly alertId: string;
  readonly organization: string;
  readonly ruleId: string;
  /** As the rule was called when the alert last changed. */
  readonly ruleName: string;
  readonly severity: Severity;
  readonly groupKey: string;
  readonly group: Group;
  /** What of the group is for people: names of tests in place of their ids. */
  readonly groupText: string;
  readonly labels: Labels;
  /** Of the rule when the alert last changed. */
  readonly thresholds: { readonly warning?: number; readonly critical?: number };
  /** Keys of the projects it is about; empty: the organization. */
  readonly projects: readonly string[];
  readonly state: AlertState;
  /** Of the present or last episode. */
  readonly culprit?: Culprit;
  /** Goes up with each write. */
  readonly version: number;
  readonly evaluatedAt: Date;
}

/** Its figures hold those of every project: it is for who is confined to none. */
export const isWide = ({ projects }: Pick<StoredAlert, 'projects'>): boolean => projects.length === 0;

export const TIMELINE_KINDS = [
  'moved',
  'level_changed',
  'acknowledged',
  'ack_expired',
  'snoozed',
  'snooze_ended',
  'escalation_started',
  'escalation_paused',
  'escalation_resumed',
  'escalation_ended',
  'escalated',
  'notified',
  'commented',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** One thing that happened to an alert. */
export interface TimelineEntry {
  readonly at: Date;
  readonly kind: TimelineKind;
  readonly episode: number;
  /** Who did it; absent: the service. */
  readonly by?: string;
  /** Further facts: from, to, level, reason, value, until, text, channels. */
  readonly details: Readonly<Record<string, unknown>>;
}
