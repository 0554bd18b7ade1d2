import { Injectable } from '@nestjs/common';
import { ChannelSecretsBox } from '../channel-secrets.js';
import { ChannelsService } from '../channels.service.js';
import { Clock, systemScope } from '../../common/index.js';
import { type ChannelKind } from '../domain/channel.js';
import { type AttemptResult, failedWith, type LeasedDelivery } from '../domain/delivery.js';
import { DIGEST_KIND } from '../domain/digest.js';
import type { RenderedMessage } from '../domain/message.js';
import type { StoredChannel } from '../persistence/channels.repository.js';
import { EmailTransport } from '../transports/email.transport.js';
import type { Transport } from '../transports/transport.js';
import { SlackTransport, TeamsTransport, WebhookTransport } from '../transports/web-transports.js';
import { MessageMaker } from './message-maker.js';
import { UserDelivery } from './user-delivery.service.js';

const cancelled = (reason: string): AttemptResult => ({ result: 'cancelled', reason });

/** One attempt at one delivery: reads the channel, has the message rendered as things are now, sends it. */
@Injectable()
export class AttemptRunner {
  private readonly transports: Readonly<Record<Exclude<ChannelKind, 'inbox'>, Transport>>;

  constructor(
    private readonly channels: ChannelsService,
    private readonly secrets: ChannelSecretsBox,
    private readonly maker: MessageMaker,
    private readonly users: UserDelivery,
    private readonly clock: Clock,
    email: EmailTransport,
    slack: SlackTransport,
    teams: TeamsTransport,
    webhook: WebhookTransport,
  ) {
    this.transports = { email, slack, teams, webhook };
  }

  /** The channels of deliveries that are about to be sent, by id; one that was deleted is not among them. */
  async channelsOf(deliveries: readonly LeasedDelivery[]): Promise<ReadonlyMap<string, StoredChannel>> {
    const channels = new Map<string, StoredChannel>();
    for (const organization of new Set(deliveries.map((one) => one.organization))) {
      const own = deliveries.filter((one) => one.organization === organization);
      const ids = new Set(own.flatMap(({ channelId }) => channelId ?? []));
      const found = await this.channels.findMany(systemScope(organization), [...ids]);
      for (const channel of found) channels.set(channel.channelId, channel);
    }
    return channels;
  }

  /** Never throws: whatever goes wrong is a failed attempt. @param channel as it is now; undefined: there is none */
  async run(delivery: LeasedDelivery, channel: StoredChannel | undefined, signal: AbortSignal): Promise<AttemptResult> {
    try {
      if (delivery.channelId === undefined) return await this.toUser(delivery, signal);
      if (!channel) return cancelled('The channel was deleted');
      if (!channel.enabled) return { result: 'disabled', reason: channel.disabledReason ?? 'The channel is disabled' };
      const result = await this.toChannel(delivery, channel, signal);
      if (result.result === 'failed' && result.gone)
        await this.channels.disableGone(channel, `The receiver answered ${result.responseCode}: it is gone`);
      return result;
    } catch (error) {
      return failedWith('internal', error instanceof Error ? error.message : 'unknown');
    }
  }

  /** To a channel, enabled or not. */
  async toChannel(delivery: LeasedDelivery, channel: StoredChannel, signal: AbortSignal): Promise<AttemptResult> {
    return this.rendered(delivery, channel, (message) => {
      if (channel.kind === 'inbox') return this.users.toUsers(delivery, message, channel.settings.users ?? []);
      const secrets = this.secrets.open(channel, this.clock.now());
      const { deliveryId, createdAt } = delivery;
      return this.transports[channel.kind].send({ deliveryId, createdAt, message, channel, secrets, signal });
    });
  }

  private toUser(delivery: LeasedDelivery, signal: AbortSignal): Promise<AttemptResult> {
    if (delivery.kind === DIGEST_KIND) return this.users.digest(delivery, signal);
    return this.rendered(delivery, undefined, (message) =>
      delivery.channelKind === 'email'
        ? this.users.mail(delivery, message, signal)
        : this.users.toUsers(delivery, message, [delivery.user!]),
    );
  }

  private async rendered(
    delivery: LeasedDelivery,
    channel: StoredChannel | undefined,
    send: (message: RenderedMessage) => Promise<AttemptResult>,
  ): Promise<AttemptResult> {
    let message: RenderedMessage | undefined;
    try {
      message = await this.maker.make(delivery, channel);
    } catch (error) {
      return failedWith('render_failed', error instanceof Error ? error.message : 'unknown');
    }
    return message ? send(message) : cancelled('There is nothing to say any more');
  }
}
