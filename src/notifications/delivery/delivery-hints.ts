import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../../redis/index.js';

const CHANNEL = 'notifications:wake';

/** Says that there is something to deliver. A hint that is lost costs a moment: the dispatcher looks by itself too. */
@Injectable()
export class DeliveryHints implements OnApplicationShutdown {
  private readonly logger = new Logger(DeliveryHints.name);
  private readonly listeners = new Set<() => void>();
  private subscriber: Redis | undefined;

  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  wake(): void {
    for (const listener of this.listeners) listener();
    // processes without a dispatcher tell those that have one
    if (this.listeners.size === 0) this.redis.publish(CHANNEL, '').catch(() => undefined);
  }

  /** Listens to this process and, through Redis, to the others. @returns how to stop */
  onWake(listener: () => void): () => void {
    this.listeners.add(listener);
    this.subscriber ??= this.subscribe();
    return () => void this.listeners.delete(listener);
  }

  onApplicationShutdown(): void {
    this.subscriber?.disconnect();
  }

  private subscribe(): Redis {
    const subscriber = this.redis.duplicate({ lazyConnect: true });
    subscriber.on('error', () => undefined);
    subscriber.on('ready', () => {
      subscriber.subscribe(CHANNEL).catch((error: unknown) => this.logger.debug({ err: error }, 'not subscribed'));
    });
    subscriber.on('message', () => {
      for (const listener of this.listeners) listener();
    });
    subscriber.connect().catch(() => undefined);
    return subscriber;
  }
}
