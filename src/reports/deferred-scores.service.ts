import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import type { Scope } from '../common/index.js';
import type { ReportHead } from './domain/report.js';
import { ReportsRepository } from './persistence/reports.repository.js';
import { ReportScoresService } from './report-scores.service.js';

interface Job {
  readonly scope: Scope;
  readonly head: ReportHead;
}

/** Who asks for more is served when he asks again. */
const LONGEST_QUEUE = 50;
/** So many times as long as a job took, the process is left to its requests. */
const REST = 3;

/**
 * Completes reports whose scores were too much work to wait for: one at a time, and for a quarter of the time at most.
 * A hint, not a record: what a restart cuts off stays marked as pending, and the next reader brings it here again.
 */
@Injectable()
export class DeferredScores implements OnModuleDestroy {
  private readonly logger = new Logger(DeferredScores.name);
  private readonly waiting = new Map<string, Job>();
  private current: Promise<void> | undefined;
  private rest: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly scores: ReportScoresService,
    private readonly reports: ReportsRepository,
  ) {}

  enqueue(scope: Scope, head: ReportHead): void {
    if (this.closed || this.waiting.size >= LONGEST_QUEUE) return;
    this.waiting.set(head.reportId, { scope, head });
    this.next();
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.rest);
    this.waiting.clear();
    await this.current;
  }

  private next(): void {
    if (this.closed || this.current || this.rest) return;
    const [job] = this.waiting.values();
    if (!job) return;
    const startedAt = performance.now();
    this.current = this.complete(job).finally(() => {
      this.current = undefined;
      this.waiting.delete(job.head.reportId);
      if (!this.closed) this.pause(REST * (performance.now() - startedAt));
    });
  }

  private pause(ms: number): void {
    this.rest = setTimeout(() => {
      this.rest = undefined;
      this.next();
    }, ms);
    this.rest.unref();
  }

  private async complete({ scope, head }: Job): Promise<void> {
    try {
      await this.reports.complete(head, await this.scores.compute(scope, head.request));
    } catch (error) {
      this.logger.warn({ err: error, reportId: head.reportId }, 'the scores of a report could not be computed');
    }
  }
}
