import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuditService, type Principal } from '../../auth/index.js';
import { Clock, notFound } from '../../common/index.js';
import { ChannelsService } from '../channels.service.js';
import { composeMessage } from '../domain/compose.js';
import type { Delivery } from '../domain/delivery.js';
import type { RenderContext, RenderedMessage } from '../domain/message.js';
import { settle } from '../domain/settle.js';
import { MessageRenderers } from '../message-renderers.js';
import { DeliveriesRepository } from '../persistence/deliveries.repository.js';
import { DeliveryQueueRepository } from '../persistence/delivery-queue.repository.js';
import { AttemptRunner } from './attempt-runner.js';
import { DeliveryOptions } from './delivery-options.js';

export const TEST_KIND = 'channel.test';

/** One attempt: who tests wants to know what came of it, and not to be surprised by it hours later. */
const ONCE = { delaysMs: [0], jitter: 0 };

/** Sends a message over a channel at once, enabled or not, so that somebody can see that it works. */
@Injectable()
export class ChannelTester implements OnModuleInit {
  constructor(
    private readonly channels: ChannelsService,
    private readonly deliveries: DeliveriesRepository,
    private readonly queue: DeliveryQueueRepository,
    private readonly runner: AttemptRunner,
    private readonly renderers: MessageRenderers,
    private readonly options: DeliveryOptions,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.renderers.register(TEST_KIND, testMessage);
  }

  /** The delivery with its one attempt. @throws DomainError 404 */
  async test(principal: Principal, channelId: string): Promise<Delivery> {
    const channel = await this.channels.get(principal.scope, channelId);
    const startedAt = this.clock.now();
    const leaseUntil = new Date(startedAt.getTime() + this.options.leaseMs);
    const delivery = await this.deliveries.begin(channel, TEST_KIND, startedAt, leaseUntil);
    const result = await this.runner.toChannel(delivery, channel, new AbortController().signal);
    const now = this.clock.now();
    const settlement = settle(result, 0, startedAt, now, ONCE, 0);
    await this.queue.record(delivery, settlement, now);
    const { state } = settlement;
    await this.audit.record(principal, 'channel.tested', { type: 'channel', id: channelId }, { state });
    const stored = await this.deliveries.find(principal.scope, delivery.deliveryId);
    if (!stored) throw notFound('Delivery');
    return stored;
  }
}

const testMessage = ({ channel, now, publicUrl }: RenderContext): RenderedMessage =>
  composeMessage({
    title: `Test of channel ${channel.name}`,
    tone: 'good',
    summary: 'This channel works. Somebody asked the service to send this message.',
    facts: [
      { label: 'Channel', text: channel.name },
      { label: 'Kind', text: channel.kind },
      { label: 'Sent', text: now.toISOString() },
    ],
    href: publicUrl,
    footer: 'Sent by the execution reporting service.',
    webhook: { type: TEST_KIND, data: { channelId: channel.channelId, name: channel.name } },
  });
