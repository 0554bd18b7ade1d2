import type { Channel, ChannelSecrets } from '../domain/channel.js';
import type { AttemptResult } from '../domain/delivery.js';
import type { RenderedMessage } from '../domain/message.js';

/** One attempt at one receiver. */
export interface Shipment {
  /** Stays the same over all attempts. */
  readonly deliveryId: string;
  readonly createdAt: Date;
  readonly message: RenderedMessage;
  readonly channel: Channel;
  readonly secrets: ChannelSecrets;
  /** Aborted when the process stops. */
  readonly signal: AbortSignal;
}

/** Never throws: what goes wrong is a failed attempt. */
export interface Transport {
  send(shipment: Shipment): Promise<AttemptResult>;
}

/** The id as receivers see it. */
export const messageIdOf = (deliveryId: string): string => `msg_${deliveryId}`;
