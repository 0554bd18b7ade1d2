import { Injectable } from '@nestjs/common';
import { AuditService, may, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, notFound, type Page, type Scope } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import type { MetricFilter, TimeRange } from '../metrics/index.js';
import { chooseColumns } from './domain/columns.js';
import {
  type ExportDefinition,
  type ExportJob,
  type Priority,
  type SourceKind,
  type SourceOptions,
  workloadOf,
} from './domain/export-job.js';
import { type ExportFormat, FORMATS } from './domain/formats.js';
import { ExportProgress } from './export-progress.js';
import { ExportQueue } from './export-queue.js';
import { LIMITS } from './exports.options.js';
import { ExportFiles } from './persistence/export-files.js';
import { ExportJobsRepository, type JobFilter } from './persistence/export-jobs.repository.js';
import type { ExportSource, Extent, PreparedSource } from './sources/export-source.js';
import { ExportSources } from './sources/export-sources.js';

/** What a client, or a schedule, asks for. */
export interface ExportRequest {
  readonly name?: string;
  readonly source: SourceKind;
  readonly options: SourceOptions;
  readonly format: ExportFormat;
  readonly columns?: readonly string[];
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  readonly timeZone: string;
  readonly locale?: string;
  readonly maxRecords?: number;
  readonly priority?: Priority;
}

const DAY_MS = 86_400_000;
const MEGABYTE = 1024 * 1024;

