import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock } from '../common/index.js';
import type { RenderedMessage } from '../notifications/index.js';
import { nextOccurrences } from './domain/occurrences.js';
import type { ScheduleSettings } from './domain/schedule.js';
import { JobExecutor } from './job-executor.js';
import { ScheduleMessages } from './schedule-messages.js';
import { SchedulesService } from './schedules.service.js';

export interface SchedulePreview {
  readonly settings: ScheduleSettings;
  readonly nextRuns: readonly Date[];
  /** As it would be written if it ran now; absent where nobody asked, or the job cannot tell beforehand. */
  readonly message?: RenderedMessage;
}

export interface PreviewQuestion {
  readonly count: number;
  readonly message: boolean;
}

const UNSAVED = '0'.repeat(24);

/** What a schedule would do, before it does. */
@Injectable()
export class SchedulePreviews {
  constructor(
    private readonly schedules: SchedulesService,
    private readonly executor: JobExecutor,
    private readonly messages: ScheduleMessages,
    private readonly clock: Clock,
  ) {}

  /** Of a stored schedule, under the rights of the caller. @throws DomainError 404; 403 and 422 of the job */
  async ofSchedule(principal: Principal, scheduleId: string, question: PreviewQuestion): Promise<SchedulePreview> {
    const schedule = await this.schedules.find(principal.scope, scheduleId);
    return this.preview(principal, scheduleId, schedule, question);
  }

  /** Of one that is not stored. @throws DomainError as `SchedulesService.create` */
  async ofSettings(
    principal: Principal,
    settings: ScheduleSettings,
    question: PreviewQuestion,
  ): Promise<SchedulePreview> {
    return this.preview(principal, UNSAVED, await this.schedules.check(principal, settings), question);
  }

  private async preview(
    principal: Principal,
    scheduleId: string,
    settings: ScheduleSettings,
    { count, message }: PreviewQuestion,
  ): Promise<SchedulePreview> {
    const now = this.clock.now();
    const nextRuns = nextOccurrences(settings.timing, now, count);
    if (!message) return { settings, nextRuns };
    const outcome = await this.executor.preview({ ...settings, scheduleId }, principal, now);
    if (!outcome) return { settings, nextRuns };
    return { settings, nextRuns, message: this.messages.preview({ ...settings, scheduleId }, outcome, now) };
  }
}
