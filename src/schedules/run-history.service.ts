import { Injectable } from '@nestjs/common';
import { AuditService, type LinkSignature, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Page, type Scope, type StoredFile, systemScope } from '../common/index.js';
import type { JobFile } from './domain/job.js';
import type { RunStatus, ScheduleRun } from './domain/schedule.js';
import { FileLinks, type FilePlace } from './file-links.js';
import { JobExecutor } from './job-executor.js';
import { ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';
import { SchedulesService } from './schedules.service.js';

/** More never wait: what catch-up makes up for is bounded. */
const UNFINISHED = 200;

/** What became of the occurrences of a schedule, and the files they made. */
@Injectable()
export class RunHistoryService {
  constructor(
    private readonly service: SchedulesService,
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly executor: JobExecutor,
    private readonly links: FileLinks,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** @throws DomainError 404 */
  async list(
    scope: Scope,
    scheduleId: string,
    statuses: readonly RunStatus[] | undefined,
    limit: number,
    cursor?: string,
  ): Promise<Page<ScheduleRun>> {
    await this.service.find(scope, scheduleId);
    return this.runs.list(scope, scheduleId, statuses, limit, cursor);
  }

  /** @throws DomainError 404 */
  async find(scope: Scope, scheduleId: string, runId: string): Promise<ScheduleRun> {
    await this.service.find(scope, scheduleId);
    const run = await this.runs.find(scope, scheduleId, runId);
    if (!run) throw notFound('Run of the schedule');
    return run;
  }

  /** A run beside the plan, also while the schedule is paused. @throws DomainError 404; 409 `run_waiting` */
  async runNow(principal: Principal, scheduleId: string): Promise<ScheduleRun> {
    const { scope, subject } = principal;
    const { name } = await this.service.find(scope, scheduleId);
    const { items } = await this.runs.list(scope, scheduleId, ['pending', 'running'], UNFINISHED);
    if (items.some(({ trigger }) => trigger === 'manual'))
      throw new DomainError('conflict', 'run_waiting', 'A run that was asked for by hand is not done yet');
    const now = this.clock.now();
    const request = { trigger: 'manual', plannedAt: now, status: 'pending', requestedBy: subject } as const;
    const [run] = await this.runs.insert(scope, scheduleId, [request], now);
    await this.audit.record(principal, 'schedule.run_requested', { type: 'schedule', id: scheduleId }, { name });
    return run!;
  }

  /** @throws DomainError 404, also where the caller may not see it; 403 `rights_gone` when the owner may not any more */
  async open(reader: Principal, { scheduleId, runId, index }: FilePlace): Promise<StoredFile> {
    const schedule = await this.service.find(reader.scope, scheduleId);
    const run = await this.find(reader.scope, scheduleId, runId);
    return this.executor.open(schedule, fileOf(run, index), 'history', reader);
  }

  /**
   * By a signed link, which stands for the right to the file.
   * @throws DomainError 403 `link_invalid`, also when it is gone or its links were revoked
   */
  async openByLink(place: FilePlace, signature: LinkSignature): Promise<StoredFile> {
    this.links.verify(place, signature);
    const scope = systemScope(signature.org);
    const schedule = await this.schedules.find(scope, place.scheduleId);
    const run = schedule && (await this.runs.find(scope, place.scheduleId, place.runId));
    try {
      if (run) return await this.executor.open(schedule, fileOf(run, place.index), 'link');
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
    }
    // a link says nothing of what was once there
    throw new DomainError('forbidden', 'link_invalid', 'This link is not valid or no longer valid');
  }
}

const fileOf = (run: ScheduleRun, index: number): JobFile => {
  const file = run.outcome?.files?.[index];
  if (!file) throw notFound('File');
  return file;
};
