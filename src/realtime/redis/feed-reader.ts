import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../../redis/index.js';
import type { LoggedDelta } from './room-log.js';
import { FEED } from './room-log.js';

const BLOCK_MS = 5_000;
const READ_COUNT = 500;
const RETRY_MS = 200;

export interface FeedListener {
  /** A delta of a room, in the order of its numbers. `room` as `roomKeyOf` names it. */
  onDelta(room: string, epoch: string, delta: () => LoggedDelta): void;
  /** What `RoomLog.tell` said. */
  onTold(message: unknown): void;
  /** Entries may have been missed. */
  onGap(): void;
}

type Entry = [id: string, fields: string[]];

/** Reads the feed on a connection of its own, from the moment it is started. */
@Injectable()
export class FeedReader implements BeforeApplicationShutdown {
  private readonly logger = new Logger(FeedReader.name);
  private connection: Redis | undefined;
  private loop: Promise<void> | undefined;
  private stopped = false;
  private position: string | undefined;
  private count = 0;

  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** Whether whatever is appended from now on will come by. */
  get isReading(): boolean {
    return this.position !== undefined;
  }

  start(listener: FeedListener): void {
    this.connection = this.redis.duplicate({ lazyConnect: true });
    // said once by the shared connection
    this.connection.on('error', () => undefined);
    this.loop = this.run(this.connection, listener);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.connection?.disconnect();
    await this.loop;
  }

  private async run(connection: Redis, listener: FeedListener): Promise<void> {
    await connection.connect().catch(() => undefined);
    while (!this.stopped) {
      try {
        if (this.position === undefined) {
          await this.begin(connection);
          listener.onGap();
        }
        await this.step(connection, listener);
      } catch (error) {
        this.position = undefined;
        this.logger.debug({ err: error }, 'the feed cannot be read');
        await sleep(RETRY_MS);
      }
    }
  }

  private async begin(connection: Redis): Promise<void> {
    const [newest] = (await connection.xrevrange(FEED, '+', '-', 'COUNT', 1)) as Entry[];
    this.count = newest ? Number(fieldsOf(newest).n) : 0;
    this.position = newest?.[0] ?? '0-0';
  }

  private async step(connection: Redis, listener: FeedListener): Promise<void> {
    const from = this.position ?? '0-0';
    const answer = await connection.xread('COUNT', READ_COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', FEED, from);
    for (const entry of (answer?.[0]?.[1] ?? []) as Entry[]) {
      this.take(entry, listener);
      this.position = entry[0];
    }
  }

  private take(entry: Entry, listener: FeedListener): void {
    const { n, r, e, b, c } = fieldsOf(entry);
    const isNext = Number(n) === this.count + 1;
    this.count = Number(n);
    try {
      if (r !== undefined && b !== undefined) listener.onDelta(r, e ?? '', () => JSON.parse(b) as LoggedDelta);
      if (c !== undefined) listener.onTold(JSON.parse(c));
      // trimmed before it was read, or a Redis that has lost its data
      if (!isNext) listener.onGap();
    } catch (error) {
      this.logger.error({ err: error, entry: entry[0] }, 'an entry of the feed could not be delivered');
    }
  }
}

const fieldsOf = ([, fields]: Entry): Partial<Record<'n' | 'r' | 'e' | 'b' | 'c', string>> =>
  Object.fromEntries(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1]]] : [])));
