import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, makeScope } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { ReportHead } from './domain/report.js';
import { ReportsRepository } from './persistence/reports.repository.js';
import { ReportScoresService } from './report-scores.service.js';

/** How often the worker looks for reports that API processes have left. */
const LOOK_MS = 500;
/** Who has not asked for so long has gone; whoever asks later is served then. */
const WANTED_MS = 10 * 60_000;
/** So many times as long as a job took, the process is left to its other work. */
const REST = 3;

/**
 * Completes reports whose scores were too much work to wait for, in the worker and not beside requests: one at a time, the
 * newest first, and for a quarter of the time at most. What a kill cuts off stays pending, and its next reader brings it
 * here again.
 */
@Injectable()
export class DeferredScores implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DeferredScores.name);
  private current: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isResting = false;
  private closed = false;

  constructor(
    private readonly scores: ReportScoresService,
    private readonly reports: ReportsRepository,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.current;
  }

  /** Somebody has asked for a report that is still pending. */
  async want(head: ReportHead): Promise<void> {
    await this.reports.want(head, this.clock.now());
    this.wake();
  }

  /** There may be something to do; told only to spare the process that does it itself the wait. */
  wake(): void {
    if (this.closed || this.config.role === 'api' || this.current || this.isResting) return;
    clearTimeout(this.timer);
    this.current = this.step().then((restMs) => {
      this.current = undefined;
      this.isResting = restMs > 0;
      if (this.closed) return;
      this.timer = setTimeout(() => {
        this.isResting = false;
        this.wake();
      }, restMs || LOOK_MS);
      this.timer.unref();
    });
  }

  /** @returns how long to rest in ms; 0 where there was nothing to do */
  private async step(): Promise<number> {
    try {
      const head = await this.reports.claimPending(new Date(this.clock.now().getTime() - WANTED_MS));
      if (!head) return 0;
      const startedAt = performance.now();
      await this.complete(head);
      return REST * (performance.now() - startedAt);
    } catch (error) {
      this.logger.warn({ err: error }, 'reports whose scores are pending could not be looked for');
      return 0;
    }
  }

  private async complete(head: ReportHead): Promise<void> {
    const scope = makeScope(
      head.organization,
      head.projects.map(({ key }) => key),
    );
    try {
      await this.reports.complete(head, await this.scores.compute(scope, head.request));
    } catch (error) {
      this.logger.warn({ err: error, reportId: head.reportId }, 'the scores of a report could not be computed');
    }
  }
}
