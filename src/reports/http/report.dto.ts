import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import {
  CALENDAR_INTERVALS,
  CellDto,
  DIMENSIONS,
  RateDto,
  type Dimension,
  type Interval,
} from '../../metrics/index.js';
import { DefinitionDto, QualityMetricsDto, ScorePartDto } from '../../quality/index.js';
import { TrendsDto } from '../../trends/index.js';
import { REPORT_TYPES, type ReportType } from '../domain/report.js';
import { FigureSummaryDto, EfficiencyDto, FailureClusterDto, TestRowDto } from './report-lists.dto.js';

export class BucketDto {
  @ApiProperty({ description: 'Begin, included', format: 'date-time', example: '2026-01-31T00:00:00.000Z' })
  from: string;

  @ApiProperty({ description: 'End, excluded', format: 'date-time', example: '2026-02-01T00:00:00.000Z' })
  to: string;
}

export class ZonedRangeDto extends BucketDto {
  @ApiProperty({ description: 'IANA time zone in which days begin', example: 'Europe/Berlin' })
  timeZone: string;
}

class RateChangeDto {
  @ApiProperty({ description: 'Difference of the rates', type: Number, nullable: true, example: 0.012 })
  value: number | null;

  @ApiProperty({ description: "Lower end of Newcombe's 95 % interval", type: Number, nullable: true, example: -0.004 })
  low: number | null;

  @ApiProperty({ description: "Upper end of Newcombe's 95 % interval", type: Number, nullable: true, example: 0.028 })
  high: number | null;
}

class DurationChangeDto {
  @ApiProperty({ description: 'Of the mean, ms', type: Number, nullable: true, example: -12.5 })
  average: number | null;

  @ApiProperty({ description: 'Of the median, ms', type: Number, nullable: true, example: -10 })
  p50: number | null;

  @ApiProperty({ description: 'Of the 95th percentile, ms', type: Number, nullable: true, example: 40 })
  p95: number | null;

  @ApiProperty({ description: 'Of the 99th percentile, ms', type: Number, nullable: true, example: 95 })
  p99: number | null;

  @ApiProperty({ description: 'Of the sum, ms', example: -4200 })
  total: number;
}

export class ChangeDto {
  @ApiProperty({ description: 'Of the executions', example: 120 })
  executions: number;

  @ApiProperty({ description: 'Of failed + broken + timeout', example: -7 })
  failures: number;

  @ApiProperty({ description: 'Of flaky outcomes', example: 2 })
  flaky: number;

  @ApiProperty({ description: 'Of retried outcomes', example: 3 })
  retried: number;

  @ApiProperty({ description: 'Of the pass rate', type: RateChangeDto })
  passRate: RateChangeDto;

  @ApiProperty({ description: 'Of the durations', type: DurationChangeDto })
  durationMs: DurationChangeDto;
}

export class ReportRowDto {
  @ApiPropertyOptional({ description: 'With an interval: the bucket', type: BucketDto })
  bucket?: BucketDto;

  @ApiPropertyOptional({
    description: 'With groupBy: the value of each dimension; null is none',
    type: 'object',
    additionalProperties: { type: 'string', nullable: true },
    example: { suite: 'checkout' },
  })
  group?: Readonly<Record<string, string | null>>;

  @ApiPropertyOptional({
    description: 'Names of what stands in `group` by its id',
    type: 'object',
    additionalProperties: { type: 'string' },
  })
  labels?: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'The figures', type: CellDto })
  cell: CellDto;

  @ApiPropertyOptional({ description: 'With comparePrevious: current - previous', type: ChangeDto })
  change?: ChangeDto;
}

class TotalRatesDto {
  @ApiProperty({ description: '(failed + broken + timeout) / what ran', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'Flaky in run / what ran', type: RateDto })
  flakyRate: RateDto;

  @ApiProperty({ description: 'Outcomes with more than one attempt / executions', type: RateDto })
  retryRate: RateDto;
}

class PreviousPeriodDto {
  @ApiProperty({ description: 'As long as the report, just before it', type: ZonedRangeDto })
  timeRange: ZonedRangeDto;

  @ApiProperty({ description: 'Its totals', type: CellDto })
  totals: CellDto;

  @ApiProperty({ description: 'Totals of the report - totals of this period', type: ChangeDto })
  change: ChangeDto;

  @ApiProperty({ description: 'Its rows', type: [ReportRowDto] })
  rows: readonly ReportRowDto[];
}

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

  @ApiProperty({ description: 'Whether rollups answered it, or attempts one by one', enum: ['rollup', 'rows'] })
  plan: 'rollup' | 'rows';

  @ApiProperty({ description: 'Addresses', type: ReportLinksDto })
  links: ReportLinksDto;
}

class ScoreBasisDto {
  @ApiProperty({ description: 'The formula', type: DefinitionDto })
  definition: DefinitionDto;

  @ApiProperty({
    description:
      'insufficient_data: nothing to judge. pending: over more than 80,000 attempts it is computed after the answer; GET the report again.',
    enum: ['ok', 'insufficient_data', 'pending'],
    example: 'ok',
  })
  status: 'ok' | 'insufficient_data' | 'pending';

  @ApiProperty({ description: 'Judged outcomes it rests on', example: 18_400 })
  n: number;

  @ApiProperty({
    description:
      'Position in the commit log that it stands for. Over more than 80,000 attempts it may lie up to a minute before that of the report; null while pending.',
    type: Number,
    nullable: true,
    example: 412,
  })
  asOf: number | null;

  @ApiProperty({
    description: "The report's range; of more than 90 days the newest 90, except for quality_metrics",
    type: BucketDto,
  })
  window: BucketDto;
}

class FlakinessIndexDto extends ScoreBasisDto {
  @ApiProperty({
    description: 'Mean phi of the tests (long-run probability that the next outcome differs), weighted by runs, 0..1',
    type: Number,
    nullable: true,
    example: 0.021,
  })
  value: number | null;

  @ApiProperty({
    description: 'Weighted mean of the lower 95 % bounds of the tests',
    type: Number,
    nullable: true,
    example: 0.002,
  })
  low: number | null;

  @ApiProperty({
    description: 'Weighted mean of the upper 95 % bounds of the tests',
    type: Number,
    nullable: true,
    example: 0.073,
  })
  high: number | null;

  @ApiProperty({ description: 'Tests it rests on', example: 196 })
  tests: number;
}

class QualityScoreDto extends ScoreBasisDto {
  @ApiProperty({ description: '0..100', type: Number, nullable: true, example: 91.4 })
  value: number | null;

  @ApiProperty({
    description: 'Band of the score; null without one',
    type: String,
    nullable: true,
    enum: ['excellent', 'good', 'fair', 'poor', 'critical', null],
    example: 'excellent',
  })
  band: string | null;

  @ApiProperty({ description: 'What it is made of; parts without data weigh nothing', type: [ScorePartDto] })
  parts: readonly ScorePartDto[];
}

export class ReportTotalsDto extends CellDto {
  @ApiProperty({ description: 'How flaky the tests are', type: FlakinessIndexDto })
  flakinessIndex: FlakinessIndexDto;

  @ApiProperty({ description: 'Quality score (statistics as in /quality-metrics)', type: QualityScoreDto })
  qualityScore: QualityScoreDto;
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
    description: 'Of quality_metrics: as GET /quality-metrics?scope=project gives it',
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
