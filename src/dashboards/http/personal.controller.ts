import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { DashboardAnswers } from '../dashboard-answers.service.js';
import { UserSettingsService } from '../user-settings.service.js';
import { DashboardDto } from './dashboard.dto.js';
import { DASHBOARD_ID_PARAM, ETAG_HEADER } from './docs.js';
import { DashboardPreferencesDto, SaveDashboardPreferencesDto } from './preferences.dto.js';
import { BoardQueryDto, lookOf } from './queries.dto.js';

/** What each user has chosen; a viewer may choose, too. */
@ApiTags('Dashboards')
@Controller('dashboards')
@Permit('dashboards:read')
export class PersonalController {
  constructor(
    private readonly settings: UserSettingsService,
    private readonly answers: DashboardAnswers,
  ) {}

  @Get('preferences')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Your preferences', description: 'Those that you have not set are left out.' })
  @ApiOkResponse({ type: DashboardPreferencesDto, description: 'Preferences' })
  @ApiProblems(403)
  async preferences(@Caller() principal: Principal): Promise<Plain<DashboardPreferencesDto>> {
    return (await this.settings.of(principal)).preferences;
  }

  @Put('preferences')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Set your preferences', description: 'Those that are left out stay; null takes one back.' })
  @ApiBody({
    type: SaveDashboardPreferencesDto,
    examples: { look: { summary: 'How it looks', value: { theme: 'dark', timeZone: 'Europe/Berlin' } } },
  })
  @ApiOkResponse({ type: DashboardPreferencesDto, description: 'Preferences as they are now' })
  @ApiProblems(400, 403, 404, 422)
  setPreferences(
    @Caller() principal: Principal,
    @Body() body: SaveDashboardPreferencesDto,
  ): Promise<Plain<DashboardPreferencesDto>> {
    return this.settings.change(principal, body);
  }

  @Get('default')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Your default dashboard with its data',
    description: 'The one that your preferences name; 404 where they name none.',
  })
  @ApiOkResponse({ type: DashboardDto, description: 'The dashboard', headers: ETAG_HEADER })
  @ApiProblems(403, 404, 422)
  async default(
    @Caller() principal: Principal,
    @Query() query: BoardQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    const dashboard = await this.settings.defaultOf(principal);
    const { etag, body } = await this.answers.of(principal, dashboard, lookOf(query));
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    return body!;
  }

  @Put(':dashboardId/favourite')
  @HttpCode(204)
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Make it a favourite', description: 'Yours alone. Again changes nothing.' })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiNoContentResponse({ description: 'It is a favourite' })
  @ApiProblems(403, 404)
  async favour(@Caller() principal: Principal, @Param('dashboardId') dashboardId: string): Promise<void> {
    await this.settings.favour(principal, dashboardId);
  }

  @Delete(':dashboardId/favourite')
  @HttpCode(204)
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Make it no favourite any more',
    description: 'Also where the dashboard is gone; 404 where it was none.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiNoContentResponse({ description: 'It is no favourite' })
  @ApiProblems(403, 404)
  async disfavour(@Caller() principal: Principal, @Param('dashboardId') dashboardId: string): Promise<void> {
    await this.settings.disfavour(principal, dashboardId);
  }
}
