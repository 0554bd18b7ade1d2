import type { Escalation, EscalationPlan } from './escalation.js';
import type { Figure } from './judge.js';
import type { AlertRule, Level } from './rule.js';

export const ALERT_STATES = ['inactive', 'pending', 'firing', 'recovering', 'resolved'] as const;
export type AlertStatus = (typeof ALERT_STATES)[number];

/** Why an alert is on: its value, or that there is none. */
export type AlertCause = 'value' | 'no_data' | 'error';

export const RESOLVE_REASONS = [
  'recovered',
  'vanished',
  'no_data',
  'error_over',
  'manual',
  'rule_changed',
  'rule_disabled',
  'rule_deleted',
] as const;
export type ResolveReason = (typeof RESOLVE_REASONS)[number];

export interface Acknowledgement {
  readonly by: string;
  readonly at: Date;
  /** When it lapses, and the escalation goes on. */
  readonly until?: Date;
  readonly note?: string;
}

export interface Snooze {
  readonly by: string;
  readonly at: Date;
  readonly until: Date;
}

/** The state of one alert: rule x group. An episode begins when it fires. */
export interface AlertState {
  readonly status: AlertStatus;
  /** When the present status began. */
  readonly since: Date;
  /** Of the present or last episode; null before the first breach. */
  readonly level: Level | null;
  readonly cause: AlertCause;
  /** Counts how often it has fired. */
  readonly episode: number;
  readonly firingSince?: Date;
  readonly resolvedAt?: Date;
  readonly resolveReason?: ResolveReason;
  /** Evaluations in a row without the group. */
  readonly missing: number;
  readonly figure?: Figure;
  readonly acknowledged?: Acknowledgement;
  readonly snoozed?: Snooze;
  readonly escalation?: Escalation;
}

/** What of a rule the reducer needs. */
export interface AlertPolicy extends Pick<AlertRule, 'forMs' | 'keepFiringForMs' | 'cooldownMs'> {
  /** Frozen into the alert when it fires. */
  readonly escalation?: EscalationPlan;
}

/** A group that has vanished resolves with its second evaluation without a value. */
export const VANISHED_AFTER = 2;

export type Effect =
  /** For the timeline. */
  | {
      readonly type: 'moved';
      readonly from: AlertStatus;
      readonly to: AlertStatus;
      readonly level: Level | null;
      readonly reason: string;
      /** Who did it by hand. */
      readonly by?: string;
    }
  | { readonly type: 'level_changed'; readonly from: Level; readonly to: Level }
  /** For the messages; a pending alert has none of these. */
  | { readonly type: 'announce'; readonly what: 'firing' | 'worsened' | 'resolved' }
  | { readonly type: 'acknowledged' | 'snoozed'; readonly by: string; readonly until?: Date; readonly note?: string }
  | { readonly type: 'ack_expired' | 'snooze_ended' }
  | { readonly type: 'escalation_started' | 'escalation_paused' | 'escalation_resumed' | 'escalation_ended' };

export interface Step {
  readonly state: AlertState;
  readonly effects: readonly Effect[];
}

export const newAlert = (now: Date): AlertState => ({
  status: 'inactive',
  since: now,
  level: null,
  cause: 'value',
  episode: 0,
  missing: 0,
});

/** Firing, or recovering and not resolved yet. */
export const isOpen = ({ status }: Pick<AlertState, 'status'>): boolean =>
  status === 'firing' || status === 'recovering';

export const isAcknowledged = ({ acknowledged }: AlertState, now: Date): boolean =>
  acknowledged !== undefined && (acknowledged.until === undefined || acknowledged.until > now);

export const isSnoozed = ({ snoozed }: AlertState, now: Date): boolean => snoozed !== undefined && snoozed.until > now;
