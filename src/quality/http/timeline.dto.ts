import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { RESULT_STATUSES, type ResultStatus } from '../../executions/index.js';
import { RateDto, TimeRangeFields } from '../../metrics/index.js';
import { TEST_LABELS, type TestLabel } from '../domain/labels.js';
import { Instant, InstantOrNull, NumberOrNull, RUN_ID, RunIds, TEST_ID, TextOrNull } from './fields.js';
import { QualityRangeDto } from './figures.dto.js';

export class HistoryQueryDto extends TimeRangeFields {
  @ApiPropertyOptional({ description: 'Outcomes per page', minimum: 1, maximum: 200, default: 50, example: 50 })
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

export class RunPointDto {
  @ApiProperty({ description: 'Run', example: RUN_ID })
  runId: string;

  @TextOrNull('Commit', '3f786850e387550fdab836ed7e6dc881de23001b')
  commit: string | null;

  @TextOrNull('Branch', 'main')
  branch: string | null;

  @Instant('Start of the outcome')
  at: Date;
}

class SegmentStartDto {
  @ApiProperty({ description: 'Earliest place of the change, 99 %', type: RunPointDto })
  low: RunPointDto;

  @ApiProperty({ description: 'Latest place of the change, 99 %', type: RunPointDto })
  high: RunPointDto;

  @RunIds('Runs of the interval, oldest first, at most 50')
  runs: readonly string[];

  @ApiProperty({ description: 'Their commits', type: [String], example: ['3f786850e387550fdab836ed7e6dc881de23001b'] })
  commits: readonly string[];
}

/** A stretch of one failure rate. */
export class SegmentDto {
  @ApiProperty({ description: 'Its first outcome', type: RunPointDto })
  first: RunPointDto;

  @ApiProperty({ description: 'Its last outcome', type: RunPointDto })
  last: RunPointDto;

  @ApiProperty({ description: 'Failures of its outcomes', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({
    description: 'Where it began, with the 99 % interval of the place; null for the first stretch',
    type: SegmentStartDto,
    nullable: true,
  })
  start: SegmentStartDto | null;
}

class EpisodeDto {
  @TextOrNull('Branch', 'main')
  branch: string | null;

  @Instant('First failure')
  from: Date;

  @InstantOrNull('The pass that ended it; null while it is open')
  to: Date | null;

  @ApiProperty({ description: 'Failures in it', example: 4 })
  failures: number;

  @ApiProperty({ description: 'Run of the first failure', example: RUN_ID })
  firstRun: string;

  @TextOrNull('Run that ended it', RUN_ID)
  fixRun: string | null;

  @NumberOrNull('How long it took, hours', 20.5)
  hours: number | null;
}

class OutcomeDto extends RunPointDto {
  @ApiProperty({ description: 'Outcome: its last attempt', enum: RESULT_STATUSES, example: 'passed' })
  status: ResultStatus;

  @ApiProperty({ description: 'Attempts in the run', example: 2 })
  attempts: number;

  @ApiProperty({ description: 'Passed after a failed attempt', example: true })
  flakyInRun: boolean;

  @NumberOrNull('Duration of the last attempt, ms', 812.4)
  durationMs: number | null;

  @TextOrNull('Environment', 'staging')
  environment: string | null;

  @ApiProperty({ description: 'The run is left out of flakiness as an outage', example: false })
  excluded: boolean;
}

export class TestHistoryDto {
  @ApiProperty({ description: 'Position in the commit log that it stands for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'Test; the present name of a renamed one', example: TEST_ID })
  testId: string;

  @ApiProperty({ description: 'Judgement', enum: TEST_LABELS, example: 'confirmed' })
  label: TestLabel;

  @RunIds('Runs that the label rests on, newest first, at most 20')
  evidenceRuns: readonly string[];

  @ApiProperty({ description: 'Stretches of one failure rate, oldest first', type: [SegmentDto] })
  segments: readonly SegmentDto[];

  @ApiProperty({ description: 'Failure episodes, oldest first', type: [EpisodeDto] })
  episodes: readonly EpisodeDto[];

  @ApiProperty({ description: 'Outcomes, newest first, a page of them', type: [OutcomeDto] })
  items: readonly OutcomeDto[];

  @TextOrNull('Cursor of the next page; null on the last', 'Wy0xNzk1MDAwMDAwMDAwXQ')
  nextCursor: string | null;

  @ApiProperty({ description: 'Outcomes in all pages', example: 92 })
  total: number;
}
