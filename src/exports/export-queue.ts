import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { REDIS } from '../redis/index.js';
import { type Priority, RANKS } from './domain/export-job.js';
import { EXPORT_QUEUE } from './exports.options.js';

const PATIENCE_MS = 1_000;

export interface QueuedExport {
  readonly jobId: string;
}

/** Tells the workers that there is something to do. Only a hint: what is to be done stands in MongoDB. */
@Injectable()
export class ExportQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(ExportQueue.name);
  private opened: { readonly queue: Queue<QueuedExport>; readonly connection: Redis } | undefined;

  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** @returns false when Redis did not take it: the sweep will tell the queue later */
  async hint({ jobId, priority, fence }: { jobId: string; priority: Priority; fence: number }): Promise<boolean> {
    // the same job under another attempt is another entry: one that a killed worker holds must not stand in its way
    const options = {
      jobId: `${jobId}-${fence}`,
      priority: RANKS[priority],
      removeOnComplete: true,
      removeOnFail: true,
    };
    // what is opened while Redis is away cannot be closed again before it is back
    if (this.redis.status !== 'ready') return false;
    try {
      await withPatience(this.open().add('export', { jobId }, options));
      return true;
    } catch (error) {
      this.logger.warn(`the queue was not told of ${jobId}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.opened) return;
    const { queue, connection } = this.opened;
    await withPatience(queue.close()).catch(() => undefined);
    connection.disconnect();
  }

  private open(): Queue<QueuedExport> {
    if (this.opened) return this.opened.queue;
    const connection = this.redis.duplicate();
    connection.on('error', () => undefined);
    const queue = new Queue<QueuedExport>(EXPORT_QUEUE, { connection });
    queue.on('error', () => undefined);
    this.opened = { queue, connection };
    return queue;
  }
}

const withPatience = async <T>(work: Promise<T>): Promise<T> => {
  // whoever lost the race must not be an unhandled rejection
  work.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
};
