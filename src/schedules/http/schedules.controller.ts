import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { ScheduledJobs } from '../scheduled-jobs.js';
import { SchedulePreviews } from '../schedule-previews.service.js';
import { SchedulesService } from '../schedules.service.js';
import { CREATE_EXAMPLES, PREVIEW_EXAMPLES, SCHEDULE_ID_PARAM, UPDATE_EXAMPLES } from './examples.js';
import { etagOf, versionOf } from './if-match.js';
import { SchedulePreviewDto, toPreviewDto } from './schedule-preview.dto.js';
import { CreateScheduleDto, PreviewScheduleDto, UpdateScheduleDto } from './schedule-request.dto.js';
import { toNewSchedule, toPreviewSettings, toUpdate } from './schedule-request.mapper.js';
import { PreviewQueryDto } from './schedule-run.dto.js';
import { JobKindsDto, ScheduleDto, SchedulePageDto, SchedulesQueryDto, toScheduleDto } from './schedule.dto.js';

const DEFAULT_COUNT = 10;
const ETAG = { ETag: { description: 'Version of the settings, for If-Match', schema: { type: 'string' } } } as const;

@ApiTags('Schedules')
@Controller('schedules')
@Cost('cheap')
export class SchedulesController {
  constructor(
    private readonly schedules: SchedulesService,
    private readonly previews: SchedulePreviews,
    private readonly jobs: ScheduledJobs,
  ) {}

