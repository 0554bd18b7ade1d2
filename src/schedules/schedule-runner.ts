import { Injectable, Logger } from '@nestjs/common';
import { Clock, failpoint, systemScope } from '../common/index.js';
import { GAVE_UP, judgeFailure, MAX_CLAIMS } from './domain/failures.js';
import type { HeldRun, Schedule } from './domain/schedule.js';
import { JobExecutor } from './job-executor.js';
import { type ScheduleLease, ScheduleLeases } from './persistence/schedule-leases.js';
import { ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';
import { RunSettler } from './run-settler.js';
import { Tenure } from './tenure.js';

/** Schedules whose runs one process works on at the same time. */
const SLOTS = 4;

/** Runs what waits, each schedule under its lease, the oldest occurrence first. */
@Injectable()
export class ScheduleRunner {
  private readonly logger = new Logger(ScheduleRunner.name);
  private readonly working = new Map<string, Promise<void>>();

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly leases: ScheduleLeases,
    private readonly executor: JobExecutor,
    private readonly settler: RunSettler,
    private readonly clock: Clock,
  ) {}

  /** Begins with as many waiting schedules as there are slots for, and does not wait for them. */
  async begin(stopping: AbortSignal): Promise<void> {
    const free = SLOTS - this.working.size;
    if (free <= 0 || stopping.aborted) return;
    const waiting = await this.runs.waiting(this.clock.now(), SLOTS * 4);
    for (const scheduleId of waiting.filter((id) => !this.working.has(id)).slice(0, free)) {
      const work = this.workOn(scheduleId, stopping)
        .catch((error: unknown) => this.logger.error({ err: error, scheduleId }, 'the runs of a schedule were cut off'))
        .finally(() => this.working.delete(scheduleId));
      this.working.set(scheduleId, work);
    }
  }

  /** @returns how many schedules it waited for */
  async settled(): Promise<number> {
    const works = [...this.working.values()];
    await Promise.all(works);
    return works.length;
  }

  private async workOn(scheduleId: string, stopping: AbortSignal): Promise<void> {
    const lease = await this.leases.claim(scheduleId);
    if (lease === 'gone') return this.runs.removeOf(scheduleId);
    if (!lease) return;
    try {
      while (!stopping.aborted) {
        const run = await this.runs.take(scheduleId, lease.fence, this.clock.now(), this.leases.until());
        if (!run || !(await this.runOne(lease, run, stopping))) return;
      }
    } finally {
      await this.leases.release(lease);
    }
  }

  /** false where the lease was lost or the process stops: another goes on. */
  private async runOne(lease: ScheduleLease, run: HeldRun, stopping: AbortSignal): Promise<boolean> {
    const schedule = await this.schedules.find(systemScope(lease.organization), run.scheduleId);
    if (!schedule) return false;
    if (schedule.state === 'paused' && run.trigger !== 'manual')
      return this.settler.skip(schedule, run, 'The schedule was paused before it ran');
    if (run.attempts > MAX_CLAIMS) return this.settler.fail(schedule, run, GAVE_UP);
    const tenure = new Tenure(
      async () => (await this.leases.renew(lease)) && (await this.runs.hold(run, this.leases.until())),
      stopping,
    );
    try {
      const outcome = await this.executor.run(schedule, run, tenure.signal);
      failpoint('schedule-job-done');
      return await this.settler.succeed(schedule, run, outcome);
    } catch (error) {
      return await this.afterFailure(schedule, run, error, tenure);
    } finally {
      tenure.end();
    }
  }

  private async afterFailure(schedule: Schedule, run: HeldRun, error: unknown, tenure: Tenure): Promise<boolean> {
    const { runId, scheduleId } = run;
    if (tenure.isLost) {
      this.logger.warn({ runId, scheduleId }, 'a run was taken over by another process');
      return false;
    }
    if (tenure.isStopping) {
      await this.runs.giveBack(run, this.clock.now(), false);
      return false;
    }
    const verdict = judgeFailure(tenure.timeout ?? error, run.attempts);
    this.logger.warn({ err: error, runId, scheduleId, attempts: run.attempts, ...verdict }, 'a run failed');
    if ('error' in verdict) return this.settler.fail(schedule, run, verdict.error);
    await this.runs.giveBack(run, new Date(this.clock.now().getTime() + verdict.retryInMs), true);
    return true;
  }
}
