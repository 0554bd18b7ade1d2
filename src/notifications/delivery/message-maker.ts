import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import type { Channel } from '../domain/channel.js';
import type { Delivery } from '../domain/delivery.js';
import type { RenderedMessage } from '../domain/message.js';
import { MessageRenderers } from '../message-renderers.js';

/** No feature of this process can say what the message is. */
export class NoRendererError extends Error {
  constructor(kind: string) {
    super(`Nothing renders messages of kind "${kind}"`);
    this.name = 'NoRendererError';
  }
}

/** Asks the feature for the message, when it is about to be sent. */
@Injectable()
export class MessageMaker {
  constructor(
    private readonly renderers: MessageRenderers,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** undefined: there is nothing to say any more. @throws NoRendererError, and what the renderer throws */
  async make(delivery: Delivery, channel?: Channel): Promise<RenderedMessage | undefined> {
    const renderer = this.renderers.find(delivery.kind);
    if (!renderer) throw new NoRendererError(delivery.kind);
    const { organization, deliveryId, payload, severity, user } = delivery;
    return renderer({
      ...{ organization, deliveryId, payload, severity },
      channel: channel
        ? { kind: channel.kind, channelId: channel.channelId, name: channel.name }
        : { kind: delivery.channelKind ?? 'inbox', name: user ?? '' },
      ...(user !== undefined && { user }),
      now: this.clock.now(),
      publicUrl: this.config.publicUrl,
    });
  }
}
