import type { NoticeReason } from '../domain/notice-group.js';

/** The kind of message that this room renders. */
export const ALERT_MESSAGE = 'alert';
/** Alerts named in one message; the rest is counted. */
export const MOST_LISTED = 20;

export interface ListedAlert {
  readonly alertId: string;
  readonly episode: number;
}

/** What is queued: ids; everything else is read when it is sent. */
export interface AlertMessage {
  readonly reason: NoticeReason;
  /** What the alerts of the group have in common. */
  readonly labels: Readonly<Record<string, string>>;
  readonly firing: readonly ListedAlert[];
  readonly resolved: readonly ListedAlert[];
  readonly counts: { readonly firing: number; readonly resolved: number; readonly open: number };
  readonly escalation?: { readonly policy: string; readonly level: number };
}
