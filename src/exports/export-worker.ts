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
import { AppConfig } from '../config/index.js';
import { REDIS } from '../redis/index.js';
import type { QueuedExport } from './export-queue.js';
import { ExportRunner } from './export-runner.js';
import { ExportSweeper } from './export-sweeper.js';
import { EXPORT_QUEUE } from './exports.options.js';

const SWEEP_MS = 3_000;
/** Files that one process writes at the same time. */
const AT_ONCE = 2;
const CLOSE_MS = 2_000;

/** In the worker: takes jobs off the queue, and sweeps up what the queue lost. */
@Injectable()
export class ExportWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExportWorker.name);
  private readonly stop = new AbortController();
  private connection: Redis | undefined;
  private worker: Worker<QueuedExport> | undefined;
  private readonly running = new Set<Promise<void>>();
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly runner: ExportRunner,
    private readonly sweeper: ExportSweeper,
    private readonly config: AppConfig,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'api') return;
    // what is opened while Redis is away cannot be closed again before it is back
    if (this.redis.status === 'ready') this.startWorker();
    else this.redis.once('ready', this.startWorker);
    this.sweeping = this.sweep();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.redis.off('ready', this.startWorker);
    this.stop.abort(new Error('stopping'));
    await this.sweeping;
    await Promise.allSettled(this.running);
    await this.closeWorker();
  }

  private readonly startWorker = (): void => {
    // a worker waits for Redis as long as it takes, where the one for short commands gives up at once
    this.connection = this.redis.duplicate({
      maxRetriesPerRequest: null,
      enableOfflineQueue: true,
      lazyConnect: false,
    });
    this.connection.on('error', () => undefined);
    this.worker = new Worker<QueuedExport>(EXPORT_QUEUE, (job) => this.run(job.data.jobId), {
      connection: this.connection,
      concurrency: AT_ONCE,
      lockDuration: 60_000,
    });
    this.worker.on('error', (error) => this.logger.debug(`queue: ${error.message}`));
    this.worker.on('failed', (_job, error) => this.logger.error({ err: error }, 'a job of the export queue failed'));
  };

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
  private async closeWorker(): Promise<void> {
    if (!this.worker) return;
    const patience = new AbortController();
    const tooLong = sleep(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([this.worker.close(true).catch(() => undefined), tooLong]);
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
