import { ApiProperty } from '@nestjs/swagger';
import { CellDto, RateDto } from '../../metrics/index.js';

export class TestRowDto {
  @ApiProperty({ description: 'Id of the test', example: '0f1e2d3c4b5a69788796a5b4' })
  testId: string;

  @ApiProperty({ description: 'Its project', example: 'demo' })
  projectKey: string;

  @ApiProperty({ description: 'Its suite path', type: String, nullable: true, example: 'checkout' })
  suite: string | null;

  @ApiProperty({ description: 'Its name', example: 'pays with a voucher' })
  name: string;

  @ApiProperty({ description: '(failed + broken + timeout) / what ran', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'Its figures', type: CellDto })
  cell: CellDto;
}

class FailureExampleDto {
  @ApiProperty({ description: 'Id of the newest result', example: '6650c0ff00112233445566778899aabb' })
  resultId: string;

  @ApiProperty({ description: 'Its test', example: 'pays with a voucher' })
  testName: string;

  @ApiProperty({ description: 'Type of its error', type: String, nullable: true, example: 'AssertionError' })
  type: string | null;

  @ApiProperty({ description: 'Message of its error', type: String, nullable: true, example: 'expected 200, got 502' })
  message: string | null;
}

export class FailureClusterDto {
  @ApiProperty({ description: 'Hash of the masked error and its first frames', example: '9f86d081884c7d65' })
  fingerprint: string;

  @ApiProperty({ description: 'Outcomes in it', example: 14 })
  size: number;

  @ApiProperty({ description: 'Distinct tests', example: 3 })
  tests: number;

  @ApiProperty({
    description: 'Suites, at most 20',
    type: 'array',
    items: { type: 'string', nullable: true },
    example: ['checkout'],
  })
  suites: readonly (string | null)[];

  @ApiProperty({
    description: 'Branches, at most 20',
    type: 'array',
    items: { type: 'string', nullable: true },
    example: ['main'],
  })
  branches: readonly (string | null)[];

  @ApiProperty({ description: 'First seen in the range', format: 'date-time', example: '2026-01-12T08:00:00.000Z' })
  firstSeenAt: string;

  @ApiProperty({ description: 'Last seen in the range', format: 'date-time', example: '2026-01-30T08:00:00.000Z' })
  lastSeenAt: string;

  @ApiProperty({ description: 'Not seen in the window of the same length before', example: true })
  isNew: boolean;

  @ApiProperty({ description: 'The newest of them', type: FailureExampleDto })
  example: FailureExampleDto;

  @ApiProperty({
    description: 'Its results',
    example:
      '/api/v1/execution-reporting/reports/6650c0ffee6650c0ffee0001/drilldown?level=result&path=cluster%3A9f86d081884c7d65',
  })
  href: string;
}

export class EfficiencyDto {
  @ApiProperty({ description: 'Runs with an outcome in the report', example: 120 })
  runs: number;

  @ApiProperty({
    description: 'Those with a start and a finish: wall time and parallelism are about these',
    example: 118,
  })
  finishedRuns: number;

  @ApiProperty({ description: 'Sum of finish - start, ms', example: 3_600_000 })
  wallTimeMs: number;

  @ApiProperty({ description: 'Time that the counted outcomes of the finished runs took, ms', example: 9_000_000 })
  testTimeMs: number;

  @ApiProperty({
    description:
      'Test time / wall time; null where the filter chooses among the outcomes of a run (suites, tests, types, tags, owners, statuses)',
    type: Number,
    nullable: true,
    example: 2.5,
  })
  parallelism: number | null;

  @ApiProperty({ description: 'Attempts that were superseded by a later one', example: 31 })
  retries: number;

  @ApiProperty({ description: 'Time that they took, ms', example: 46_000 })
  retryTimeMs: number;

  @ApiProperty({ description: 'Retry time / all time', type: Number, nullable: true, example: 0.005 })
  retryShare: number | null;
}

export class FigureSummaryDto {
  @ApiProperty({ description: 'Runs that sent it', example: 120 })
  n: number;

  @ApiProperty({ description: 'Mean', example: 71.4 })
  average: number;

  @ApiProperty({ description: 'Smallest', example: 40.2 })
  min: number;

  @ApiProperty({ description: 'Largest', example: 96.8 })
  max: number;
}
