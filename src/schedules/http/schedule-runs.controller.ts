import {
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal, Public } from '../../auth/index.js';
import {
  answerFile,
  ApiFileAnswer,
  ApiProblems,
  type Plain,
  type RequestHeaders,
  TargetMs,
} from '../../common/index.js';
import { RunHistoryService } from '../run-history.service.js';
import { INDEX_PARAM, RUN_ID_PARAM, SCHEDULE_ID_PARAM } from './examples.js';
import {
  FileLinkQueryDto,
  ScheduleRunDto,
  ScheduleRunPageDto,
  ScheduleRunsQueryDto,
  toRunDto,
} from './schedule-run.dto.js';

@ApiTags('Schedules')
@Controller('schedules/:scheduleId')
@Cost('cheap')
export class ScheduleRunsController {
  constructor(private readonly history: RunHistoryService) {}

  @Post('run')
  @HttpCode(202)
  @Permit('schedules:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Run a schedule now',
    description: 'Beside its plan, and also while it is paused: a worker takes it within seconds.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiAcceptedResponse({
    type: ScheduleRunDto,
    description: 'The run that waits',
    headers: { Location: { description: 'Where it is followed', schema: { type: 'string' } } },
  })
  @ApiProblems(403, 404, 409)
  async run(
    @Caller() principal: Principal,
    @Param('scheduleId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ScheduleRunDto>> {
    const run = await this.history.runNow(principal, id);
    void reply.header('location', `/api/v1/execution-reporting/schedules/${id}/runs/${run.runId}`);
    return toRunDto(run);
  }

  @Get('runs')
  @Permit('schedules:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'History of a schedule',
    description:
      'A row for each occurrence, also those that were skipped, with what it brought or why it failed. Kept for 400 days.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiOkResponse({ type: ScheduleRunPageDto, description: 'A page of runs' })
  @ApiProblems(403, 404, 422)
  async list(
    @Caller() { scope }: Principal,
    @Param('scheduleId') id: string,
    @Query() { status, limit = 50, cursor }: ScheduleRunsQueryDto,
  ): Promise<Plain<ScheduleRunPageDto>> {
    const { items, nextCursor } = await this.history.list(scope, id, status, limit, cursor);
    return { items: items.map(toRunDto), nextCursor };
  }

  @Get('runs/:runId')
  @Permit('schedules:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One run of a schedule', description: 'Its status, figures, links and files.' })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiParam(RUN_ID_PARAM)
  @ApiOkResponse({ type: ScheduleRunDto, description: 'The run' })
  @ApiProblems(403, 404)
  async get(
    @Caller() { scope }: Principal,
    @Param('scheduleId') id: string,
    @Param('runId') runId: string,
  ): Promise<Plain<ScheduleRunDto>> {
    return toRunDto(await this.history.find(scope, id, runId));
  }

  @Get('runs/:runId/files/:index')
  @Permit('schedules:read')
  @Cost('query')
  @RouteConfig({ compress: false })
  @TargetMs(100)
  @ApiOperation({
    summary: 'Download a file of a run',
    description: 'As long as it is kept. What only its owner may see, such as a private dashboard, is 404 for others.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiParam(RUN_ID_PARAM)
  @ApiParam(INDEX_PARAM)
  @ApiFileAnswer()
  @ApiProblems(400, 403, 404)
  async download(
    @Caller() reader: Principal,
    @Param('scheduleId') scheduleId: string,
    @Param('runId') runId: string,
    @Param('index', ParseIntPipe) index: number,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    return answerFile(reply, await this.history.open(reader, { scheduleId, runId, index }), headers);
  }

  @Get('runs/:runId/files/:index/download')
  @Public()
  @Cost('query')
  @RouteConfig({ compress: false })
  @TargetMs(100)
  @ApiOperation({
    summary: 'Download a file by the link of a message',
    description:
      'Without a token: the link is signed, and works for a week while the file is kept and its links are not revoked (DELETE /exports/{jobId}/links). A download that broke off goes on by Range with If-Range.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiParam(RUN_ID_PARAM)
  @ApiParam(INDEX_PARAM)
  @ApiFileAnswer()
  @ApiProblems(400, 403, 422)
  async downloadByLink(
    @Param('scheduleId') scheduleId: string,
    @Param('runId') runId: string,
    @Param('index', ParseIntPipe) index: number,
    @Query() { org, expires, key, signature }: FileLinkQueryDto,
    @Headers() headers: RequestHeaders,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const file = await this.history.openByLink({ scheduleId, runId, index }, { org, expires, key, signature });
    return answerFile(reply, file, headers);
  }
}
