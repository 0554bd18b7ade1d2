import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../common/index.js';
import { countsOf, durationsOf } from '../domain/aggregate.js';
import { rateOf } from '../domain/catalogue.js';
import type { CellAggregate } from '../domain/query.js';

export class RateDto {
  @ApiProperty({
    description: 'In 0..1; null where the denominator is 0',
    type: Number,
    nullable: true,
    example: 0.968,
  })
  value: number | null;

  @ApiProperty({ description: 'What counts', example: 968 })
  numerator: number;

  @ApiProperty({ description: 'Of how many', example: 1000 })
  denominator: number;

  @ApiProperty({ description: 'Lower end of the 95 % Wilson interval', type: Number, nullable: true, example: 0.955 })
  low: number | null;

  @ApiProperty({ description: 'Upper end of the 95 % Wilson interval', type: Number, nullable: true, example: 0.977 })
  high: number | null;

  @ApiPropertyOptional({ description: 'Only where the denominator is 0', enum: ['insufficient_data'] })
  status?: 'insufficient_data';
}

export class DurationsDto {
  @ApiProperty({ description: 'Outcomes that ran and have a duration', example: 1000 })
  n: number;

  @ApiProperty({ description: 'Mean, ms', type: Number, nullable: true, example: 812.4 })
  average: number | null;

  @ApiProperty({ description: 'Median, ms, at most 2.5 % off', type: Number, nullable: true, example: 640 })
  p50: number | null;

  @ApiProperty({ description: '95th percentile, ms, at most 2.5 % off', type: Number, nullable: true, example: 2100 })
  p95: number | null;

  @ApiProperty({ description: '99th percentile, ms, at most 2.5 % off', type: Number, nullable: true, example: 4800 })
  p99: number | null;

  @ApiProperty({ description: 'Sum, ms', example: 812_400 })
  total: number;
}

/** The figures of one cell: a bucket of time, a group, or both. */
export class CellDto {
  @ApiProperty({ description: 'Outcomes of every status: as many rows lie behind `href`', example: 1040 })
  executions: number;

  @ApiProperty({ description: 'Passed', example: 968 })
  passed: number;

  @ApiProperty({ description: 'An assertion failed', example: 20 })
  failed: number;

  @ApiProperty({ description: 'Anything but an assertion threw', example: 8 })
  broken: number;

  @ApiProperty({ description: 'Took too long', example: 4 })
  timeout: number;

  @ApiProperty({ description: 'Skipped', example: 38 })
  skipped: number;

  @ApiProperty({ description: 'Cancelled', example: 2 })
  cancelled: number;

  @ApiProperty({ description: 'Passed after at least one failed attempt of the same run', example: 12 })
  flaky: number;

  @ApiProperty({ description: 'Outcomes with more than one attempt', example: 15 })
  retried: number;

  @ApiProperty({ description: 'passed / (passed + failed + broken + timeout)', type: RateDto })
  passRate: RateDto;

  @ApiProperty({ description: 'Durations of what ran: passed, failed, broken, timeout', type: DurationsDto })
  durationMs: DurationsDto;

  @ApiProperty({
    description: 'The rows behind this cell',
    example: '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?level=result&row=3',
  })
  href: string;
}

/** k of n with its interval; null and `insufficient_data` where n is 0. */
export const toRate = (numerator: number, denominator: number): Plain<RateDto> => {
  const { value, low, high } = rateOf(numerator, denominator);
  const rate = { value, numerator, denominator, low, high };
  return denominator > 0 ? rate : { ...rate, status: 'insufficient_data' };
};

export const toCell = (aggregate: CellAggregate, href: string): Plain<CellDto> => {
  const { executions, passed, failed, broken, timeout, skipped, cancelled, judged } = countsOf(aggregate);
  return {
    ...{ executions, passed, failed, broken, timeout, skipped, cancelled },
    flaky: aggregate.flaky,
    retried: aggregate.retried,
    passRate: toRate(passed, judged),
    durationMs: durationsOf(aggregate),
    href,
  };
};
