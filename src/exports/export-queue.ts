import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { withPatience } from '../common/index.js';
import { REDIS } from '../redis/index.js';
import { RANKS, type Workload } from './domain/export-job.js';
import { queueOf } from './exports.options.js';
import type { JobHint } from './persistence/export-leases.js';

const PATIENCE_MS = 1_000;

export interface QueuedExport {
  readonly jobId: string;
}

/** Tells the workers that there is something to do. Only a hint: what is to be done stands in MongoDB. */
@Injectable()
export class ExportQueue implements OnApplicationShutdown {
  private readonly logger = new Logger(ExportQueue.name);
  private connection: Redis | undefined;
  private readonly queues = new Map<Workload, Queue<QueuedExport>>();

  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  /** @returns false when Redis did not take it: the sweep will tell the queue later */
  async hint({ jobId, priority, fence, workload }: JobHint): Promise<boolean> {
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
      await withPatience(this.open(workload).add('export', { jobId }, options), PATIENCE_MS);
      return true;
    } catch (error) {
      this.logger.warn(`the queue was not told of ${jobId}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    for (const queue of this.queues.values()) await withPatience(queue.close(), PATIENCE_MS).catch(() => undefined);
    this.connection?.disconnect();
  }

  private open(workload: Workload): Queue<QueuedExport> {
    const known = this.queues.get(workload);
    if (known) return known;
    this.connection ??= this.connect();
    const queue = new Queue<QueuedExport>(queueOf(workload), { connection: this.connection });
    queue.on('error', () => undefined);
    this.queues.set(workload, queue);
    return queue;
  }

  private connect(): Redis {
    const connection = this.redis.duplicate();
    connection.on('error', () => undefined);
    return connection;
  }
}
