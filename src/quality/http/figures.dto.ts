import { ApiProperty } from '@nestjs/swagger';
import { NumberOrNull } from './fields.js';

export const STATUS = ['ok', 'insufficient_data'] as const;
type Status = (typeof STATUS)[number];

export class QualityDefinitionDto {
  @ApiProperty({ description: 'Which formula', example: 'flakiness.phi' })
  id: string;

  @ApiProperty({ description: 'Version of the formula', example: 1 })
  version: number;
}

export class WeightedFigureDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: no value is given', enum: STATUS, example: 'ok' })
  status: Status;

  @NumberOrNull('Mean over the tests, weighted by their runs, 0..1', 0.98)
  value: number | null;

  @ApiProperty({ description: 'Tests it rests on', example: 196 })
  tests: number;

  @ApiProperty({ description: 'Outcomes it rests on', example: 18_400 })
  n: number;
}

export class BoundedFigureDto extends WeightedFigureDto {
  @NumberOrNull('Weighted mean of the lower 95 % bounds of the tests: a careful bound', 0.93)
  low: number | null;

  @NumberOrNull('Weighted mean of the upper 95 % bounds of the tests', 1)
  high: number | null;
}

export class ScorePartDto {
  @ApiProperty({
    description:
      'Which part. passRate: passed of what was judged; stability: outcomes without flakiness; durationStability: how little durations vary; recovery: how soon failing tests pass again',
    enum: ['passRate', 'stability', 'durationStability', 'recovery'],
    example: 'passRate',
  })
  id: string;

  @NumberOrNull('Its value, 0..1', 0.97)
  value: number | null;

  @ApiProperty({ description: 'Points out of 100 that it can give', example: 50 })
  weight: number;

  @ApiProperty({ description: 'Points that it gives', example: 48.5 })
  points: number;
}

export class ScoreDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: nothing was executed', enum: STATUS, example: 'ok' })
  status: Status;

  @NumberOrNull('0..100', 91.4)
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

export class ReliabilityDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: no run', enum: STATUS, example: 'ok' })
  status: Status;

  @NumberOrNull('Percent of runs without a failure that is neither quarantined nor known to be flaky', 82)
  value: number | null;

  @ApiProperty({ description: 'Such runs', example: 82 })
  numerator: number;

  @ApiProperty({ description: 'Of so many runs', example: 100 })
  denominator: number;

  @NumberOrNull('Lower end of the 95 % Wilson interval, percent', 73.3)
  low: number | null;

  @NumberOrNull('Upper end of the 95 % Wilson interval, percent', 88.3)
  high: number | null;
}

export class MttrDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({
    description: 'no_failures: there was nothing to recover from',
    enum: ['ok', 'no_failures', 'insufficient_data'],
    example: 'ok',
  })
  status: 'ok' | 'no_failures' | 'insufficient_data';

  @NumberOrNull('Mean hours from the first failure to the next pass, over closed episodes', 22.5)
  meanHours: number | null;

  @NumberOrNull('Kaplan-Meier median in hours, open episodes censored', 14)
  medianHours: number | null;

  @ApiProperty({ description: 'Episodes that ended', example: 31 })
  closed: number;

  @ApiProperty({ description: 'Episodes that are still open', example: 2 })
  open: number;
}

export class MttdDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: no commit is known', enum: STATUS, example: 'ok' })
  status: Status;

  @NumberOrNull("Mean hours from the culprit commit's first run to the first failure", 0.2)
  meanHours: number | null;

  @ApiProperty({ description: 'Episodes whose commit is known', example: 33 })
  n: number;
}

export class LabelCountsDto {
  @ApiProperty({ description: 'Flaky, with a disagreement on the same code', example: 6 })
  confirmed: number;

  @ApiProperty({ description: 'Probably flaky, without such evidence', example: 0 })
  suspected: number;

  @ApiProperty({ description: 'Fails always since it broke', example: 1 })
  broken: number;

  @ApiProperty({ description: 'Failed last, and nothing more is known', example: 0 })
  failing: number;

  @ApiProperty({ description: 'Fewer than 5 runs', example: 3 })
  new: number;

  @ApiProperty({ description: 'None of the others', example: 190 })
  stable: number;

  @ApiProperty({ description: 'Only skipped or cancelled', example: 0 })
  insufficientData: number;

  @ApiProperty({ description: 'All tests with an outcome in the window', example: 200 })
  total: number;
}

export class NextFailureDto {
  @ApiProperty({ description: 'The formula', type: QualityDefinitionDto })
  definition: QualityDefinitionDto;

  @ApiProperty({ description: 'insufficient_data: no outcome', enum: STATUS, example: 'ok' })
  status: Status;

  @NumberOrNull('P(the next run of the test fails), 0..1', 0.21)
  probability: number | null;

  @NumberOrNull('Lower end of the 95 % interval of the rate behind it', 0.13)
  low: number | null;

  @NumberOrNull('Upper end of the 95 % interval of the rate behind it', 0.31)
  high: number | null;

  @ApiProperty({ description: 'Outcomes it rests on', example: 88 })
  n: number;
}

export class QualityRangeDto {
  @ApiProperty({
    description: 'Begin, included',
    format: 'date-time',
    type: String,
    example: '2026-06-01T00:00:00.000Z',
  })
  from: Date;

  @ApiProperty({ description: 'End, excluded', format: 'date-time', type: String, example: '2026-07-01T00:00:00.000Z' })
  to: Date;

  @ApiProperty({ description: 'IANA zone in which its days begin', example: 'UTC' })
  timeZone: string;
}
