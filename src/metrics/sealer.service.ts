import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, Traced } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { RunsRepository } from '../executions/index.js';
import { mergeRows } from './domain/build-rows.js';
import { sealDay } from './domain/seal.js';
import { DaysRepository, type DirtyDay } from './persistence/days.repository.js';
import { RunSummariesRepository } from './persistence/run-summaries.repository.js';
import { SealedDaysRepository } from './persistence/sealed-days.repository.js';

const BATCH = 32;
const IDLE_MS = 500;
/** A day that is still moving is left alone, since it would be sealed again at once; but not for longer than MAX_WAIT. */
const QUIET_MS = 2_000;

/**
 * Seals dirty days in the background, in the worker. It remembers nothing: what is dirty stands in the database, so a
 * killed worker goes on where it was, and two workers only repeat each other.
 */
@Injectable()
export class SealerService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SealerService.name);
  private stopped = false;
  private loop: Promise<void> | undefined;

  constructor(
    private readonly days: DaysRepository,
    private readonly summaries: RunSummariesRepository,
    private readonly sealed: SealedDaysRepository,
    private readonly runs: RunsRepository,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role !== 'api') this.loop = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    await this.loop;
  }

  /** Seals every day that is dirty now, moving or not. @returns how many */
  async sealAll(): Promise<number> {
    let count = 0;
    for (;;) {
      const dirty = await this.days.dirty(BATCH);
      const done = await this.sealEach(dirty);
      count += done;
      if (done === 0) return count;
    }
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      let done = 0;
      try {
        const before = this.clock.now().getTime() - QUIET_MS;
        const dirty = await this.days.dirty(BATCH);
        done = await this.sealEach(dirty.filter((day) => day.changedAt.getTime() < before));
      } catch (error) {
        this.logger.warn({ err: error }, 'sealing failed; it goes on');
      }
      if (done === 0) await sleep(IDLE_MS);
    }
  }

  private async sealEach(dirty: readonly DirtyDay[]): Promise<number> {
    let done = 0;
    for (const day of dirty) if (await this.seal(day)) done++;
    return done;
  }

  @Traced('metrics.seal')
  private async seal({ organization, projectId, day, version }: DirtyDay): Promise<boolean> {
    const parts = (await this.summaries.partsOfDays(projectId, [day])).get(day) ?? [];
    // what is not committed yet belongs to no position: the day waits until its batch is through
    const pending = await this.runs.unsummarised(parts.map((part) => part.runId));
    if (pending.length > 0) return false;
    // a batch that got through between the two reads has moved the version: its rows must not stand under the old one
    const [current] = await this.days.find(projectId, [day]);
    if (current?.version !== version) return false;
    const rows = mergeRows(parts.map((part) => part.rows));
    await this.sealed.write(organization, projectId, day, version, sealDay(rows));
    await this.days.markSealed(projectId, day, version);
    return true;
  }
}
