import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { CALENDAR_INTERVALS, DIMENSIONS, type Dimension, type Interval } from '../../metrics/index.js';
import { QualityMetricsDto } from '../../quality/index.js';
import { TrendsDto } from '../../trends/index.js';
import { REPORT_TYPES, type ReportType } from '../domain/report.js';
import { EfficiencyDto, FailureClusterDto, FigureSummaryDto, TestRowDto } from './report-lists.dto.js';
import { PreviousPeriodDto, ReportRowDto, ZonedRangeDto } from './report-rows.dto.js';
import { ReportTotalsDto, TotalRatesDto } from './report-totals.dto.js';

class ReportLinksDto {
  @ApiProperty({ description: 'The report', example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001' })
  self: string;

  @ApiProperty({
    description: 'Down into it',
    example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown',
  })
  drilldown: string;
}

export class ReportHeadDto {
  @ApiProperty({ description: 'Id of the report', example: '6650c0ffee6650c0ffee0001' })
  reportId: string;

  @ApiProperty({ description: 'Its type', enum: [...REPORT_TYPES], example: 'summary' })
  type: ReportType;

  @ApiPropertyOptional({ description: 'Its name', example: 'Nightly summary' })
  name?: string;

  @ApiProperty({
    description: 'The filter, without its range',
    type: 'object',
    additionalProperties: true,
    example: {},
  })
  filter: object;

  @ApiProperty({ description: 'The range as it was resolved', type: ZonedRangeDto })
  timeRange: ZonedRangeDto;

  @ApiPropertyOptional({
    description: 'Buckets of time',
    oneOf: [{ type: 'string', enum: [...CALENDAR_INTERVALS] }, { type: 'object' }],
    example: 'day',
  })
  interval?: Interval;

  @ApiProperty({ description: 'Dimensions', enum: [...DIMENSIONS], isArray: true, example: ['suite'] })
  groupBy: readonly Dimension[];

  @ApiProperty({ description: 'What is counted', enum: ['final', 'all'], example: 'final' })
  attempts: 'final' | 'all';

  @ApiProperty({ description: 'Projects that it counts', type: [String], example: ['demo'] })
  projects: readonly string[];

  @ApiProperty({ description: 'Position in the commit log that the figures stand for', example: 412 })
  asOf: number;

  @ApiProperty({ description: 'When it was made', format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  generatedAt: string;

  @ApiProperty({ description: 'When it is forgotten', format: 'date-time', example: '2026-05-01T12:00:00.000Z' })
  expiresAt: string;

  @ApiProperty({ description: 'Who made it', example: 'developer' })
  createdBy: string;

  @ApiProperty({
    description: 'Whether rollups answered it, or attempts one by one',
    enum: ['rollup', 'rows'],
    example: 'rollup',
  })
  plan: 'rollup' | 'rows';

  @ApiProperty({ description: 'Addresses', type: ReportLinksDto })
  links: ReportLinksDto;
}

class OmittedPartDto {
  @ApiProperty({ description: 'Which part', enum: ['trends'], example: 'trends' })
  part: 'trends';

  @ApiProperty({ description: 'Why, for programs', example: 'query_too_broad' })
  code: string;

  @ApiProperty({ description: 'Why, for people', example: 'The series have 26280 points together, more than 10000' })
  reason: string;
}

@ApiExtraModels(FigureSummaryDto)
export class ReportDto extends ReportHeadDto {
  @ApiProperty({
    description: 'Age of the newest data in it; null without data',
    type: Number,
    nullable: true,
    example: 42,
  })
  dataFreshnessSeconds: number | null;

  @ApiProperty({ description: 'Whether it is the stored answer to the same request', example: false })
  cached: boolean;

  @ApiProperty({ description: 'Over everything', type: ReportTotalsDto })
  totals: ReportTotalsDto;

  @ApiProperty({ description: 'Further rates of the totals', type: TotalRatesDto })
  rates: TotalRatesDto;

  @ApiProperty({
    description: 'One per bucket and group that has an outcome, by bucket, then group; empty without both',
    type: [ReportRowDto],
  })
  rows: readonly ReportRowDto[];

  @ApiPropertyOptional({ description: 'With comparePrevious', type: PreviousPeriodDto })
  previous?: PreviousPeriodDto;

  @ApiPropertyOptional({ description: 'By average duration, longest first', type: [TestRowDto] })
  slowestTests?: readonly TestRowDto[];

  @ApiPropertyOptional({ description: 'Most failures first', type: [TestRowDto] })
  failingTests?: readonly TestRowDto[];

  @ApiPropertyOptional({ description: 'Failures of one cause, the biggest first', type: [FailureClusterDto] })
  failureClusters?: readonly FailureClusterDto[];

  @ApiPropertyOptional({ description: 'How the runs used their time', type: EfficiencyDto })
  efficiency?: EfficiencyDto;

  @ApiPropertyOptional({
    description: 'Resource figures, where runs sent them',
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(FigureSummaryDto) },
  })
  resources?: Readonly<Record<string, FigureSummaryDto>>;

  @ApiPropertyOptional({
    description: "The clients' own figures, where runs sent them",
    type: 'object',
    additionalProperties: { $ref: getSchemaPath(FigureSummaryDto) },
  })
  runMetrics?: Readonly<Record<string, FigureSummaryDto>>;

  @ApiPropertyOptional({
    description:
      'Of trend_analysis: pass rate, flaky rate and 95th percentile of durations over its range, as GET /trends gives them, with a forecast of 14 periods',
    type: TrendsDto,
  })
  trends?: TrendsDto;

  @ApiPropertyOptional({
    description:
      'Of quality_metrics: as GET /quality-metrics?scope=project gives it, but without a `benchmark` (it is insufficient_data): not everybody who may read the report may see the other projects',
    type: QualityMetricsDto,
  })
  quality?: QualityMetricsDto;

  @ApiPropertyOptional({ description: 'Parts that the type has and this report lacks', type: [OmittedPartDto] })
  omitted?: readonly OmittedPartDto[];
}

export class ReportPageDto {
  @ApiProperty({ description: 'Newest first, without figures', type: [ReportHeadDto] })
  items: readonly ReportHeadDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}
