import { Injectable } from '@nestjs/common';
import { type Principal, StoredPrincipals } from '../auth/index.js';
import { notFound, type StoredFile, Traced } from '../common/index.js';
import type { FileAccess, JobContext, JobFile, JobOutcome } from './domain/job.js';
import { boundedOutcome } from './domain/outcome.js';
import type { Schedule, ScheduleRun, ScheduleSettings } from './domain/schedule.js';
import { ScheduledJobs } from './scheduled-jobs.js';

type Saved = Pick<Schedule, 'scheduleId' | 'owner'> & ScheduleSettings;

/** Calls jobs with the rights that their schedule still has. */
@Injectable()
export class JobExecutor {
  constructor(
    private readonly jobs: ScheduledJobs,
    private readonly principals: StoredPrincipals,
  ) {}

  /** @throws DomainError 403 `rights_gone`; whatever the job throws, and its options' check under today's rights */
  @Traced('schedule.run')
  async run(schedule: Saved, run: ScheduleRun, signal: AbortSignal): Promise<JobOutcome> {
    const { kind, options } = schedule.target;
    const job = this.jobs.get(kind);
    const principal = await this.principals.restore(schedule.owner, job.permission);
    const checked = await job.validate(principal, options);
    const { runId, plannedAt } = run;
    const context = contextOf(schedule, principal, { occurrenceId: runId, plannedAt, signal });
    return boundedOutcome(await job.run({ ...context, options: checked }));
  }

  /** What a run would bring under the caller's rights; undefined where the job cannot tell. */
  async preview(
    schedule: Pick<Saved, 'scheduleId'> & ScheduleSettings,
    principal: Principal,
    plannedAt: Date,
  ): Promise<JobOutcome | undefined> {
    const { kind, options } = await this.jobs.validate(principal, schedule.target);
    const job = this.jobs.get(kind);
    if (!job.preview) return undefined;
    const signal = AbortSignal.timeout(PREVIEW_MS);
    const context = contextOf(schedule, principal, { occurrenceId: 'preview', plannedAt, signal });
    return boundedOutcome(await job.preview({ ...context, options }));
  }

  /**
   * A file of a run that the owner may still have.
   * @param reader who asks for it, where that is not the owner: a schedule is seen by more people than all that it makes
   * @throws DomainError 403 `rights_gone`; 404
   */
  async open(
    schedule: Saved,
    { ref, name, contentType }: JobFile,
    access: FileAccess = 'history',
    reader?: Principal,
  ): Promise<StoredFile> {
    const job = this.jobs.get(schedule.target.kind);
    const owner = await this.principals.restore(schedule.owner, job.permission);
    if (!job.open) throw notFound('File');
    const { length, etag, read } = await job.open(reader ?? owner, ref, access);
    return { name, contentType, length, etag, read };
  }
}

const PREVIEW_MS = 30_000;

const contextOf = (
  { scheduleId, name, target, timing }: Pick<Saved, 'scheduleId'> & ScheduleSettings,
  principal: Principal,
  occurrence: Pick<JobContext, 'occurrenceId' | 'plannedAt' | 'signal'>,
): JobContext => ({
  ...occurrence,
  principal,
  options: target.options,
  schedule: { scheduleId, name },
  timeZone: timing.timeZone,
});
