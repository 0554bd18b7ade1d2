import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Caller, Cost, Permit, type Principal } from '../../auth/index.js';
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { toFilter, toRange } from '../../metrics/index.js';
import { DrilldownLinkService } from '../drilldown-link.service.js';
import { COLUMNS } from '../domain/layout.js';
import { Numeric, Text } from '../widgets/fields.js';
import { WIDGET_TYPE_NAMES, WIDGET_TYPES } from '../widgets/widget-types.js';
import { DrilldownLinkQueryDto } from './queries.dto.js';

class WidgetSizeDto {
  @Numeric(`Columns, of ${COLUMNS.lg}`, 6)
  w: number;

  @Numeric('Rows', 4)
  h: number;
}

class WidgetTypeDto {
  @ApiProperty({ description: 'Its name', enum: WIDGET_TYPE_NAMES, example: 'flaky_tests' })
  type: string;

  @Text('For people', 'Flaky tests')
  title: string;

  @Text('What it shows', 'Tests that are flaky, with the evidence.')
  description: string;

  @ApiProperty({ description: 'Size on a new dashboard', type: WidgetSizeDto })
  defaultSize: WidgetSizeDto;

  @Text('Schema of its options in this document', '#/components/schemas/FlakyTestsOptionsDto')
  optionsSchema: string;

  @Text('Schema of its data in this document', '#/components/schemas/TestListDataDto')
  dataSchema: string;

  @ApiProperty({
    description: 'A widget as POST /dashboards takes it; it answers with data on the demo',
    type: 'object',
    additionalProperties: true,
    example: { type: 'flaky_tests', title: 'Flaky tests', options: { top: 10 } },
  })
  example: object;
}

class WidgetTypesDto {
  @ApiProperty({ description: 'All types', type: [WidgetTypeDto] })
  items: readonly WidgetTypeDto[];
}

class DrilldownLinkDto {
  @Text('The report that was made or found', '6650c0ffee6650c0ffee0001')
  reportId: string;

  @Text(
    'Its drill-down, as in Location',
    '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?level=result',
  )
  href: string;
}

@ApiTags('Dashboards')
@Controller('dashboards')
export class WidgetsController {
  constructor(
    private readonly links: DrilldownLinkService,
    private readonly clock: Clock,
  ) {}

  @Get('widget-types')
  @Permit('dashboards:read')
  @Cost('cheap')
  @TargetMs(10)
  @ApiOperation({
    summary: 'Types of widgets',
    description: 'What widgets there are, each with an example that answers with data on the demo.',
  })
  @ApiOkResponse({ type: WidgetTypesDto, description: 'All types' })
  @ApiProblems(403)
  types(): Plain<WidgetTypesDto> {
    return {
      items: WIDGET_TYPES.map(({ type, title, description, size, optionsDto, dataDto, example }) => ({
        ...{ type, title, description },
        defaultSize: size,
        optionsSchema: getSchemaPath(optionsDto),
        dataSchema: getSchemaPath(dataDto),
        example: { type, ...example },
      })),
    };
  }

  @Get('drilldown')
  @Permit('reports:read')
  @Cost('query')
  @TargetMs(100)
  @ApiOperation({
    summary: 'From a figure to its results',
    description:
      'Where the `href` of a figure leads: makes the report of what it counts (or finds the one of the same data) and redirects to its drill-down. As many results lie there as the figure says, unless data has come in since.',
  })
  @ApiOkResponse({ type: DrilldownLinkDto, description: 'Its address; only with redirect=false' })
  @ApiResponse({
    status: 303,
    description: 'The drill-down',
    headers: { Location: { description: 'Its address', schema: { type: 'string' } } },
    type: DrilldownLinkDto,
  })
  @ApiProblems(403, 404, 422)
  async drilldown(
    @Caller() principal: Principal,
    @Query() query: DrilldownLinkQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Plain<DrilldownLinkDto>> {
    const answer = await this.links.follow(principal, {
      filter: toFilter(query),
      range: toRange(query, this.clock.now()),
      attempts: query.attempts ?? 'final',
      ...(query.path && { path: query.path }),
    });
    if (query.redirect !== false) void reply.status(303).header('location', answer.href);
    return answer;
  }
}