  @Post()
  @Permit('schedules:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create a schedule',
    description:
      'Does something again and again: at the times of a cron expression, or daily, weekly or monthly, in the local time of a zone. It runs under the rights of who saved it last, asked for again at each run.',
  })
  @ApiBody({ type: CreateScheduleDto, examples: CREATE_EXAMPLES })
  @ApiCreatedResponse({ type: ScheduleDto, description: 'The schedule', headers: ETAG })
  @ApiProblems(400, 403, 404, 409, 422)
  async create(
    @Caller() principal: Principal,
    @Body() body: CreateScheduleDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ScheduleDto>> {
    return tagged(reply, toScheduleDto(await this.schedules.create(principal, toNewSchedule(body))));
  }

  @Get()
  @Permit('schedules:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List schedules',
    description: 'By name. A caller confined to some projects sees those whose owner reaches no further.',
  })
  @ApiOkResponse({ type: SchedulePageDto, description: 'A page of schedules' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: SchedulesQueryDto): Promise<Plain<SchedulePageDto>> {
    const { state, kind, owner, limit = 50, cursor } = query;
    const { items, nextCursor } = await this.schedules.list(scope, { state, kind, owner }, limit, cursor);
    return { items: items.map(toScheduleDto), nextCursor };
  }

  @Get('kinds')
  @Permit('schedules:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'What can be scheduled', description: 'Each kind with its options and an example.' })
  @ApiOkResponse({ type: JobKindsDto, description: 'The kinds' })
  @ApiProblems(403)
  kinds(): Plain<JobKindsDto> {
    const items = this.jobs.all().map(([kind, { title, description, example, permission }]) => ({
      ...{ kind, title, description, example, permission },
    }));
    return { items };
  }

  @Post('preview')
  @HttpCode(200)
  @Permit('schedules:write')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Preview of a schedule that is not saved',
    description:
      'Its next runs, and the message as it would be written if it ran now. Nothing is sent, and no schedule stored.',
  })
  @ApiBody({ type: PreviewScheduleDto, examples: PREVIEW_EXAMPLES })
  @ApiOkResponse({ type: SchedulePreviewDto, description: 'The preview' })
  @ApiProblems(400, 403, 404, 422)
  async previewUnsaved(
    @Caller() principal: Principal,
    @Body() body: PreviewScheduleDto,
  ): Promise<Plain<SchedulePreviewDto>> {
    const question = { count: body.count ?? DEFAULT_COUNT, message: body.message ?? true };
    return toPreviewDto(await this.previews.ofSettings(principal, toPreviewSettings(body), question));
  }

  @Get(':scheduleId')
  @Permit('schedules:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One schedule', description: 'Its settings, when it runs next and how it ran last.' })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiOkResponse({ type: ScheduleDto, description: 'The schedule', headers: ETAG })
  @ApiProblems(403, 404)
  async get(
    @Caller() { scope }: Principal,
    @Param('scheduleId') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ScheduleDto>> {
    return tagged(reply, toScheduleDto(await this.schedules.find(scope, id)));
  }

  @Patch(':scheduleId')
  @Permit('schedules:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Change a schedule',
    description:
      'Fields left out stay; `timing`, `target`, `delivery`, `catchUp` and `onFailure` are replaced as a whole. It runs under your rights from now on.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiHeader({ name: 'If-Match', required: false, description: 'ETag as it was read: 412 when it was changed since' })
  @ApiBody({ type: UpdateScheduleDto, examples: UPDATE_EXAMPLES })
  @ApiOkResponse({ type: ScheduleDto, description: 'The schedule as it is now', headers: ETAG })
  @ApiProblems(400, 403, 404, 409, 412, 422)
  async update(
    @Caller() principal: Principal,
    @Param('scheduleId') id: string,
    @Body() body: UpdateScheduleDto,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ScheduleDto>> {
    const changed = await this.schedules.update(principal, id, toUpdate(body), versionOf(ifMatch));
    return tagged(reply, toScheduleDto(changed));
  }

  @Delete(':scheduleId')
  @Permit('schedules:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Delete a schedule',
    description: 'With its history; what its runs made elsewhere (reports, exports) stays.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiNoContentResponse({ description: 'Deleted' })
  @ApiProblems(403, 404)
  async remove(@Caller() principal: Principal, @Param('scheduleId') id: string): Promise<void> {
    await this.schedules.remove(principal, id);
  }

  @Post(':scheduleId/pause')
  @HttpCode(200)
  @Permit('schedules:write')
  @TargetMs(50)
  @ApiOperation({ summary: 'Pause a schedule', description: 'It runs only by hand until it is resumed.' })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiOkResponse({ type: ScheduleDto, description: 'The schedule, paused' })
  @ApiProblems(403, 404)
  async pause(@Caller() principal: Principal, @Param('scheduleId') id: string): Promise<Plain<ScheduleDto>> {
    return toScheduleDto(await this.schedules.pause(principal, id));
  }

  @Post(':scheduleId/resume')
  @HttpCode(200)
  @Permit('schedules:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Resume a schedule',
    description: 'It goes on with its next run; what fell into the pause is not caught up.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiOkResponse({ type: ScheduleDto, description: 'The schedule, active' })
  @ApiProblems(403, 404)
  async resume(@Caller() principal: Principal, @Param('scheduleId') id: string): Promise<Plain<ScheduleDto>> {
    return toScheduleDto(await this.schedules.resume(principal, id));
  }

  @Get(':scheduleId/preview')
  @Permit('schedules:read')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Preview of a schedule',
    description: 'Its next runs, and the message as it would be written if it ran now under your rights.',
  })
  @ApiParam(SCHEDULE_ID_PARAM)
  @ApiOkResponse({ type: SchedulePreviewDto, description: 'The preview' })
  @ApiProblems(403, 404, 422)
  async preview(
    @Caller() principal: Principal,
    @Param('scheduleId') id: string,
    @Query() { count = DEFAULT_COUNT, message = true }: PreviewQueryDto,
  ): Promise<Plain<SchedulePreviewDto>> {
    return toPreviewDto(await this.previews.ofSchedule(principal, id, { count, message }));
  }
}

const tagged = (reply: FastifyReply, schedule: Plain<ScheduleDto>): Plain<ScheduleDto> => {
  void reply.header('etag', etagOf(schedule.version));
  return schedule;
};
