import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../../redis/index.js';
import { answered } from './redis-script.js';

/** A room is read again more often than that while there are subscribers. */
export const PRESENCE_MS = 45_000;

/** The rooms of a kind with subscribers, each scored with the epoch ms of Redis until which that holds. */
export const presenceOf = (kind: string): string => `rt:live:${kind}`;

/**
 * Which rooms have subscribers on any node: `RoomLog.read` notes it, by the clock of Redis, which all nodes share. A room
 * that nobody is in any more stays for up to 45 s.
 */
@Injectable()
export class Presence {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  async keys(kind: string): Promise<ReadonlySet<string>> {
    const [time, members] = await this.answers(
      this.redis.pipeline().time().zrange(presenceOf(kind), '0', '-1', 'WITHSCORES'),
    );
    const now = millisecondsOf(time);
    const scored = members as string[];
    return new Set(scored.filter((_key, index) => index % 2 === 0 && Number(scored[index + 1]) > now));
  }

  async has(kind: string, keys: readonly string[]): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    // not ZMSCORE, which Redis 6.0 does not know
    const asked = keys.reduce((pipeline, key) => pipeline.zscore(presenceOf(kind), key), this.redis.pipeline().time());
    const [time, ...ends] = await this.answers(asked);
    const now = millisecondsOf(time);
    return new Set(keys.filter((_key, index) => Number(ends[index] ?? 0) > now));
  }

  private async answers(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
    const answers = (await answered(pipeline.exec())) ?? [];
    const failed = answers.find(([error]) => error !== null)?.[0];
    if (failed) throw failed;
    return answers.map(([, answer]) => answer);
  }
}

/** Of the answer to TIME: seconds, and microseconds of the second. */
const millisecondsOf = (time: unknown): number => {
  const [seconds, microseconds] = time as [string | number, string | number];
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
};
