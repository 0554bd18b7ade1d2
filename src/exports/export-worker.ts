import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { REDIS } from '../redis/index.js';
import type { Workload } from './domain/export-job.js';
import type { QueuedExport } from './export-queue.js';
import { ExportRunner } from './export-runner.js';
import { ExportSweeper } from './export-sweeper.js';
import { EXPORTS_WORK, type ExportsWork, queueOf } from './exports.options.js';

const SWEEP_MS = 3_000;
/**
 * Files that one process writes at the same time. Of streams one: a second would double the memory, and as the CPU is what
 * they wait for, both would take twice as long.
 */
const AT_ONCE: Readonly<Record<Workload, number>> = { streams: 1, computed: 2 };
const CLOSE_MS = 2_000;

/** Takes jobs off the queues, and sweeps up what the queue lost. */
@Injectable()
export class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExportWorker.name);
  private readonly stop = new AbortController();
  private connection: Redis | undefined;
  private workers: Worker<QueuedExport>[] = [];
  private readonly running = new Set<Promise<void>>();
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly runner: ExportRunner,
    private readonly sweeper: ExportSweeper,
    @Inject(EXPORTS_WORK) private readonly work: ExportsWork,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  onApplicationBootstrap(): void {
    if (this.work.length === 0) return;
    // what is opened while Redis is away cannot be closed again before it is back
    if (this.redis.status === 'ready') this.startWorkers();
    else this.redis.once('ready', this.startWorkers);
    this.sweeping = this.sweep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.redis.off('ready', this.startWorkers);
    this.stop.abort(new Error('stopping'));
    await this.sweeping;
    await Promise.allSettled(this.running);
    await this.closeWorkers();
  }

  private readonly startWorkers = (): void => {
    // a worker waits for Redis as long as it takes, where the one for short commands gives up at once
    const connection = this.redis.duplicate({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      lazyConnect: false,
    });
    connection.on('error', () => undefined);
    this.connection = connection;
    this.workers = this.work.map((workload) => this.workOn(workload, connection));
  };

  private workOn(workload: Workload, connection: Redis): Worker<QueuedExport> {
    const worker = new Worker<QueuedExport>(queueOf(workload), (job) => this.run(job.data.jobId), {
      connection,
      concurrency: AT_ONCE[workload],
      lockDuration: 60_000,
    });
    worker.on('error', (error) => this.logger.debug(`queue: ${error.message}`));
    worker.on('failed', (_job, error) => this.logger.error({ err: error }, 'a job of the export queue failed'));
    return worker;
  }

  private async run(jobId: string): Promise<void> {
    const work = this.runner.run(jobId, this.stop.signal);
    this.running.add(work);
    try {
      await work;
    } finally {
      this.running.delete(work);
    }
  }

  /** By force, since the jobs have ended: with Redis away it would wait for ever. */
  private async closeWorkers(): Promise<void> {
    const patience = new AbortController();
    const tooLong = sleep(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    const closed = Promise.allSettled(this.workers.map((worker) => worker.close(true)));
    await Promise.race([closed, tooLong]);
    patience.abort();
    this.connection?.disconnect();
  }

  private async sweep(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      try {
        await this.sweeper.sweep();
      } catch (error) {
        this.logger.error({ err: error }, 'the sweep of exports failed; it goes on');
      }
      await sleep(SWEEP_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
