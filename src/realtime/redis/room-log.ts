import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../../redis/index.js';
import { LIMITS } from '../limits.js';
import { roomKeyOf, type RoomUpdate } from '../room.js';
import { PRESENCE_MS, presenceOf } from './presence.js';
import { answered, RedisScript } from './redis-script.js';

/** The one stream that every node reads. */
export const FEED = 'rt:feed';
/** Counts its entries without a gap, so that a reader knows when it has missed one. */
const FEED_COUNT = 'rt:feed:n';
/** The feed keeps so many entries, fewer of long ones: about so many bytes. Who reads slower than that has a gap. */
const FEED_LENGTH = 10_000;
const FEED_LEAST = 64;
const FEED_BYTES = 64 * 1024 * 1024;
const ROOM_TTL_MS = 3_600_000;

/** A delta as the log keeps it. */
export interface LoggedDelta {
  readonly seq: number;
  /** Epoch ms of Redis. */
  readonly at: number;
  readonly type: string;
  readonly data: unknown;
}

export interface LogPosition {
  /** Changes when Redis has lost the room: sequence numbers begin anew. */
  readonly epoch: string;
  readonly seq: number;
}

export interface LogReading extends LogPosition {
  /** Everything after the position that was asked about; undefined where that is not kept (any more). */
  readonly deltas?: readonly LoggedDelta[];
}

/**
 * Number, log and feed in one step: in the feed the deltas of a room stand in the order of their numbers, whoever
 * appended them. Answers -wait where the room was updated too short a time ago, else how many were appended.
 */
const APPEND = new RedisScript(`
local room, log, feed, count = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local name, ttl, gap, keep, keepBytes = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local state = redis.call('HMGET', room, 'epoch', 'seq', 'last', 'bytes')
local epoch, seq, bytes = state[1] or ARGV[1], tonumber(state[2] or 0), tonumber(state[4] or 0)
if gap > 0 and state[3] then
  local wait = tonumber(state[3]) + gap - now
  if wait > 0 and wait <= gap then return -wait end
end
local appended = 0
for i = 7, #ARGV, 4 do
  local field = 'v:' .. ARGV[i]
  local version = tonumber(ARGV[i + 1])
  local had = version and tonumber(redis.call('HGET', room, field) or '')
  if not had or version > had then
    if version then redis.call('HSET', room, field, ARGV[i + 1]) end
    seq = seq + 1
    appended = appended + 1
    local body = '{"seq":' .. string.format('%.0f', seq) .. ',"at":' .. string.format('%.0f', now) .. ',"type":' .. ARGV[i + 2] .. ',"data":' .. ARGV[i + 3] .. '}'
    bytes = bytes + #body
    redis.call('RPUSH', log, body)
    local length = math.max(${FEED_LEAST}, math.min(${FEED_LENGTH}, math.floor(${FEED_BYTES} / #body)))
    redis.call('XADD', feed, 'MAXLEN', '~', length, '*', 'n', redis.call('INCR', count), 'r', name, 'e', epoch, 'b', body)
  end
end
while redis.call('LLEN', log) > keep or bytes > keepBytes do
  local gone = redis.call('LPOP', log)
  if not gone then bytes = 0 break end
  bytes = bytes - #gone
end
if appended > 0 then redis.call('HSET', room, 'epoch', epoch, 'seq', string.format('%.0f', seq), 'last', string.format('%.0f', now), 'bytes', bytes) end
redis.call('PEXPIRE', room, ttl)
redis.call('PEXPIRE', log, ttl)
return appended
`);

/**
 * Makes the room known, so that its loss is seen later, and notes that somebody is in it; with what came after `lastSeq`
 * when all of it is kept. What happens while nobody is in a room is told to nobody and stands in no log: so one that was
 * empty begins a new epoch, and whoever comes back to it gets a snapshot.
 */
const READ = new RedisScript(`
local room, log, live = KEYS[1], KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', live, '-inf', string.format('%.0f', now))
if not redis.call('ZSCORE', live, ARGV[6]) then redis.call('DEL', room, log) end
redis.call('ZADD', live, string.format('%.0f', now + tonumber(ARGV[5])), ARGV[6])
redis.call('HSETNX', room, 'epoch', ARGV[1])
local state = redis.call('HMGET', room, 'epoch', 'seq')
redis.call('PEXPIRE', room, ARGV[2])
redis.call('PEXPIRE', log, ARGV[2])
local seq = tonumber(state[2] or 0)
local behind = seq - (tonumber(ARGV[4]) or -1)
if ARGV[3] ~= state[1] or ARGV[4] == '' or behind < 0 or behind > redis.call('LLEN', log) then return {state[1], seq} end
if behind == 0 then return {state[1], seq, {}} end
return {state[1], seq, redis.call('LRANGE', log, -behind, -1)}
`);

/** A message to all nodes that belongs to no sequence. */
const TELL = new RedisScript(`
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'n', redis.call('INCR', KEYS[2]), 'c', ARGV[1])
`);

const keysOf = (name: string): [string, string] => [`rt:room:${name}`, `rt:log:${name}`];

/** Rooms in Redis: their sequence numbers, the deltas they keep, and the feed that carries them to every node. */
@Injectable()
export class RoomLog {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /**
   * Appends the updates that are newer than what the room has had, in one step.
   * @param gapMs nothing is appended within so long after the append before; 0 for at once
   * @returns how long to wait where it was too early, else 0
   * @throws Error while Redis is away
   */
  async append(kind: string, key: string, updates: readonly RoomUpdate[], gapMs: number): Promise<number> {
    const name = roomKeyOf(kind, key);
    const items = updates.flatMap(({ type, data, entity = '', version }) => [
      entity,
      version ?? '',
      JSON.stringify(type),
      JSON.stringify(data),
    ]);
    const { keptDeltas, keptBytes } = LIMITS;
    const head = [randomUUID(), name, ROOM_TTL_MS, gapMs, keptDeltas, keptBytes];
    const run = APPEND.run(this.redis, [...keysOf(name), FEED, FEED_COUNT], [...head, ...items]);
    return Math.max(0, -Number(await answered(run)));
  }

  /** For somebody who is in the room. @throws Error while Redis is away */
  async read(kind: string, key: string, since?: Partial<LogPosition>): Promise<LogReading> {
    const args = [randomUUID(), ROOM_TTL_MS, since?.epoch ?? '', since?.seq ?? '', PRESENCE_MS, key];
    const keys = [...keysOf(roomKeyOf(kind, key)), presenceOf(kind)];
    const answer = await answered(READ.run(this.redis, keys, args));
    const [epoch, seq, bodies] = answer as [string, number, string[]?];
    return { epoch, seq, ...(bodies ? { deltas: bodies.map((body) => JSON.parse(body) as LoggedDelta) } : {}) };
  }

  /** Forgets the room, so that it begins a new epoch. */
  async forget(kind: string, key: string): Promise<void> {
    await answered(this.redis.del(...keysOf(roomKeyOf(kind, key))));
  }

  /** Says something to every node, this one among them. */
  async tell(message: object): Promise<void> {
    await answered(TELL.run(this.redis, [FEED, FEED_COUNT], [JSON.stringify(message), FEED_LENGTH]));
  }
}
