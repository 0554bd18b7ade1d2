import type { ChannelKind } from './channel.js';
import type { Severity } from './message.js';

export const DELIVERY_STATES = ['pending', 'sending', 'delivered', 'failed', 'cancelled', 'disabled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States from which a delivery may be sent again by hand. */
export const REPLAYABLE: readonly DeliveryState[] = ['failed', 'disabled', 'cancelled'];

/** States from which many are sent again at once: what was taken back, or had nothing to say, is not meant. */
export const DEAD: readonly DeliveryState[] = ['failed', 'disabled'];

/** One try to deliver. */
export interface Attempt {
  readonly at: Date;
  readonly latencyMs: number;
  readonly outcome: 'delivered' | 'failed' | 'unknown';
  /** HTTP status or SMTP reply code. */
  readonly responseCode?: number;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly nextAttemptAt?: Date;
}

export interface Delivery {
  readonly deliveryId: string;
  readonly organization: string;
  readonly projects: readonly string[];
  /** About every project. */
  readonly wide: boolean;
  readonly dedupeKey: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly channelId?: string;
  readonly user?: string;
  readonly channelKind?: ChannelKind;
  readonly state: DeliveryState;
  /** Why it is cancelled or disabled. */
  readonly reason?: string;
  /** Held together with others of the same user until then. */
  readonly heldUntil?: Date;
  readonly nextAttemptAt?: Date;
  readonly attempts: readonly Attempt[];
  /** All attempts; `attempts` keeps the newest. */
  readonly attemptCount: number;
  /** Attempts since it was made or replayed: how far the retries have got. */
  readonly round: number;
  readonly createdAt: Date;
  readonly finishedAt?: Date;
}

/** A delivery that this process holds; `fence` proves it. */
export interface LeasedDelivery extends Delivery {
  readonly fence: number;
  readonly endpoint: string;
}

/** What an attempt came to. */
export type AttemptResult =
  | { readonly result: 'delivered'; readonly responseCode?: number }
  | {
      readonly result: 'failed';
      readonly error: { readonly code: string; readonly detail: string };
      readonly responseCode?: number;
      /** As the receiver asked. */
      readonly retryAfterMs?: number;
      /** No later attempt can succeed. */
      readonly permanent?: boolean;
      /** The receiver is gone: the channel is switched off. */
      readonly gone?: boolean;
    }
  /** Nothing was tried this time, and nothing will be: a dead letter. */
  | { readonly result: 'given_up'; readonly reason: string }
  | { readonly result: 'cancelled'; readonly reason: string }
  | { readonly result: 'disabled'; readonly reason: string };

export const failedWith = (code: string, detail: string, more: { permanent?: boolean } = {}): AttemptResult => ({
  result: 'failed',
  error: { code, detail: detail.slice(0, 500) },
  ...more,
});
