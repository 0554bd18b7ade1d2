import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsDefined, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsText } from '../../common/index.js';
import { MetricFilterQueryDto, RateDto } from '../../metrics/index.js';
import { Instant, NumberOrNull, RUN_ID, TextOrNull } from './fields.js';
import { QualityRangeDto } from './figures.dto.js';

export class PagedFilterQueryDto extends MetricFilterQueryDto {
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

export class DecideOutageDto {
  @ApiProperty({ description: 'true: leave the run out of flakiness; false: put it back', example: false })
  @IsDefined()
  @IsBoolean()
  excluded: boolean;

  @ApiProperty({ description: 'Why, for the audit log', maxLength: 1000, example: 'A real regression, not an outage' })
  @IsDefined()
  @IsText(1000)
  reason: string;
}

export class OutageDecisionDto {
  @ApiProperty({ description: 'Run', example: RUN_ID })
  runId: string;

  @ApiProperty({ description: 'Key of its project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'Left out of flakiness', example: false })
  excluded: boolean;

  @ApiProperty({ description: 'Why', example: 'A real regression, not an outage' })
  reason: string;

  @ApiProperty({ description: 'Who', example: 'developer' })
  by: string;

  @Instant('When')
  at: Date;
}

class OutageDto {
  @ApiProperty({ description: 'Run', example: RUN_ID })
  runId: string;

  @ApiProperty({ description: 'Key of its project', example: 'demo' })
  project: string;

  @TextOrNull('Branch', 'main')
  branch: string | null;

  @TextOrNull('Commit', '3f786850e387550fdab836ed7e6dc881de23001b')
  commit: string | null;

  @Instant('Start of the run')
  startedAt: Date;

  @ApiProperty({ description: 'Failures of all its outcomes, whatever the filter', type: RateDto })
  failureRate: RateDto;

  @ApiProperty({ description: 'The rule calls it an outage', example: true })
  detected: boolean;

  @NumberOrNull('Median failure rate over the runs before on its branch, 0..1', 0.02)
  medianBefore: number | null;

  @ApiProperty({ description: 'Runs before that it was compared with, at most 20', example: 20 })
  runsBefore: number;

  @ApiProperty({ description: 'Left out of flakiness', example: true })
  excluded: boolean;

  @ApiProperty({ description: 'What a person decided; null where nobody did', type: OutageDecisionDto, nullable: true })
  decision: OutageDecisionDto | null;
}

export class OutagePageDto {
  @ApiProperty({ description: 'Position in the commit log that it stands for', example: 4711 })
  asOf: number;

  @ApiProperty({ description: 'The window', type: QualityRangeDto })
  range: QualityRangeDto;

  @ApiProperty({ description: 'Newest first', type: [OutageDto] })
  items: readonly OutageDto[];

  @TextOrNull('Cursor of the next page; null on the last', 'Wy0xNzk1MDAwMDAwMDAwXQ')
  nextCursor: string | null;

  @ApiProperty({ description: 'Runs in all pages', example: 1 })
  total: number;
}
