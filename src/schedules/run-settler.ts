import { Injectable, Logger } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { ClientSession, Connection } from 'mongoose';
import { AuditService, systemActor } from '../auth/index.js';
import { Clock } from '../common/index.js';
import { Outbox } from '../notifications/index.js';
import { type FailureSteps, stepsAfterFailure } from './domain/failures.js';
import type { JobOutcome } from './domain/job.js';
import { failureMessages, successMessages } from './domain/messages.js';
import type { HeldRun, RunError, Schedule } from './domain/schedule.js';
import { type RunEnd, ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';

type End = Omit<RunEnd, 'finishedAt'>;

/** `taken`: another process has the run, and nothing was written; `changed`: somebody changed the schedule while it ran. */
type Settled = 'taken' | 'as_read' | 'changed';

/** Writes down how a run ended and what is to be told of it, in one transaction, under the fence of who ran it. */
@Injectable()
export class RunSettler {
  private readonly logger = new Logger(RunSettler.name);

  constructor(
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly outbox: Outbox,
    private readonly audit: AuditService,
    private readonly clock: Clock,
    @InjectConnection() private readonly connection: Connection,
  ) {}

  /** Each answers false where the run was taken over by another process: then nothing is written. */
  succeed(schedule: Schedule, run: HeldRun, outcome: JobOutcome): Promise<boolean> {
    return this.settle(schedule, run, { status: 'succeeded', outcome });
  }

  fail(schedule: Schedule, run: HeldRun, error: RunError): Promise<boolean> {
    return this.settle(schedule, run, { status: 'failed', error });
  }

  skip(schedule: Schedule, run: HeldRun, note: string): Promise<boolean> {
    return this.settle(schedule, run, { status: 'skipped', note });
  }

  private async settle(schedule: Schedule, run: HeldRun, end: End): Promise<boolean> {
    const failed = end.status === 'failed';
    const failuresInRow = failed ? schedule.failuresInRow + 1 : end.status === 'skipped' ? schedule.failuresInRow : 0;
    const steps: FailureSteps = failed ? stepsAfterFailure(schedule.onFailure, failuresInRow) : { alert: false };
    const settled = await this.connection.transaction((session) =>
      this.write(schedule, run, { ...end, finishedAt: this.clock.now() }, failuresInRow, steps, session),
    );
    const { runId, scheduleId } = run;
    if (settled === 'taken') {
      this.logger.warn({ runId, scheduleId }, 'a run had been taken over; what this process did of it does not count');
      return false;
    }
    this.logger.log({ runId, scheduleId, status: end.status }, 'a scheduled run ended');
    if (steps.pause && settled === 'as_read') await this.recordPause(schedule, steps.pause.reason);
    return true;
  }

  private async write(
    schedule: Schedule,
    run: HeldRun,
    end: RunEnd,
    failuresInRow: number,
    steps: FailureSteps,
    session: ClientSession,
  ): Promise<Settled> {
    if (!(await this.runs.finish(run, end, session))) return 'taken';
    const { runId } = run;
    const { status, finishedAt } = end;
    const lastRun = { runId, status, finishedAt };
    const isAsRead = await this.schedules.settle(schedule, lastRun, failuresInRow, steps.pause, session);
    const messages =
      status === 'succeeded' ? successMessages(schedule, runId) : steps.alert ? failureMessages(schedule, runId) : [];
    await this.outbox.enqueue(messages, session);
    return isAsRead ? 'as_read' : 'changed';
  }

  private recordPause({ scheduleId, name, owner }: Schedule, reason: string): Promise<void> {
    const target = { type: 'schedule', id: scheduleId };
    return this.audit.record(systemActor(owner.organization), 'schedule.paused', target, { name, reason });
  }
}
