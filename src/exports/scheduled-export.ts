import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, readDto, type StoredFile } from '../common/index.js';
import { MetricFilterDto } from '../metrics/index.js';
import { windowRange } from '../reports/index.js';
import {
  type FileAccess,
  type JobContext,
  type JobOptions,
  type JobOutcome,
  type ScheduledJob,
  ScheduledJobs,
} from '../schedules/index.js';
import { type ExportJob, isOpen } from './domain/export-job.js';
import { FORMATS } from './domain/formats.js';
import { DownloadsService } from './downloads.service.js';
import { type ExportRequest, ExportsService } from './exports.service.js';
import { toExportRequest } from './http/export-request.dto.js';
import { statusHref } from './http/export-views.js';
import { ScheduledExportDto } from './scheduled-export.dto.js';

const LOOK_MS = 500;

/** `export`: the same file again and again, over the time that is asked for then. */
@Injectable()
export class ScheduledExport implements ScheduledJob, OnModuleInit {
  readonly title = 'A file';
  readonly description =
    'What POST /exports takes, over `window` or the time range of its filter. The message has the file, or a link to it where it is too large.';
  readonly example = {
    window: 'previous_week',
    source: { kind: 'report', type: 'detailed' },
    format: 'pdf',
    filter: { projects: ['demo'] },
  };
  readonly permission = 'exports:write';

  constructor(
    private readonly jobs: ScheduledJobs,
    private readonly exports: ExportsService,
    private readonly downloads: DownloadsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.register('export', this);
  }

  async validate(principal: Principal, options: JobOptions): Promise<JobOptions> {
    const dto = await readDto(ScheduledExportDto, options);
    await this.exports.check(principal, this.requestOf(dto, this.clock.now(), 'UTC'));
    return JSON.parse(JSON.stringify(dto)) as JobOptions;
  }

  async preview({ principal, options, plannedAt, timeZone }: JobContext): Promise<JobOutcome> {
    const request = this.requestOf(await readDto(ScheduledExportDto, options), plannedAt, timeZone);
    const { rows, maxRecords } = await this.exports.estimate(principal, request);
    const most = Math.min(rows, maxRecords).toLocaleString('en-US');
    return { summary: `About ${most} rows as ${request.format.toUpperCase()}` };
  }

  async run({
    principal,
    options,
    plannedAt,
    timeZone,
    occurrenceId,
    schedule,
    signal,
  }: JobContext): Promise<JobOutcome> {
    const request = this.requestOf(await readDto(ScheduledExportDto, options), plannedAt, timeZone);
    const named = { name: schedule.name.slice(0, 200), ...request };
    const { jobId } = await this.exports.create(principal, named, `occurrence:${occurrenceId}`);
    for (;;) {
      signal.throwIfAborted();
      const job = await this.exports.find(principal, jobId);
      if (!isOpen(job)) return toOutcome(job);
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  /**
   * Links in messages count as handed out when the file was made: all of them are void once its links are revoked.
   * @throws DomainError 404 where the file has expired or was deleted, or the link is void
   */
  async open(principal: Principal, ref: string, access: FileAccess): Promise<StoredFile> {
    const { jobId, linkRevision } = readRef(ref);
    const job = await this.exports.find(principal, jobId);
    const file = this.downloads.fileOf(job);
    if (!file || (access === 'link' && job.linkRevision !== linkRevision)) throw notFound('File');
    return file;
  }

  private requestOf({ window, ...dto }: ScheduledExportDto, plannedAt: Date, timeZone: string): ExportRequest {
    const range = windowRange(window, dto.filter?.timeRange, plannedAt, timeZone, '/filter/timeRange');
    const request = toExportRequest({ ...dto, filter: withoutRange(dto.filter) }, plannedAt);
    return { ...request, range, timeZone: dto.timeZone ?? range.timeZone };
  }
}

/** The range has been read: in the zone of the schedule, where it names none. */
const withoutRange = (filter: MetricFilterDto | undefined): MetricFilterDto | undefined =>
  filter && Object.assign(new MetricFilterDto(), filter, { timeRange: undefined });

const refOf = ({ jobId, linkRevision }: ExportJob): string => `${jobId}.${linkRevision}`;

/** Files that were stored before links could be revoked have the id alone. */
const readRef = (ref: string): Pick<ExportJob, 'jobId' | 'linkRevision'> => {
  const [jobId = '', linkRevision = 0] = ref.split('.');
  return { jobId, linkRevision: Number(linkRevision) };
};

const toOutcome = (job: ExportJob): JobOutcome => {
  const { jobId, status, file, format, error } = job;
  if (status !== 'completed' || !file)
    throw new DomainError('conflict', error?.code ?? `export_${status}`, error?.detail ?? `The export is ${status}`);
  const { name, rows, length: bytes } = file;
  return {
    summary: `${rows.toLocaleString('en-US')} rows as ${format.toUpperCase()}${file.truncated ? ', the newest ones' : ''}`,
    files: [{ name, contentType: FORMATS[format].contentType, bytes, ref: refOf(job) }],
    links: [{ title: 'The export', href: statusHref(jobId) }],
  };
};
