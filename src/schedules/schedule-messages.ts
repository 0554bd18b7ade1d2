import { buffer } from 'node:stream/consumers';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DomainError, systemScope, wholeOf } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import {
  composeMessage,
  type MessageAttachment,
  MessageRenderers,
  type RenderContext,
  type RenderedMessage,
} from '../notifications/index.js';
import type { JobFile, JobOutcome } from './domain/job.js';
import { failureContent, type FileLine, runContent } from './domain/message-content.js';
import { FAILURE_MESSAGE, RUN_MESSAGE } from './domain/messages.js';
import type { Schedule, ScheduleRun, ScheduleSettings } from './domain/schedule.js';
import { FileLinks } from './file-links.js';
import { JobExecutor } from './job-executor.js';
import { ScheduleRunsRepository } from './persistence/schedule-runs.repository.js';
import { SchedulesRepository } from './persistence/schedules.repository.js';

/** What all attachments of an email may weigh; mail servers take little more. */
const ATTACHED_BYTES = 10_000_000;

/** How messages about runs look, made from the run as it stands when they are sent. */
@Injectable()
export class ScheduleMessages implements OnModuleInit {
  private readonly logger = new Logger(ScheduleMessages.name);

  constructor(
    private readonly renderers: MessageRenderers,
    private readonly schedules: SchedulesRepository,
    private readonly runs: ScheduleRunsRepository,
    private readonly executor: JobExecutor,
    private readonly links: FileLinks,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.renderers.register(RUN_MESSAGE, (context) => this.renderRun(context));
    this.renderers.register(FAILURE_MESSAGE, (context) => this.renderFailure(context));
  }

  /** As it would be written, with files that are not there yet. */
  preview(
    schedule: Pick<Schedule, 'scheduleId'> & ScheduleSettings,
    outcome: JobOutcome,
    plannedAt: Date,
  ): RenderedMessage {
    const run = { runId: 'preview', plannedAt };
    const files = (outcome.files ?? []).map(({ name, bytes }) => ({ name, bytes }));
    return composeMessage(runContent(schedule, run, outcome, files, this.config.publicUrl));
  }

  private async renderRun(context: RenderContext): Promise<RenderedMessage | undefined> {
    const found = await this.find(context);
    if (!found?.run.outcome) return undefined;
    const { schedule, run } = found;
    const outcome = run.outcome!;
    const files = outcome.files ?? [];
    const attachments = schedule.delivery.attachFiles ? await this.attachmentsOf(schedule, files, context) : [];
    const lines = files.map(({ name, bytes }, index): FileLine => {
      if (attachments.some(({ filename }) => filename === name)) return { name, bytes };
      const place = { scheduleId: run.scheduleId, runId: run.runId, index };
      return { name, bytes, href: this.links.linkOf(context.organization, place) };
    });
    const content = runContent(schedule, run, outcome, lines, context.publicUrl);
    return composeMessage({ ...content, ...(attachments.length > 0 && { attachments }) });
  }

  private async renderFailure(context: RenderContext): Promise<RenderedMessage | undefined> {
    const found = await this.find(context);
    if (!found?.run.error) return undefined;
    return composeMessage(failureContent(found.schedule, found.run, found.run.error, context.publicUrl));
  }

  /** undefined where the schedule was deleted meanwhile: there is nothing to say any more. */
  private async find({
    organization,
    payload,
  }: RenderContext): Promise<{ schedule: Schedule; run: ScheduleRun } | undefined> {
    const scope = systemScope(organization);
    const schedule = await this.schedules.find(scope, String(payload.scheduleId));
    const run = schedule && (await this.runs.find(scope, schedule.scheduleId, String(payload.runId)));
    return run && { schedule, run };
  }

  /** Those that fit, in order; only an email can carry any. */
  private async attachmentsOf(
    schedule: Schedule,
    files: readonly JobFile[],
    { channel }: RenderContext,
  ): Promise<MessageAttachment[]> {
    if (channel.kind !== 'email') return [];
    const attachments: MessageAttachment[] = [];
    let left = ATTACHED_BYTES;
    for (const file of files) {
      if (file.bytes >= left) continue;
      const content = await this.contentOf(schedule, file);
      if (!content || content.length >= left) continue;
      left -= content.length;
      attachments.push({ filename: file.name, contentType: file.contentType, content });
    }
    return attachments;
  }

  /** undefined where the file is no more: the message goes out without it. */
  private async contentOf(schedule: Schedule, file: JobFile): Promise<Buffer | undefined> {
    try {
      const stored = await this.executor.open(schedule, file);
      const whole = wholeOf(stored);
      return whole ? await buffer(stored.read(whole)) : Buffer.alloc(0);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind === 'unavailable') throw error;
      this.logger.warn({ err: error, scheduleId: schedule.scheduleId }, 'a file could not be attached');
      return undefined;
    }
  }
}
