import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { SchedulePlanner } from './schedule-planner.js';
import { ScheduleRunner } from './schedule-runner.js';

const EVERY_MS = 2_000;
/** Sweeps from one look at the age of the history to the next: an hour. */
const PRUNE_EVERY = 1_800;

/**
 * Looks every two seconds, in the worker, for what is due and what waits. All it knows is in MongoDB: any number of
 * workers may sweep, and one that is killed is carried on by the next.
 */
@Injectable()
export class ScheduleSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ScheduleSweeper.name);
  private readonly stop = new AbortController();
  private loop: Promise<void> | undefined;

  constructor(
    private readonly planner: SchedulePlanner,
    private readonly runner: ScheduleRunner,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'worker') this.loop = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await this.loop;
    await this.runner.settled();
  }

  /** Until nothing is due and nothing waits any more. */
  async sweep(): Promise<void> {
    await this.planner.plan();
    do await this.runner.begin(this.stop.signal);
    while ((await this.runner.settled()) > 0);
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    for (let sweeps = 0; !signal.aborted; sweeps++) {
      try {
        if (sweeps % PRUNE_EVERY === 0) await this.planner.prune();
        await this.planner.plan();
        await this.runner.begin(signal);
      } catch (error) {
        this.logger.error({ err: error }, 'the sweep of schedules failed; it goes on');
      }
      await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
