import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  ApiBody,
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
import { ApiProblems, Clock, type Plain, TargetMs } from '../../common/index.js';
import { ReportTemplatesService } from '../report-templates.service.js';
import { ReportsService } from '../reports.service.js';
import { REPORT_EXAMPLES } from './examples.js';
import { ReportsQueryDto } from './queries.dto.js';
import { GenerateReportDto, toGenerateInput } from './report-request.dto.js';
import { isMatch, sendReport, sendVersion, toHeadDto } from './report-views.js';
import { ReportDto, ReportPageDto } from './report.dto.js';

const REPORT_ID = { name: 'reportId', description: 'Id of the report', example: '6650c0ffee6650c0ffee0001' } as const;

@ApiTags('Reports')
@Controller('reports')
@Permit('reports:read')
export class ReportsController {
  constructor(
    private readonly reports: ReportsService,
    private readonly templates: ReportTemplatesService,
    private readonly clock: Clock,
  ) {}

  @Post('generate')
  @HttpCode(200)
  @Cost('query')
  @TargetMs(40)
  @ApiOperation({
    summary: 'Generate a report',
    description:
      'Counts, rates with intervals and durations over any filter, by time and by up to two dimensions. The report is kept for 90 days, stands still (`asOf`), and each of its cells has an `href` that leads to exactly the rows behind it. The same request over the same data answers the stored report: `cached` is true. More than 20,000 cells are refused (422 `too_many_cells`). Lists of tests, clusters and efficiency read the attempts one by one, which takes longer: over 365 days up to a second; more than 50,000,000 of them are refused (422 `query_too_broad`), and for quality_metrics more than 20,000,000. The totals carry `flakinessIndex` and `qualityScore`; over more than 80,000 attempts they may be `pending` and are filled in afterwards (see `waitForScores`). trend_analysis adds `trends`, quality_metrics adds `quality`.',
  })
  @ApiBody({ type: GenerateReportDto, examples: REPORT_EXAMPLES })
  @ApiOkResponse({
    type: ReportDto,
    description: 'The report',
    headers: { ETag: { description: 'Its version, weak', schema: { type: 'string' } } },
  })
  @ApiProblems(400, 403, 404, 422, 503)
  async generate(
    @Caller() principal: Principal,
    @Body() body: GenerateReportDto,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const template = body.templateId ? await this.templates.find(principal.scope, body.templateId) : undefined;
    const input = toGenerateInput(body, template?.request, template?.name, this.clock.now());
    const report = await this.reports.generate(principal, input);
    return sendReport(reply, encodings, report, report.cached, this.reports.freshnessOf(report.head));
  }

  @Get()
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({
    summary: 'List reports',
    description: 'Newest first, without their figures; those that count a project you may not see are left out.',
  })
  @ApiOkResponse({ type: ReportPageDto, description: 'A page of reports' })
  @ApiProblems(403, 422)
  async list(@Caller() { scope }: Principal, @Query() query: ReportsQueryDto): Promise<Plain<ReportPageDto>> {
    const page = await this.reports.list(scope, query.type, query.limit ?? 50, query.cursor);
    return { items: page.items.map(toHeadDto), nextCursor: page.nextCursor };
  }

  @Get(':reportId')
  @Cost('cheap')
  @TargetMs(10)
  @ApiOperation({
    summary: 'One report',
    description:
      'As it was generated. A report never changes, except that scores which were `pending` are filled in once: with If-None-Match the answer is 304.',
  })
  @ApiParam(REPORT_ID)
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the answer before' })
  @ApiOkResponse({ type: ReportDto, description: 'The report' })
  @ApiResponse({ status: 304, description: 'It is the one that If-None-Match names' })
  @ApiProblems(403, 404)
  async get(
    @Caller() { scope }: Principal,
    @Param('reportId') reportId: string,
    @Headers('if-none-match') match: string | undefined,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer | undefined> {
    const head = await this.reports.findHead(scope, reportId);
    const etag = sendVersion(reply, head);
    if (isMatch(match, etag)) {
      void reply.status(304);
      return undefined;
    }
    const report = await this.reports.withBody(scope, head);
    return sendReport(reply, encodings, report, true, this.reports.freshnessOf(head));
  }

  @Delete(':reportId')
  @HttpCode(204)
  @Cost('cheap')
  @TargetMs(50)
  @ApiOperation({ summary: 'Delete a report', description: "Your own; anybody's with the permission reports:write." })
  @ApiParam(REPORT_ID)
  @ApiNoContentResponse({ description: 'Deleted' })
  @ApiProblems(403, 404)
  async remove(@Caller() principal: Principal, @Param('reportId') reportId: string): Promise<void> {
    await this.reports.remove(principal, reportId);
  }
}
