import { Injectable, Logger } from '@nestjs/common';
import { Clock, DomainError, failpoint, makeScope, Traced } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { ExportError, ExportJob } from './domain/export-job.js';
import { fileNameOf } from './domain/file-name.js';
import { FORMATS } from './domain/formats.js';
import { ExportContent } from './export-content.js';
import { ExportProgress } from './export-progress.js';
import { ExportQueue } from './export-queue.js';
import { LIMITS } from './exports.options.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportLeases, type TakenJob } from './persistence/export-leases.js';
import { ExportSources } from './sources/export-sources.js';

const BEAT_MS = 1_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const RETRY_MS = [1_000, 5_000, 30_000, 60_000] as const;

/** The lease is gone: cancelled, deleted, or another worker has taken over. */
class LeaseLost extends Error {}

/** Writes the file of one job. It can be killed at any moment, and called twice for the same job. */
@Injectable()
export class ExportRunner {
  private readonly logger = new Logger(ExportRunner.name);

  constructor(
    private readonly leases: ExportLeases,
    private readonly files: ExportFiles,
    private readonly sources: ExportSources,
    private readonly content: ExportContent,
    private readonly progress: ExportProgress,
    private readonly queue: ExportQueue,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Does nothing where the job is not to be done any more, or not yet. @param stop aborts and hands the job back */
  async run(jobId: string, stop: AbortSignal): Promise<void> {
    const taken = await this.leases.take(jobId, this.clock.now());
    if (!taken) return;
    const { organization } = taken.job;
    if ((await this.leases.othersAtWork(taken)) >= this.config.exportConcurrency) {
      await this.leases.postpone(taken);
      return;
    }
    try {
      await this.write(taken, stop);
    } finally {
      await this.hintNext(organization);
    }
  }

  @Traced('export.write')
  private async write(taken: TakenJob, stop: AbortSignal): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([stop, lost.signal]);
    const counter = { rows: 0 };
    let beating = Promise.resolve();
    const timer = setInterval(() => {
      beating = beating.then(() => this.beat(taken, counter.rows, lost)).catch(() => undefined);
    }, BEAT_MS);
    try {
      await this.produce(taken, signal, counter);
    } catch (error) {
      await this.files.remove(taken.fileId);
      await this.settleFailure(taken, error, { isStopping: stop.aborted, isLost: lost.signal.aborted });
    } finally {
      clearInterval(timer);
      await beating;
      this.progress.announce(taken.job);
    }
  }

  private async beat(taken: TakenJob, rows: number, lost: AbortController): Promise<void> {
    if (!(await this.leases.beat(taken, rows, this.clock.now()))) lost.abort(new LeaseLost());
    else this.progress.announce(taken.job);
  }

  private async produce(taken: TakenJob, signal: AbortSignal, counter: { rows: number }): Promise<void> {
    const { job, fileId } = taken;
    const source = this.sources.get(job.source);
    const read = { ...job, scope: makeScope(job.organization, job.isWide ? 'all' : job.projects), signal };
    const extent = await source.extent(read);
    const total = Math.min(extent.rows, job.maxRecords);
    if (!(await this.leases.begin(taken, total, extent.asOf))) throw new LeaseLost();
    failpoint('export-begun');
    const context = { ...read, ...(extent.asOf ? { asOf: extent.asOf } : {}) };
    const name = fileNameOf(job.name, FORMATS[job.format].extension);
    const { bytes, rowsWritten } = this.content.of(job, source, context, counter);
    const written = await this.files.write(fileId, name, bytes, signal);
    failpoint('export-written');
    const rows = rowsWritten();
    const file = { fileId, name, ...written, rows, truncated: extent.rows > rows && rows >= job.maxRecords };
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + this.config.exportKeepHours * HOUR_MS);
    if (!(await this.leases.complete(taken, file, now, expiresAt))) throw new LeaseLost();
    failpoint('export-completed');
  }

  /** What became of a job that was not written: nothing of ours, to be tried again, or failed for good. */
  private async settleFailure(
    taken: TakenJob,
    error: unknown,
    { isStopping, isLost }: { readonly isStopping: boolean; readonly isLost: boolean },
  ): Promise<void> {
    if (isLost || error instanceof LeaseLost) return;
    const { job } = taken;
    const now = this.clock.now();
    if (isStopping) {
      await this.leases.release(taken, { wasTried: false });
      return;
    }
    const isFinal = (error instanceof DomainError && error.kind !== 'unavailable') || job.attempts >= LIMITS.attempts;
    if (!isFinal) {
      this.logger.warn({ err: error, jobId: job.jobId }, 'an export failed; it is tried again');
      const pause = RETRY_MS[Math.min(job.attempts, RETRY_MS.length) - 1] ?? RETRY_MS[0];
      await this.leases.release(taken, { notBefore: new Date(now.getTime() + pause), wasTried: true });
      return;
    }
    if (!(error instanceof DomainError)) this.logger.error({ err: error, jobId: job.jobId }, 'an export failed');
    const expiresAt = new Date(now.getTime() + LIMITS.keptDays * DAY_MS);
    await this.leases.fail(taken, errorOf(error, job), now, expiresAt);
  }

  /** A job that had to wait for its organization's turn can be begun. */
  private async hintNext(organization: string): Promise<void> {
    const now = this.clock.now();
    for (const waiting of await this.leases.waiting(organization, now, this.config.exportConcurrency))
      if (await this.queue.hint(waiting)) await this.leases.hinted(waiting.jobId, now);
  }
}

const errorOf = (error: unknown, { jobId }: ExportJob): ExportError =>
  error instanceof DomainError
    ? { code: error.code, detail: error.message }
    : { code: 'internal', detail: `The export could not be written; the log holds the cause under ${jobId}` };
