import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../../redis/index.js';
import { roomKeyOf } from '../room.js';
import { answered, RedisScript } from './redis-script.js';

const DONE = 0;
const MINE = 1;

/** {0}: somebody has brought the room that far; {1}: it is ours to do; {2, ms}: another's turn for so long. */
const CLAIM = new RedisScript(`
local done = redis.call('HGET', KEYS[2], 'done')
if done and tonumber(done) >= tonumber(ARGV[3]) then return {0} end
local left = redis.call('PTTL', KEYS[1])
if left > 0 then return {2, left} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {1}
`);

/** Longer, for who still works on it. */
const RENEW = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

/** Notes how far the room is, and keeps the next one waiting for the pause between two updates. */
const FINISH = new RedisScript(`
local done = redis.call('HGET', KEYS[2], 'done')
if not done or tonumber(done) < tonumber(ARGV[3]) then redis.call('HSET', KEYS[2], 'done', ARGV[3]) end
redis.call('PEXPIRE', KEYS[2], ARGV[4])
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
`);

const RELEASE = new RedisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);

const ROOM_TTL_MS = 3_600_000;

export type Turn = 'done' | 'mine' | { readonly waitMs: number };

/** Whose turn it is to compute a room: one node's at a time, and the next one's soon after that node was killed. */
@Injectable()
export class Claims {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** @throws Error while Redis is away, like the others */
  async claim(kind: string, key: string, token: string, position: number, lifeMs: number): Promise<Turn> {
    const answer = await this.run(CLAIM, kind, key, [token, lifeMs, position]);
    const [outcome, waitMs = 0] = answer as [number, number?];
    return outcome === DONE ? 'done' : outcome === MINE ? 'mine' : { waitMs };
  }

  async renew(kind: string, key: string, token: string, lifeMs: number): Promise<void> {
    await this.run(RENEW, kind, key, [token, lifeMs]);
  }

  async finish(kind: string, key: string, token: string, position: number, pauseMs: number): Promise<void> {
    await this.run(FINISH, kind, key, [token, pauseMs, position, ROOM_TTL_MS]);
  }

  async release(kind: string, key: string, token: string): Promise<void> {
    await this.run(RELEASE, kind, key, [token]);
  }

  private run(script: RedisScript, kind: string, key: string, args: readonly (string | number)[]): Promise<unknown> {
    const name = roomKeyOf(kind, key);
    return answered(script.run(this.redis, [`rt:claim:${name}`, `rt:room:${name}`], args));
  }
}
