import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CellDto } from '../../metrics/index.js';

export class ReportBucketDto {
  @ApiProperty({ description: 'Begin, included', format: 'date-time', example: '2026-01-31T00:00:00.000Z' })
  from: string;

  @ApiProperty({ description: 'End, excluded', format: 'date-time', example: '2026-02-01T00:00:00.000Z' })
  to: string;
}

export class ZonedRangeDto extends ReportBucketDto {
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

export class CellChangeDto {
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
  @ApiPropertyOptional({ description: 'With an interval: the bucket', type: ReportBucketDto })
  bucket?: ReportBucketDto;

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
    example: { test: 'adds an item' },
  })
  labels?: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'The figures', type: CellDto })
  cell: CellDto;

  @ApiPropertyOptional({ description: 'With comparePrevious: current - previous', type: CellChangeDto })
  change?: CellChangeDto;
}

export class PreviousPeriodDto {
  @ApiProperty({ description: 'As long as the report, just before it', type: ZonedRangeDto })
  timeRange: ZonedRangeDto;

  @ApiProperty({ description: 'Its totals', type: CellDto })
  totals: CellDto;

  @ApiProperty({ description: 'Totals of the report - totals of this period', type: CellChangeDto })
  change: CellChangeDto;

  @ApiProperty({ description: 'Its rows', type: [ReportRowDto] })
  rows: readonly ReportRowDto[];
}
