import { Injectable } from '@nestjs/common';
import { may, type Principal } from '../auth/index.js';
import { DomainError, invalid } from '../common/index.js';
import type { JobOptions, ScheduledJob } from './domain/job.js';
import type { Target } from './domain/schedule.js';

const KIND = /^[a-z][a-z0-9_]{0,39}$/;
const OPTIONS_LIMIT = 65_536;

/** What schedules can do: each feature registers its jobs at `onModuleInit`. */
@Injectable()
export class ScheduledJobs {
  private readonly jobs = new Map<string, ScheduledJob>();

  /** @throws Error for a kind that is taken or no snake_case name */
  register(kind: string, job: ScheduledJob): void {
    if (!KIND.test(kind)) throw new Error(`A job's kind is a snake_case name, not ${JSON.stringify(kind)}`);
    if (this.jobs.has(kind)) throw new Error(`There is a job ${kind} already`);
    this.jobs.set(kind, job);
  }

  /** @throws DomainError 422 `unknown_job` */
  get(kind: string): ScheduledJob {
    const job = this.jobs.get(kind);
    if (job) return job;
    const kinds = [...this.jobs.keys()].sort().join(', ');
    throw invalid('unknown_job', `There is no job ${JSON.stringify(kind)}`, [
      { pointer: '/target/kind', detail: `must be one of: ${kinds}` },
    ]);
  }

  /** By kind. */
  all(): readonly (readonly [string, ScheduledJob])[] {
    return [...this.jobs].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * The target as it is stored, checked under the rights of who saves it; problems point into the request.
   * @throws DomainError 403 `permission_missing`; 422; whatever the job says of its options
   */
  async validate(principal: Principal, { kind, options }: Target): Promise<Target> {
    const job = this.get(kind);
    if (!may(principal, job.permission))
      throw new DomainError('forbidden', 'permission_missing', `This needs the permission ${job.permission}`);
    const checked = await inOptions(async () => job.validate(principal, options));
    if (JSON.stringify(checked).length > OPTIONS_LIMIT)
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/target/options', detail: 'must be at most 64 KB of JSON' },
      ]);
    return { kind, options: checked };
  }
}

const inOptions = async (work: () => Promise<JobOptions>): Promise<JobOptions> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const errors = error.errors.map((problem) => ({ ...problem, pointer: `/target/options${problem.pointer}` }));
    throw new DomainError(error.kind, error.code, error.message, { errors, cause: error });
  }
};