@Injectable()
export class ExportsService {
  constructor(
    private readonly jobs: ExportJobsRepository,
    private readonly sources: ExportSources,
    private readonly files: ExportFiles,
    private readonly queue: ExportQueue,
    private readonly progress: ExportProgress,
    private readonly audit: AuditService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Stores the job and tells the queue of it.
   * @param key of who asks once, and may have to ask again: the same key is the same job
   * @throws DomainError 403 where the caller may not read the source, 404, 409 `export_quota_exceeded`, 422, 429
   */
  async create(principal: Principal, request: ExportRequest, key?: string): Promise<ExportJob> {
    const known = key === undefined ? undefined : await this.jobs.findByKey(principal.scope, key);
    if (known) return known;
    const { source, prepared } = await this.prepare(principal, request);
    await this.checkQuota(principal.scope);
    const job = await this.jobs.insert(
      principal.scope,
      {
        definition: definitionOf(request, source, prepared),
        projects: prepared.projects,
        isWide: prepared.isWide === true,
        isPrivate: prepared.isPrivate === true,
        name: request.name ?? prepared.name,
        priority: request.priority ?? 'normal',
        owner: { subject: principal.subject, name: principal.name },
        ...(key === undefined ? {} : { key }),
      },
      this.clock.now(),
    );
    await this.queue.hint({ jobId: job.jobId, priority: job.priority, fence: 0, workload: workloadOf(job) });
    await this.record(principal, 'export.created', job);
    return job;
  }

  /** Whether it could be asked for. @throws DomainError as `create` */
  async check(principal: Principal, request: ExportRequest): Promise<void> {
    const source = this.sourceOf(principal, request);
    if (source.check) await source.check(principal, request);
    else await source.prepare(principal, request);
  }

  /** How much it would be. @throws DomainError as `create` */
  async estimate(principal: Principal, request: ExportRequest): Promise<Extent & { readonly maxRecords: number }> {
    const { source, prepared } = await this.prepare(principal, request);
    const { scope } = principal;
    const { format, timeZone } = request;
    const { signal } = new AbortController();
    const extent = await source.extent({ scope, ...prepared, format, timeZone, signal });
    return { ...extent, maxRecords: mostRecords(request) };
  }

  list(
    principal: Principal,
    filter: Pick<JobFilter, 'statuses' | 'owner'>,
    limit: number,
    cursor?: string,
  ): Promise<Page<ExportJob>> {
    const reader = may(principal, 'exports:manage') ? {} : { reader: principal.subject };
    return this.jobs.list(principal.scope, { ...filter, ...reader }, limit, cursor);
  }

  /** @throws DomainError 404: not there, it reads a project that the caller may not see, or is somebody's own */
  async find(principal: Principal, jobId: string): Promise<ExportJob> {
    const job = await this.jobs.find(principal.scope, jobId);
    const isSeen = job && (!job.isPrivate || isOwn(principal, job) || may(principal, 'exports:manage'));
    if (!isSeen) throw notFound('Export');
    return job;
  }

  /** @throws DomainError 403 `not_your_export`, 404, 409 `export_over` */
  async cancel(principal: Principal, jobId: string): Promise<ExportJob> {
    await this.findOwn(principal, jobId);
    const now = this.clock.now();
    const forgetAt = new Date(now.getTime() + LIMITS.keptDays * DAY_MS);
    const job = await this.jobs.cancel(principal.scope, jobId, now, forgetAt);
    if (!job) throw new DomainError('conflict', 'export_over', 'The export is over: there is nothing to cancel');
    this.progress.announce(job);
    await this.record(principal, 'export.cancelled', job);
    return job;
  }

  /** Writes it again, from the newest data. @throws DomainError 403, 404, 409 `not_retryable`, 429 */
  async retry(principal: Principal, jobId: string): Promise<ExportJob> {
    const { source, status } = await this.findOwn(principal, jobId);
    this.checkPermission(principal, this.sources.get(source));
    await this.checkQuota(principal.scope);
    const job = await this.jobs.retry(principal.scope, jobId);
    if (!job)
      throw new DomainError('conflict', 'not_retryable', `Only what failed, was cancelled or expired: it is ${status}`);
    const fence = this.clock.now().getTime();
    await this.queue.hint({ jobId, priority: job.priority, fence, workload: workloadOf(job) });
    await this.record(principal, 'export.retried', job);
    return job;
  }

  /** Voids all links to it that were handed out. @throws DomainError 403, 404 */
  async revokeLinks(principal: Principal, jobId: string): Promise<void> {
    await this.findOwn(principal, jobId);
    const job = await this.jobs.revokeLinks(principal.scope, jobId);
    if (!job) throw notFound('Export');
    await this.record(principal, 'export.links_revoked', job);
  }

  /** The job and its file. @throws DomainError 403, 404 */
  async remove(principal: Principal, jobId: string): Promise<void> {
    await this.findOwn(principal, jobId);
    const job = await this.jobs.remove(principal.scope, jobId);
    if (!job) throw notFound('Export');
    if (job.file) await this.files.remove(job.file.fileId);
    this.progress.announce(job);
    await this.record(principal, 'export.deleted', job);
  }

  private async prepare(
    principal: Principal,
    request: ExportRequest,
  ): Promise<{ source: ExportSource; prepared: PreparedSource }> {
    const source = this.sourceOf(principal, request);
    return { source, prepared: await source.prepare(principal, request) };
  }

  /** @throws DomainError 403, 422 `unknown_source`, `format_not_offered`, `unknown_column` */
  private sourceOf(principal: Principal, request: ExportRequest): ExportSource {
    const source = this.sources.get(request.source);
    this.checkPermission(principal, source);
    const { format } = request;
    if (!source.formats.includes(format))
      throw invalid('format_not_offered', `${source.title} cannot be exported as ${format}`, [
        { pointer: '/format', detail: `must be one of: ${source.formats.join(', ')}` },
      ]);
    if (FORMATS[format].shape !== 'run') chooseColumns(source.columns, request.columns, source.defaultColumns);
    return source;
  }

  private checkPermission(principal: Principal, { permission }: ExportSource): void {
    if (!may(principal, permission))
      throw new DomainError('forbidden', 'permission_missing', `This needs the permission ${permission}`);
  }

  /** One's own export; anybody's with `exports:manage`. */
  private async findOwn(principal: Principal, jobId: string): Promise<ExportJob> {
    const job = await this.find(principal, jobId);
    if (!isOwn(principal, job) && !may(principal, 'exports:manage'))
      throw new DomainError('forbidden', 'not_your_export', 'It is the export of somebody else');
    return job;
  }

  private async checkQuota(scope: Scope): Promise<void> {
    const { open, bytes } = await this.jobs.usage(scope);
    if (open >= LIMITS.openJobs)
      throw new DomainError('rate_limited', 'too_many_exports', `At most ${LIMITS.openJobs} exports wait or run`, {
        retryAfterSeconds: 30,
      });
    const quota = this.config.exportQuotaMb;
    if (bytes >= quota * MEGABYTE)
      throw new DomainError(
        'conflict',
        'export_quota_exceeded',
        `The files of all exports take ${quota} MB: delete some`,
      );
  }

  private record(principal: Principal, action: string, job: ExportJob): Promise<void> {
    const { jobId, source, format, name } = job;
    return this.audit.record(principal, action, { type: 'export', id: jobId }, { name, source, format });
  }
}

const isOwn = ({ subject }: Principal, { owner }: ExportJob): boolean => owner.subject === subject;

const mostRecords = ({ maxRecords, format }: ExportRequest): number =>
  Math.min(maxRecords ?? LIMITS.maxRecords, format === 'pdf' ? LIMITS.documentRows : LIMITS.maxRecords);

const columnsOf = (request: ExportRequest, source: ExportSource, prepared: PreparedSource): readonly string[] => {
  if (FORMATS[request.format].shape === 'run') return [];
  if (request.columns && request.columns.length > 0) return request.columns;
  return request.format === 'pdf' ? (source.documentColumns ?? prepared.defaultColumns) : prepared.defaultColumns;
};

const definitionOf = (request: ExportRequest, source: ExportSource, prepared: PreparedSource): ExportDefinition => ({
  source: source.kind,
  options: prepared.options,
  format: request.format,
  columns: columnsOf(request, source, prepared),
  filter: prepared.filter,
  range: prepared.range,
  timeZone: request.timeZone,
  ...(request.locale === undefined ? {} : { locale: request.locale }),
  maxRecords: mostRecords(request),
});
