import { Injectable } from '@nestjs/common';
import { invalid } from '../common/index.js';
import type { ScheduledJob } from './domain/job.js';

const KIND = /^[a-z][a-z0-9_]{0,39}$/;

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

  find(kind: string): ScheduledJob | undefined {
    return this.jobs.get(kind);
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
}
