import { Injectable } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { ExportQueue } from './export-queue.js';
import { LIMITS } from './exports.options.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportLeases, type TakenJob } from './persistence/export-leases.js';

const DAY_MS = 86_400_000;
/** The queue is told again of what it should have taken by then: Redis may have been flushed. */
const HINT_AGAIN_MS = 15_000;
const AT_ONCE = 100;
const ORPHANS_EVERY_MS = 600_000;

const WORKER_LOST = { code: 'worker_lost', detail: 'Each process that worked on it was killed before it was done' };

/** Level, not edge: looks at what is stored and sets right what hints and killed processes left behind. */
@Injectable()
export class ExportSweeper {
  private orphansAt = 0;

  constructor(
    private readonly leases: ExportLeases,
    private readonly files: ExportFiles,
    private readonly queue: ExportQueue,
    private readonly clock: Clock,
  ) {}

  async sweep(): Promise<void> {
    for (const taken of await this.leases.abandoned(this.clock.now())) await this.takeBack(taken);
    await this.hintWaiting();
    await this.expire();
    if (this.clock.now().getTime() - this.orphansAt >= ORPHANS_EVERY_MS) await this.removeOrphans();
  }

  /** What its worker wrote goes; the job waits again, or has failed when it took too many down with it. */
  private async takeBack(taken: TakenJob): Promise<void> {
    const now = this.clock.now();
    const isOurs =
      taken.job.attempts >= LIMITS.attempts
        ? await this.leases.fail(taken, WORKER_LOST, now, new Date(now.getTime() + LIMITS.keptDays * DAY_MS))
        : await this.leases.release(taken, { wasTried: true });
    if (isOurs) await this.files.remove(taken.fileId);
  }

  private async hintWaiting(): Promise<void> {
    const now = this.clock.now();
    for (const hint of await this.leases.unhinted(new Date(now.getTime() - HINT_AGAIN_MS), now, AT_ONCE)) {
      if (!(await this.queue.hint(hint))) return;
      await this.leases.hinted(hint.jobId, now);
    }
  }

  private async expire(): Promise<void> {
    const now = this.clock.now();
    for (const job of await this.leases.expired(now, AT_ONCE)) {
      if (job.status === 'completed')
        await this.leases.expire(job.jobId, new Date(now.getTime() + LIMITS.keptDays * DAY_MS));
      else await this.leases.forget(job.jobId, now);
      if (job.file) await this.files.remove(job.file.fileId);
    }
  }

  /** Files that no job knows: of a worker that went on after it had lost its lease, and was killed then. */
  async removeOrphans(): Promise<void> {
    this.orphansAt = this.clock.now().getTime();
    const ids = await this.files.ids();
    const used = await this.leases.filesInUse(ids);
    for (const id of ids) if (!used.has(id)) await this.files.remove(id);
  }
}
