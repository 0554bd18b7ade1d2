import type { Severity } from './message.js';

/** A message in one user's inbox. */
export interface InboxMessage {
  readonly messageId: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly href?: string;
  readonly projects: readonly string[];
  /** About every project. */
  readonly wide: boolean;
  readonly createdAt: Date;
  /** null while it is unread. */
  readonly readAt: Date | null;
}
