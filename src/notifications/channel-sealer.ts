import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { ChannelSecretsBox } from './channel-secrets.js';
import { ChannelsRepository } from './persistence/channels.repository.js';

/**
 * Versions before kept the path of a webhook's URL and its headers in the clear. They are sealed when a worker starts,
 * which is the one that sends: until it is of this version it can read them.
 */
@Injectable()
export class ChannelSealer implements OnApplicationBootstrap {
  private readonly logger = new Logger(ChannelSealer.name);

  constructor(
    private readonly channels: ChannelsRepository,
    private readonly secrets: ChannelSecretsBox,
    private readonly config: AppConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.config.role === 'api') return;
    try {
      const sealed = await this.sealAll();
      if (sealed > 0)
        this.logger.log({ channels: sealed }, 'secrets of channels that were kept in the clear are sealed');
    } catch (error) {
      this.logger.error({ err: error }, 'secrets of channels could not be sealed; the next start tries again');
    }
  }

  /** @returns how many there were */
  async sealAll(): Promise<number> {
    const found = await this.channels.unsealed();
    for (const one of found) {
      const { channelId, plainHeaders: headers } = one.channel;
      await this.channels.seal(one, this.secrets.seal(channelId, { ...(headers && { headers }) }).sealed);
    }
    return found.length;
  }
}
