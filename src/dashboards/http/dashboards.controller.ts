import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Put, Query, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { DashboardAnswers } from '../dashboard-answers.service.js';
import { DashboardsService, viewerOf } from '../dashboards.service.js';
import { UserSettingsService } from '../user-settings.service.js';
import { DashboardDto, DashboardPageDto } from './dashboard.dto.js';
import { toSummary } from './dashboard.views.js';
import { CREATE_EXAMPLES, DASHBOARD_ID_PARAM, ETAG_HEADER, IF_MATCH, UPDATE_EXAMPLES } from './docs.js';
import { BoardQueryDto, DashboardsQueryDto, lookOf } from './queries.dto.js';
import { CreateDashboardDto, UpdateDashboardDto } from './save-dashboard.dto.js';

@ApiTags('Dashboards')
@Controller('dashboards')
export class DashboardsController {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly answers: DashboardAnswers,
    private readonly settings: UserSettingsService,
  ) {}

  @Post()
  @Permit('dashboards:write')
  @Cost('query')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create a dashboard',
    description:
      'Yours, private unless told otherwise, at version 1. The answer holds the data of its widgets, or an error for each that has none: one widget never fails the others. The target time holds where the data of its widgets is known already; else add that of GET.',
  })
  @ApiBody({ type: CreateDashboardDto, examples: CREATE_EXAMPLES })
  @ApiCreatedResponse({ type: DashboardDto, description: 'The dashboard with its data', headers: ETAG_HEADER })
  @ApiProblems(400, 403, 404, 422)
  async create(
    @Caller() principal: Principal,
    @Body() body: CreateDashboardDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    const { etag, body: answer } = await this.answers.of(principal, await this.dashboards.create(principal, body));
    void reply.header('etag', etag).header('location', answer!.href);
    return answer!;
  }

  @Get()
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List dashboards',
    description: 'Those that you may see, without their data, changed last first.',
  })
  @ApiOkResponse({ type: DashboardPageDto, description: 'A page of dashboards' })
  @ApiProblems(403, 422)
  async list(@Caller() principal: Principal, @Query() query: DashboardsQueryDto): Promise<Plain<DashboardPageDto>> {
    const { favourites } = await this.settings.of(principal);
    const { favourite, owner, limit = 50, ...rest } = query;
    const { items, nextCursor } = await this.dashboards.list(principal, {
      ...{ ...rest, limit },
      ...(owner !== undefined && { owner: owner === 'me' ? principal.subject : owner }),
      ...(favourite && { ids: favourites }),
    });
    const viewer = viewerOf(principal);
    return { items: items.map((dashboard) => toSummary(viewer, dashboard, favourites)), nextCursor };
  }

  @Get(':dashboardId')
  @Permit('dashboards:read')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'One dashboard with its data',
    description:
      'Every widget with its data, or with an error of its own. What was computed of the same data is answered again at once; with If-None-Match and nothing new the answer is 304. The ETag is `"<version>.<data>"`: PUT\'s If-Match compares the version only.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' })
  @ApiOkResponse({ type: DashboardDto, description: 'The dashboard', headers: ETAG_HEADER })
  @ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' })
  @ApiProblems(403, 404, 422)
  async get(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Query() query: BoardQueryDto,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto> | undefined> {
    const dashboard = await this.dashboards.get(principal, dashboardId);
    const { etag, body } = await this.answers.of(principal, dashboard, lookOf(query, ifNoneMatch));
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (!body) void reply.status(304);
    return body;
  }

  @Put(':dashboardId')
  @Permit('dashboards:write')
  @Cost('query')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Change a dashboard',
    description:
      'Fields that are left out stay; `widgets`, `layout`, `filter`, `users` and `editors` are replaced whole. If-Match must name the version that you have read: 428 without it, 412 when somebody has changed the dashboard since (`current` says who). The version before is kept. Who may see it is up to the owner.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiHeader(IF_MATCH)
  @ApiBody({ type: UpdateDashboardDto, examples: UPDATE_EXAMPLES })
  @ApiOkResponse({ type: DashboardDto, description: 'The dashboard as it is now, with its data', headers: ETAG_HEADER })
  @ApiProblems(400, 403, 404, 412, 422, 428)
  async update(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: UpdateDashboardDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    const dashboard = await this.dashboards.update(principal, dashboardId, ifMatch, body);
    const { etag, body: answer } = await this.answers.of(principal, dashboard);
    void reply.header('etag', etag);
    return answer!;
  }

  @Delete(':dashboardId')
  @Permit('dashboards:write')
  @HttpCode(204)
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Delete a dashboard',
    description: 'With its versions and share links. Your own; those of others with the permission dashboards:manage.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiNoContentResponse({ description: 'Deleted' })
  @ApiProblems(403, 404)
  async remove(@Caller() principal: Principal, @Param('dashboardId') dashboardId: string): Promise<void> {
    await this.dashboards.remove(principal, dashboardId);
  }
}
