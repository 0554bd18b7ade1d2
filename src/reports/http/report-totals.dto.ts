import { ApiProperty } from '@nestjs/swagger';
import { CellDto, RateDto } from '../../metrics/index.js';
import { QualityDefinitionDto, ScorePartDto } from '../../quality/index.js';
import { ReportBucketDto } from './report-rows.dto.js';

export class TotalRatesDto {
  @ApiProperty({ description: '(failed + broken + timeout) / what ran', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'Flaky in run / what ran', type: RateDto })
  flakyRate: RateDto;

  @ApiProperty({ description: 'Outcomes with more than one attempt / executions', type: RateDto })
  retryRate: RateDto;
}

class ScoreBasisDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({
    description:
      'insufficient_data: nothing to judge. pending: over more than 80,000 attempts it is computed after the answer; GET the report again. too_broad: over more than 20,000,000 attempts it is not computed.',
    enum: ['ok', 'insufficient_data', 'pending', 'too_broad'],
    example: 'ok',
  })
  status: 'ok' | 'insufficient_data' | 'pending' | 'too_broad';

  @ApiProperty({ description: 'Judged outcomes it rests on', example: 18_400 })
  n: number;

  @ApiProperty({
    description:
      'Position in the commit log that it stands for. Over more than 80,000 attempts it may lie up to a minute before that of the report; null while pending, and where it is too_broad.',
    type: Number,
    nullable: true,
    example: 412,
  })
  asOf: number | null;

  @ApiProperty({
    description: "The report's range; of more than 90 days the newest 90, except for quality_metrics",
    type: ReportBucketDto,
  })
  window: ReportBucketDto;
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
