import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Clock } from '../../common/index.js';
import { REDIS } from '../../redis/index.js';
import { withPatience } from './redis-script.js';

/** Repeated more often than that while there are subscribers. */
const LIFE_MS = 45_000;

const setOf = (kind: string): string => `rt:live:${kind}`;

/** Which rooms have subscribers on any node. A room that nobody is in any more stays for up to 45 s. */
@Injectable()
export class Presence {
  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    private readonly clock: Clock,
  ) {}

  async note(kind: string, keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    const until = this.clock.now().getTime() + LIFE_MS;
    await withPatience(this.redis.zadd(setOf(kind), ...keys.flatMap((key) => [until, key])));
  }

  async keys(kind: string): Promise<ReadonlySet<string>> {
    const now = this.clock.now().getTime();
    await withPatience(this.redis.zremrangebyscore(setOf(kind), '-inf', now));
    return new Set(await withPatience(this.redis.zrange(setOf(kind), '0', '-1')));
  }

  async has(kind: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    const now = this.clock.now().getTime();
    // not ZMSCORE, which Redis 6.0 does not know
    const asked = keys.reduce((pipeline, key) => pipeline.zscore(setOf(kind), key), this.redis.pipeline());
    const ends = (await withPatience(asked.exec())) ?? [];
    const failed = ends.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
    return new Set(keys.filter((_key, index) => Number(ends[index]?.[1] ?? 0) > now));
  }
}
