import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
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
import { Caller, Cost, Permit, type Principal, Public } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { DashboardAnswers } from '../dashboard-answers.service.js';
import { SharesService } from '../shares.service.js';
import { API_BASE } from '../widgets/links.js';
import { SharedDashboardDto } from './dashboard.dto.js';
import { DASHBOARD_ID_PARAM, ETAG_HEADER } from './docs.js';
import { lookOf, LookQueryDto } from './queries.dto.js';
import { CreateShareDto, NewShareDto, SHARE_ID, SharesDto, toShareView } from './share.dto.js';

@ApiTags('Dashboards')
@Controller('dashboards/:dashboardId/shares')
@Permit('dashboards:write')
@Cost('cheap')
export class SharesController {
  constructor(private readonly shares: SharesService) {}

  @Post()
  @TargetMs(50)
  @ApiOperation({
    summary: 'Share a dashboard by a link',
    description:
      'Whoever holds the link sees the dashboard, read-only, bounded by what you may see now. It works until it expires, is revoked, or you may not share the dashboard any more. Your own dashboards; those of others with dashboards:manage.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiBody({
    type: CreateShareDto,
    examples: { hall: { summary: 'For 30 days', value: { name: 'Screen in the hall' } } },
  })
  @ApiCreatedResponse({ type: NewShareDto, description: 'The link; its token is shown once' })
  @ApiProblems(400, 403, 404, 422)
  async create(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Body() { name, expiresAt }: CreateShareDto,
  ): Promise<Plain<NewShareDto>> {
    const end = expiresAt === undefined ? undefined : new Date(expiresAt);
    const { share, token } = await this.shares.create(principal, dashboardId, { name, ...(end && { expiresAt: end }) });
    return { ...toShareView(share), token, href: `${API_BASE}/shared/dashboards/${token}` };
  }

  @Get()
  @TargetMs(50)
  @ApiOperation({
    summary: 'Share links of a dashboard',
    description: 'Without their tokens, which nobody can read again.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiOkResponse({ type: SharesDto, description: 'Share links' })
  @ApiProblems(403, 404)
  async list(@Caller() principal: Principal, @Param('dashboardId') dashboardId: string): Promise<Plain<SharesDto>> {
    return { items: (await this.shares.list(principal, dashboardId)).map(toShareView) };
  }

  @Delete(':shareId')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Revoke a share link', description: 'It opens nothing from now on, sockets included.' })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiParam({ name: 'shareId', description: 'Id of the share link', example: SHARE_ID })
  @ApiNoContentResponse({ description: 'Revoked' })
  @ApiProblems(403, 404)
  async revoke(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Param('shareId') shareId: string,
  ): Promise<void> {
    await this.shares.revoke(principal, dashboardId, shareId);
  }
}

@ApiTags('Shared dashboards')
@Controller('shared/dashboards')
export class SharedDashboardsController {
  constructor(
    private readonly shares: SharesService,
    private readonly answers: DashboardAnswers,
  ) {}

  @Get(':token')
  @Public()
  @Cost('shared')
  @TargetMs(300)
  @ApiOperation({
    summary: 'A shared dashboard with its data',
    description:
      'Public: the token is the key. Read-only, without names of people and without ways on: `href`, `links`, `room`, `triggeredBy` and who acknowledged or snoozed an alert are null, filters come without `owners` and `users`. A link that is revoked, has expired or never was is 404.',
  })
  @ApiParam({ name: 'token', description: 'Token of the share link', example: 'ers_share_…' })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' })
  @ApiOkResponse({ type: SharedDashboardDto, description: 'The dashboard', headers: ETAG_HEADER })
  @ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' })
  @ApiProblems(404, 422)
  async get(
    @Param('token') token: string,
    @Query() query: LookQueryDto,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<SharedDashboardDto> | undefined> {
    const { etag, body } = await this.answers.ofShare(await this.shares.open(token), lookOf(query, ifNoneMatch));
    void reply
      .header('etag', etag)
      .header('cache-control', 'private, no-cache')
      .header('referrer-policy', 'no-referrer');
    if (!body) void reply.status(304);
    return body;
  }
}
