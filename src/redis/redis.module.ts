import { Global, Inject, Logger, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { AppConfig } from '../config/index.js';

/** The one connection for short commands. A queue worker or a subscriber, which block theirs, `duplicate()` it. */
export const REDIS = Symbol('REDIS');

const CONNECT_PATIENCE_MS = 2_000;
const LONGEST_PAUSE_MS = 2_000;

const connectLazily = (config: AppConfig): Redis => {
  const logger = new Logger('Redis');
  const redis = new Redis(config.redisUrl ?? 'redis://127.0.0.1:6379', {
    lazyConnect: true,
    // with Redis away a command fails at once, and the caller goes on without it
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_PATIENCE_MS,
    retryStrategy: (attempt) => Math.min(attempt * 100, LONGEST_PAUSE_MS),
  });
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) logger.warn(`away: ${error.message}`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.log('back');
    away = false;
  });
  return redis;
};

/** Redis only helps: the service starts without it, and everything stored is in MongoDB. */
@Global()
@Module({
  providers: [{ provide: REDIS, inject: [AppConfig], useFactory: connectLazily }],
  exports: [REDIS],
})
export class RedisModule implements OnModuleInit, OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** Waits a little, so that the first request already finds it; never fails. */
  async onModuleInit(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CONNECT_PATIENCE_MS);
    });
    await Promise.race([this.redis.connect().catch(() => undefined), patience]);
    clearTimeout(timer);
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
