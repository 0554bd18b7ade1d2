import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { withPatience } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { REDIS } from '../../redis/index.js';
import { COSTS, type CostClass, WINDOW_SECONDS } from './cost.js';

/** Longer than Redis ever needs on the same network, short enough not to be felt when it hangs. */
const PATIENCE_MS = 300;
/** After a failure Redis is not asked for so long, so that only the first requests wait in vain. */
const PAUSE_MS = 5000;

export interface RateDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Fixed windows of a minute in Redis, shared by all nodes. Without Redis everything is let through. */
@Injectable()
export class RateLimiter {
  private readonly logger = new Logger(RateLimiter.name);
  private readonly limiters: ReadonlyMap<CostClass, RateLimiterRedis>;
  private pausedUntil = 0;

  constructor(
    config: AppConfig,
    @Inject(REDIS) private readonly redis: Redis,
  ) {
    this.limiters =
      config.rateLimitFactor === 0
        ? new Map()
        : new Map(
            Object.entries(COSTS).map(([cost, points]) => [
              cost as CostClass,
              new RateLimiterRedis({
                storeClient: redis,
                keyPrefix: `rate:${cost}`,
                points: points * config.rateLimitFactor,
                duration: WINDOW_SECONDS,
                rejectIfRedisNotReady: true,
              }),
            ]),
          );
  }

  /** Counts one request of `who`; undefined where there is no limit, or no Redis to keep it. */
  async consume(cost: CostClass, who: string): Promise<RateDecision | undefined> {
    const limiter = this.limiters.get(cost);
    if (limiter === undefined || this.redis.status !== 'ready' || Date.now() < this.pausedUntil) return undefined;
    try {
      return decision(limiter.points, await withPatience(limiter.consume(who), PATIENCE_MS), true);
    } catch (outcome) {
      // the library rejects with the count when there is too much of it, and with an Error when Redis is away
      if (outcome instanceof RateLimiterRes) return decision(limiter.points, outcome, false);
      this.pausedUntil = Date.now() + PAUSE_MS;
      this.logger.warn(`rate limits are open for ${PAUSE_MS} ms, since Redis failed: ${String(outcome)}`);
      return undefined;
    }
  }
}

const decision = (limit: number, count: RateLimiterRes, allowed: boolean): RateDecision => ({
  allowed,
  limit,
  remaining: count.remainingPoints,
  resetSeconds: Math.max(1, Math.ceil(count.msBeforeNext / 1000)),
});
