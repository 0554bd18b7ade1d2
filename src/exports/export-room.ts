import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { may, type Principal } from '../auth/index.js';
import { Clock, DomainError, notFound, type Plain, systemScope } from '../common/index.js';
import { RealtimeRooms, type RoomDefinition, type RoomPlace } from '../realtime/index.js';
import type { ExportJob } from './domain/export-job.js';
import { ExportProgress } from './export-progress.js';
import { ExportsService } from './exports.service.js';
import { toExportDto } from './http/export-views.js';
import { ExportDto } from './http/export-views.dto.js';
import { ExportJobsRepository } from './persistence/export-jobs.repository.js';

const KIND = 'export';

interface ExportContext {
  readonly organization: string;
  readonly jobId: string;
}

/** The rooms `export:{jobId}`: how far an export is, wherever it is written. */
@Injectable()
export class ExportRoom implements RoomDefinition<ExportContext>, OnModuleInit {
  private readonly logger = new Logger(ExportRoom.name);
  readonly kind = KIND;
  readonly description =
    'An export as it goes: each delta brings the whole job anew, about once a second and when it is over. The signed link is left to GET /exports/{jobId}/status. Needs exports:read.';
  readonly id = { name: 'jobId', description: 'Id of the export', example: '6650c0ffee6650c0ffee0001' };
  readonly state = { payload: ExportDto, description: 'The job as it is now' };
  readonly messages = [
    { type: 'export.changed', description: 'The job has moved, or is over', payload: ExportDto },
  ] as const;

  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly exports: ExportsService,
    private readonly jobs: ExportJobsRepository,
    private readonly progress: ExportProgress,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rooms.register(this);
    this.progress.listen((job) => {
      this.tell(job).catch((error: unknown) => {
        this.logger.warn({ err: error, jobId: job.jobId }, 'a room was not told of its export');
      });
    });
  }

  async authorise(principal: Principal, jobId: string): Promise<RoomPlace<ExportContext>> {
    if (!may(principal, 'exports:read'))
      throw new DomainError('forbidden', 'permission_missing', 'This needs the permission exports:read');
    const job = await this.exports.find(principal, jobId);
    return { key: jobId, context: { organization: job.organization, jobId } };
  }

  async snapshot({ organization, jobId }: ExportContext): Promise<Plain<ExportDto>> {
    const job = await this.jobs.find(systemScope(organization), jobId);
    if (!job) throw notFound('Export');
    return toExportDto(job, this.clock.now());
  }

  private async tell({ jobId, organization }: Pick<ExportJob, 'jobId' | 'organization'>): Promise<void> {
    if (!(await this.rooms.live(KIND, [jobId])).has(jobId)) return;
    // what was read may be told after what somebody else has read since: so who tells looks again
    for (let told: string | undefined; ;) {
      const job = await this.jobs.find(systemScope(organization), jobId);
      if (!job) return this.rooms.drop(KIND, jobId);
      const seen = JSON.stringify(job);
      if (seen === told) return;
      told = seen;
      this.rooms.publishSoon(KIND, jobId, 'export.changed', toExportDto(job, this.clock.now()));
    }
  }
}
