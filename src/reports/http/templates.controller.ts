import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, PageQueryDto, type Plain, TargetMs } from '../../common/index.js';
import { ReportTemplatesService } from '../report-templates.service.js';
import {
  ReportTemplateDto,
  ReportTemplatePageDto,
  SaveTemplateDto,
  toSettings,
  toTemplateDto,
} from './template.dto.js';

const TEMPLATE_ID = {
  name: 'templateId',
  description: 'Id of the template',
  example: '6650c0ffee6650c0ffee0003',
} as const;

const EXAMPLES = {
  weekly: {
    summary: 'The last 28 days by week and suite',
    value: {
      name: 'Weekly quality',
      description: 'For the Monday meeting',
      request: {
        type: 'quality_metrics',
        filter: { projects: ['demo'], timeRange: { lastDays: 28, timeZone: 'Europe/Berlin' } },
        interval: 'week',
        groupBy: ['suite'],
        comparePrevious: true,
      },
    },
  },
} as const;

@ApiTags('Report templates')
@Controller('reports/templates')
@Cost('cheap')
export class TemplatesController {
  constructor(private readonly templates: ReportTemplatesService) {}

  @Post()
  @Permit('reports:write')
  @TargetMs(50)
  @ApiOperation({
    summary: 'Create a report template',
    description: 'A named request: POST /reports/generate with its `templateId` generates it.',
  })
  @ApiBody({ type: SaveTemplateDto, examples: EXAMPLES })
  @ApiCreatedResponse({ type: ReportTemplateDto, description: 'The template' })
  @ApiProblems(400, 403, 404, 409, 422)
  async create(@Caller() principal: Principal, @Body() body: SaveTemplateDto): Promise<Plain<ReportTemplateDto>> {
    return toTemplateDto(await this.templates.create(principal, toSettings(body)));
  }

  @Get()
  @Permit('reports:read')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List report templates',
    description: 'By name; those that name a project you may not see are left out.',
  })
  @ApiOkResponse({ type: ReportTemplatePageDto, description: 'A page of templates' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: PageQueryDto): Promise<Plain<ReportTemplatePageDto>> {
    const page = await this.templates.list(scope, query.limit ?? 50, query.cursor);
    return { items: page.items.map(toTemplateDto), nextCursor: page.nextCursor };
  }

  @Get(':templateId')
  @Permit('reports:read')
  @TargetMs(50)
  @ApiOperation({ summary: 'One report template', description: 'Its request as it was written.' })
  @ApiParam(TEMPLATE_ID)
  @ApiOkResponse({ type: ReportTemplateDto, description: 'The template' })
  @ApiProblems(403, 404)
  async get(@Caller() { scope }: Principal, @Param('templateId') id: string): Promise<Plain<ReportTemplateDto>> {
    return toTemplateDto(await this.templates.find(scope, id));
  }

  @Put(':templateId')
  @Permit('reports:write')
  @TargetMs(50)
  @ApiOperation({ summary: 'Replace a report template', description: 'Whole: what is left out is gone.' })
  @ApiParam(TEMPLATE_ID)
  @ApiBody({ type: SaveTemplateDto, examples: EXAMPLES })
  @ApiOkResponse({ type: ReportTemplateDto, description: 'The template as it is now' })
  @ApiProblems(400, 403, 404, 409, 422)
  async replace(
    @Caller() principal: Principal,
    @Param('templateId') id: string,
    @Body() body: SaveTemplateDto,
  ): Promise<Plain<ReportTemplateDto>> {
    return toTemplateDto(await this.templates.replace(principal, id, toSettings(body)));
  }

  @Delete(':templateId')
  @Permit('reports:write')
  @HttpCode(204)
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete a report template', description: 'The reports that it made stay.' })
  @ApiParam(TEMPLATE_ID)
  @ApiNoContentResponse({ description: 'Deleted' })
  @ApiProblems(403, 404)
  async remove(@Caller() principal: Principal, @Param('templateId') id: string): Promise<void> {
    await this.templates.remove(principal, id);
  }
}
