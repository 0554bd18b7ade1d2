import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, type Plain, TargetMs } from '../../common/index.js';
import { CopiesService } from '../copies.service.js';
import { DashboardAnswers } from '../dashboard-answers.service.js';
import { DashboardsService } from '../dashboards.service.js';
import type { Dashboard } from '../domain/dashboard.js';
import { TEMPLATES } from '../domain/templates.js';
import {
  CloneDashboardDto,
  DashboardTemplatesDto,
  ExportedDashboardDto,
  FromTemplateDto,
  ImportDashboardDto,
} from './copies.dto.js';
import { DashboardDto } from './dashboard.dto.js';
import { CREATE_EXAMPLES, DASHBOARD_ID_PARAM, ETAG_HEADER } from './docs.js';

const { name, filter, widgets, layout } = CREATE_EXAMPLES.release.value;
const IMPORT_EXAMPLES = {
  file: {
    summary: 'What an export gave',
    value: { format: 'execution-reporting.dashboard', formatVersion: 1, dashboard: { name, filter, widgets, layout } },
  },
};

@ApiTags('Dashboards')
@Controller('dashboards')
export class CopiesController {
  constructor(
    private readonly copies: CopiesService,
    private readonly dashboards: DashboardsService,
    private readonly answers: DashboardAnswers,
  ) {}

  @Get('templates')
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(10)
  @ApiOperation({
    summary: 'Templates of dashboards',
    description: 'One for each of those who work with test results.',
  })
  @ApiOkResponse({ type: DashboardTemplatesDto, description: 'All templates' })
  @ApiProblems(403)
  templates(): Plain<DashboardTemplatesDto> {
    return {
      items: TEMPLATES.map(({ templateId, name, description, widgets }) => ({
        ...{ templateId, name, description },
        widgetTypes: [...new Set(widgets.map(({ type }) => type))],
      })),
    };
  }

  @Post('from-template')
  @Permit('dashboards:write')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Create a dashboard from a template',
    description: 'A dashboard of your own like any other: what comes of the template later does not touch it.',
  })
  @ApiBody({
    type: FromTemplateDto,
    examples: { demo: { summary: 'For the demo shop', value: { templateId: 'qa_engineer', projects: ['demo'] } } },
  })
  @ApiCreatedResponse({ type: DashboardDto, description: 'The dashboard with its data', headers: ETAG_HEADER })
  @ApiProblems(400, 403, 404, 422)
  async fromTemplate(
    @Caller() principal: Principal,
    @Body() body: FromTemplateDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    return this.created(principal, await this.copies.fromTemplate(principal, body), reply);
  }

  @Post('import')
  @Permit('dashboards:write')
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({
    summary: 'Import a dashboard',
    description: 'What an export gave, as a new, private dashboard of yours; checked as a new one is.',
  })
  @ApiBody({ type: ImportDashboardDto, examples: IMPORT_EXAMPLES })
  @ApiCreatedResponse({ type: DashboardDto, description: 'The dashboard with its data', headers: ETAG_HEADER })
  @ApiProblems(400, 403, 404, 422)
  async import(
    @Caller() principal: Principal,
    @Body() body: ImportDashboardDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    return this.created(principal, await this.copies.import(principal, body), reply);
  }

  @Get(':dashboardId/export')
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Export a dashboard as JSON',
    description: 'Its content: name, filter, widgets and layout, without data, owner and who may see it.',
  })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiOkResponse({ type: ExportedDashboardDto, description: 'What POST /dashboards/import takes' })
  @ApiProblems(403, 404)
  async export(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<ExportedDashboardDto>> {
    void reply.header('content-disposition', `attachment; filename="dashboard-${dashboardId}.json"`);
    return this.copies.export(principal, dashboardId);
  }

  @Post(':dashboardId/clone')
  @Permit('dashboards:write')
  @HttpCode(201)
  @Cost('query')
  @TargetMs(300)
  @ApiOperation({ summary: 'Clone a dashboard', description: 'A private copy of your own, of any that you may see.' })
  @ApiParam(DASHBOARD_ID_PARAM)
  @ApiCreatedResponse({ type: DashboardDto, description: 'The copy with its data', headers: ETAG_HEADER })
  @ApiProblems(400, 403, 404, 422)
  async clone(
    @Caller() principal: Principal,
    @Param('dashboardId') dashboardId: string,
    @Body() { name }: CloneDashboardDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DashboardDto>> {
    return this.created(principal, await this.dashboards.clone(principal, dashboardId, name), reply);
  }

  private async created(principal: Principal, dashboard: Dashboard, reply: FastifyReply): Promise<Plain<DashboardDto>> {
    const { etag, body } = await this.answers.of(principal, dashboard);
    void reply.header('etag', etag).header('location', body!.href);
    return body!;
  }
}
