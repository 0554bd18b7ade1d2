import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IsText } from '../../common/index.js';
import { RESULT_STATUSES, type ResultStatus } from '../../executions/index.js';
import { FromQuery, MetricFilterQueryDto, RateDto } from '../../metrics/index.js';
import { TEST_LABELS, TEST_LABELS_TEXT, type TestLabel } from '../domain/labels.js';
import { ORDERS, type Order, type Ranking, RANKINGS } from '../tests/ranking.js';
import { InstantOrNull, NumberOrNull, RunIds, TEST_ID, TextOrNull } from './fields.js';
import { QualityDefinitionDto, NextFailureDto, QualityRangeDto, STATUS } from './figures.dto.js';

export class RankingQueryDto extends MetricFilterQueryDto {
  @ApiPropertyOptional({ description: 'What to rank by', enum: RANKINGS, default: 'flakiness', example: 'flakiness' })
  @IsOptional()
  @IsIn(RANKINGS)
  sort?: Ranking;

  @ApiPropertyOptional({
    description: 'Highest first, or lowest; names are always from A to Z',
    enum: ORDERS,
    default: 'desc',
    example: 'desc',
  })
  @IsOptional()
  @IsIn(ORDERS)
  order?: Order;

  @ApiPropertyOptional({
    description: `Only tests with one of these labels; repeated or comma-separated. ${TEST_LABELS_TEXT}`,
    enum: TEST_LABELS,
    isArray: true,
  })
  @IsOptional()
  @FromQuery()
  @IsArray()
  @ArrayMaxSize(10)
  @IsIn(TEST_LABELS, { each: true })
  label?: TestLabel[];

  @ApiPropertyOptional({ description: 'Part of the name or of the suite, whatever the case', maxLength: 200 })
  @IsOptional()
  @IsText(200)
  search?: string;

  @ApiPropertyOptional({ description: 'Rows per page', minimum: 1, maximum: 200, default: 50, example: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit?: number;

  @ApiPropertyOptional({ description: 'The `nextCursor` of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  cursor?: string;
}

class FlakinessDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: no outcome', enum: STATUS, example: 'ok' })
  status: (typeof STATUS)[number];

  @NumberOrNull('phi: long-run probability that the next outcome differs from this one, 0..1', 0.31)
  score: number | null;

  @NumberOrNull('Lower end of its 95 % interval', 0.22)
  low: number | null;

  @NumberOrNull('Upper end of its 95 % interval', 0.4)
  high: number | null;

  @NumberOrNull('P(phi > 0.02)', 1)
  aboveThreshold: number | null;

  @ApiProperty({ description: 'Outcomes of the newest stretch, which it rests on', example: 88 })
  n: number;
}

class FlakinessEvidenceDto {
  @RunIds('Runs that the label rests on, newest first, at most 20')
  runs: readonly string[];

  @ApiProperty({ description: 'Disagreements on the same code in the window', example: 14 })
  disagreements: number;
}

class TestDurationDto {
  @ApiProperty({ description: 'Passing outcomes with a duration', example: 80 })
  n: number;

  @NumberOrNull('Median of passing outcomes, ms', 812)
  median: number | null;

  @NumberOrNull('1 - min(1, MAD / median), 0..1', 0.92)
  stability: number | null;
}

/** One test of a ranking. */
export class RankedTestDto {
  @ApiProperty({ description: 'Test', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Its name', example: 'pays with a gift card' })
  name: string;

  @TextOrNull('Its suite', 'checkout/payment')
  suite: string | null;

  @ApiProperty({ description: 'Key of its project', example: 'demo' })
  project: string;

  @ApiProperty({
    description: 'What makes it a test of its own besides its name',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { browser: 'chromium' },
  })
  parameters: Readonly<Record<string, string>>;

  @ApiProperty({
    description: `Judgement, the first that applies. ${TEST_LABELS_TEXT}`,
    enum: TEST_LABELS,
    example: 'confirmed',
  })
  label: TestLabel;

  @ApiProperty({ description: 'Flakiness on its newest stretch', type: FlakinessDto })
  flakiness: FlakinessDto;

  @ApiProperty({ description: 'What the label rests on', type: FlakinessEvidenceDto })
  evidence: FlakinessEvidenceDto;

  @ApiProperty({ description: '(failed + broken + timeout) / executed, over the window', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'Outcomes in the window, skipped ones and outages left out', example: 92 })
  runs: number;

  @ApiProperty({ description: 'Failures among them', example: 11 })
  failures: number;

  @ApiProperty({ description: 'Outcomes of runs that were left out as outages', example: 1 })
  excludedRuns: number;

  @NumberOrNull('1 - flakiness', 0.69)
  stability: number | null;

  @ApiProperty({ description: 'Durations', type: TestDurationDto })
  durationMs: TestDurationDto;

  @ApiProperty({ description: 'P(the next run fails)', type: NextFailureDto })
  nextRun: NextFailureDto;

  @ApiProperty({
    description: 'Newest outcome, skipped ones included',
    enum: RESULT_STATUSES,
    example: 'passed',
  })
  lastStatus: ResultStatus;

  @InstantOrNull('When it last ran')
  lastAt: Date | null;

  @ApiProperty({ description: 'In quarantine', example: false })
  quarantined: boolean;
}

export class RankingPageDto {
  @ApiProperty({ description: 'Position in the commit log that the figures stand for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'Tests in the order asked for', type: [RankedTestDto] })
  items: readonly RankedTestDto[];

  @TextOrNull('Cursor of the next page; null on the last', 'Wy0wLjIyLCI2NjUwIl0')
  nextCursor: string | null;

  @ApiProperty({ description: 'Tests in all pages', example: 200 })
  total: number;
}
