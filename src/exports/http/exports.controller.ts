import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, DomainError, type Plain, TargetMs } from '../../common/index.js';
import { DownloadsService } from '../downloads.service.js';
import { ExportsService } from '../exports.service.js';
import { ExportSources } from '../sources/export-sources.js';
import { EXPORT_EXAMPLES } from './examples.js';
import { CreateExportDto, toExportRequest } from './export-request.dto.js';
import { statusHref, toExportDto, toSourcesDto } from './export-views.js';
import { DownloadLinkDto, ExportDto, ExportEstimateDto, ExportPageDto, ExportSourcesDto } from './export-views.dto.js';
import { ExportsQueryDto } from './exports-query.dto.js';

const JOB_ID = { name: 'jobId', description: 'Id of the export', example: '6650c0ffee6650c0ffee0001' } as const;

@ApiTags('Exports')
@Controller('exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly downloads: DownloadsService,
    private readonly sources: ExportSources,
    private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(202)
  @Permit('exports:write')
  @Cost('heavy')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Export something as a file',
    description:
      'A background job: follow `links.status`. The rows are those of one moment (`asOf`), whatever comes in meanwhile. Texts that a spreadsheet would take for a formula are made inert in CSV and XLSX by an apostrophe. The file is offered when it is whole, and goes after a week unless the installation says otherwise. The source needs its own permission besides.',
  })
  @ApiBody({ type: CreateExportDto, examples: EXPORT_EXAMPLES })
  @ApiAcceptedResponse({
    type: ExportDto,
    description: 'The job',
    headers: { Location: { description: 'Where it stands', schema: { type: 'string' } } },
  })
  @ApiProblems(400, 403, 404, 409, 422)
  async create(
    @Caller() principal: Principal,
    @Body() body: CreateExportDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ExportDto>> {
    const job = await this.exports.create(principal, toExportRequest(body, this.clock.now()));
    void reply.header('location', statusHref(job.jobId));
    return toExportDto(job, this.clock.now());
  }

  @Post('estimate')
  @HttpCode(200)
  @Permit('exports:write')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'How many rows would it have',
    description: 'Takes what POST /exports takes, and starts nothing.',
  })
  @ApiBody({ type: CreateExportDto, examples: EXPORT_EXAMPLES })
  @ApiOkResponse({ type: ExportEstimateDto, description: 'The extent' })
  @ApiProblems(400, 403, 404, 422)
  async estimate(@Caller() principal: Principal, @Body() body: CreateExportDto): Promise<Plain<ExportEstimateDto>> {
    const request = toExportRequest(body, this.clock.now());
    const { rows, exact, maxRecords } = await this.exports.estimate(principal, request);
    return { rows, exact, maxRecords, withinLimit: rows <= maxRecords };
  }

  @Get('sources')
  @Permit('exports:read')
  @Cost('cheap')
  @TargetMs(10)
  @ApiOperation({ summary: 'What can be exported', description: 'Sources with their formats and columns.' })
  @ApiOkResponse({ type: ExportSourcesDto, description: 'The sources' })
  @ApiProblems(403)
  listSources(): Plain<ExportSourcesDto> {
    return toSourcesDto(this.sources.all());
  }

  @Get()
  @Permit('exports:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List exports',
    description: 'Newest first; those that read a project you may not see are left out.',
  })
  @ApiOkResponse({ type: ExportPageDto, description: 'A page of exports' })
  @ApiProblems(403, 422)
  async list(@Caller() principal: Principal, @Query() query: ExportsQueryDto): Promise<Plain<ExportPageDto>> {
    const { status: statuses, mine, limit = 50, cursor } = query;
    const filter = { statuses, ...(mine === true ? { owner: principal.subject } : {}) };
    const page = await this.exports.list(principal, filter, limit, cursor);
    const now = this.clock.now();
    return { items: page.items.map((job) => toExportDto(job, now)), nextCursor: page.nextCursor };
  }

  @Get(':jobId/status')
  @Permit('exports:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Where an export stands',
    description: 'Progress by rows, when it should be there, and a download link when it is.',
  })
  @ApiParam(JOB_ID)
  @ApiOkResponse({ type: ExportDto, description: 'The job' })
  @ApiProblems(403, 404)
  async status(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<Plain<ExportDto>> {
    const job = await this.exports.find(principal, jobId);
    return toExportDto(job, this.clock.now(), this.downloads.linkOf(job));
  }

  @Post(':jobId/cancel')
  @HttpCode(200)
  @Permit('exports:write')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Cancel an export',
    description: "One that waits or is being written: your own; anybody's with exports:manage. What was written goes.",
  })
  @ApiParam(JOB_ID)
  @ApiOkResponse({ type: ExportDto, description: 'The job' })
  @ApiProblems(403, 404, 409)
  async cancel(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<Plain<ExportDto>> {
    return toExportDto(await this.exports.cancel(principal, jobId), this.clock.now());
  }

  @Post(':jobId/retry')
  @HttpCode(202)
  @Permit('exports:write')
  @Cost('heavy')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Export it again',
    description: 'What failed, was cancelled or has expired begins anew, from the data of now.',
  })
  @ApiParam(JOB_ID)
  @ApiAcceptedResponse({ type: ExportDto, description: 'The job' })
  @ApiProblems(403, 404, 409)
  async retry(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<Plain<ExportDto>> {
    return toExportDto(await this.exports.retry(principal, jobId), this.clock.now());
  }

  @Post(':jobId/links')
  @Permit('exports:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Make a download link', description: 'Signed, good for 15 minutes, without a token.' })
  @ApiParam(JOB_ID)
  @ApiCreatedResponse({ type: DownloadLinkDto, description: 'The link' })
  @ApiProblems(403, 404, 409)
  async link(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<Plain<DownloadLinkDto>> {
    const job = await this.exports.find(principal, jobId);
    const link = this.downloads.linkOf(job);
    if (!link) throw new DomainError('conflict', 'export_not_ready', `There is no file: the export is ${job.status}`);
    return { downloadUrl: link.url, expiresAt: link.expiresAt.toISOString() };
  }

  @Delete(':jobId/links')
  @HttpCode(204)
  @Permit('exports:write')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Revoke all download links',
    description: 'Those handed out so far are void at once, those in messages of schedules too; new ones can be made.',
  })
  @ApiParam(JOB_ID)
  @ApiNoContentResponse({ description: 'They are void' })
  @ApiProblems(403, 404)
  async revoke(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<void> {
    await this.exports.revokeLinks(principal, jobId);
  }

  @Delete(':jobId')
  @HttpCode(204)
  @Permit('exports:write')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Delete an export',
    description: "The job and its file. Your own; anybody's with exports:manage.",
  })
  @ApiParam(JOB_ID)
  @ApiNoContentResponse({ description: 'It is gone' })
  @ApiProblems(403, 404)
  async remove(@Caller() principal: Principal, @Param('jobId') jobId: string): Promise<void> {
    await this.exports.remove(principal, jobId);
  }
}
