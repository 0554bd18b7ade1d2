import { Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import {
  ApiProblems,
  decodeCursor,
  encodeCursor,
  invalid,
  notFound,
  PageQueryDto,
  type Plain,
  TargetMs,
} from '../../common/index.js';
import { CopiesService } from '../copies.service.js';
import { DashboardAnswers } from '../dashboard-answers.service.js';
import { DashboardsService } from '../dashboards.service.js';
import { ExportedDashboardDto } from './copies.dto.js';
import { DashboardDto, DashboardVersionPageDto } from './dashboard.dto.js';
import { toVersionView } from './dashboard.views.js';
import { DASHBOARD_ID_PARAM, ETAG_HEADER, IF_MATCH } from './docs.js';

const VERSION_PARAM = {
  name: 'version',
  description: 'Version of the dashboard',
  schema: { type: 'integer', minimum: 1, example: 2 },
} as const;

@ApiTags('Dashboards')
@Controller('dashboards/:dashboardId/versions')
export class VersionsController {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly copies: CopiesService,
    private readonly answers: DashboardAnswers,
  ) {}

  @Get()
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Versions of a dashboard', description: 'Newest first, the present one included.' })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiOkResponse({ type: DashboardVersionPageDto, description: 'A page of versions' })
  @ApiProblems(403, 404, 422)
  async list(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Query() { limit = 50, cursor }: PageQueryDto,
  ): Promise<Plain<DashboardVersionPageDto>> {
    const before = cursor === undefined ? undefined : positionOf(cursor);
    const { items, next } = await this.dashboards.versionsOf(principal, dashboardId, limit, before);
    return {
      items: items.map((version, i) => toVersionView(version, before === undefined && i === 0)),
      nextCursor: next === null ? null : encodeCursor([next]),
    };
  }

  @Get(':version')
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'A version of a dashboard', description: 'Its content, as an export gives it.' })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiParam(VERSION_PARAM)
  @ApiOkResponse({ type: ExportedDashboardDto, description: 'The content that it had' })
  @ApiProblems(403, 404)
  get(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Param('version') version: string,
  ): Promise<Plain<ExportedDashboardDto>> {
    return this.copies.export(principal, dashboardId, numberOf(version));
  }

  @Post(':version/restore')
  @Permit('dashboards:write')
  @HttpCode(200)
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Restore a version',
    description: 'Its content becomes a new version, so that this can be undone, too; who may see the dashboard stays.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiParam(VERSION_PARAM)
  @ApiHeader(IF_MATCH)
  @ApiOkResponse({ type: DashboardDto, description: 'The dashboard as it is now', headers: ETAG_HEADER })
  @ApiProblems(403, 404, 412, 428)
  async restore(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Param('version') version: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    const dashboard = await this.dashboards.restore(principal, dashboardId, numberOf(version), ifMatch);
    const { etag, body } = await this.answers.of(principal, dashboard);
    void reply.header('etag', etag);
    return body!;
  }
}

/** @throws DomainError 404 for what is no version */
const numberOf = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw notFound('Version of the dashboard');
  return Number(text);
};

const positionOf = (cursor: string): number => {
  const [version] = decodeCursor(cursor, 1);
  if (typeof version === 'number' && Number.isInteger(version)) return version;
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};
