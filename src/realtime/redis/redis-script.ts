import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { withPatience } from '../../common/index.js';

/** A Lua script that Redis keeps by its hash. */
export class RedisScript {
  private readonly hash: string;

  constructor(private readonly text: string) {
    this.hash = createHash('sha1').update(text).digest('hex');
  }

  async run(redis: Redis, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.hash, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.eval(this.text, keys.length, ...keys, ...args);
    }
  }
}

const PATIENCE_MS = 2_000;

/** A Redis that hangs counts as one that is away. */
export const answered = <T>(work: Promise<T>): Promise<T> =>
  withPatience(work, PATIENCE_MS, () => new Error(`Redis gave no answer within ${PATIENCE_MS} ms`));
