import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import { IsSlug, IsText, PageQueryDto } from '../../../common/index.js';
import { RESULT_STATUSES, RUN_STATUSES, type ResultStatus, type RunStatus } from '../../domain/model.js';
import { IsResultTime } from './row-decorators.js';

const MOST_VALUES = 100;

/** Lists in a query string are repeated or comma-separated. */
const list = ({ value }: { value: unknown }): unknown =>
  [value].flat().flatMap((item): unknown[] => (typeof item === 'string' ? item.split(',').filter(Boolean) : [item]));

export class BuildsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Keys of projects', type: [String], example: ['demo'] })
  @IsOptional()
  @Transform(list)
  @IsArray()
  @ArrayMaxSize(MOST_VALUES)
  @IsSlug({ each: true })
  project?: string[];

  @ApiPropertyOptional({ description: 'Branches', type: [String], example: ['main'] })
  @IsOptional()
  @Transform(list)
  @IsArray()
  @ArrayMaxSize(MOST_VALUES)
  @IsText(200, { each: true })
  branch?: string[];

  @ApiPropertyOptional({
    description: 'Started at this time or later',
    format: 'date-time',
    example: '2026-01-01T00:00:00Z',
  })
  @IsOptional()
  @IsResultTime()
  from?: string;

  @ApiPropertyOptional({ description: 'Started before this time', format: 'date-time' })
  @IsOptional()
  @IsResultTime()
  to?: string;
}

export class RunsQueryDto extends BuildsQueryDto {
  @ApiPropertyOptional({ description: 'Where they stand', enum: RUN_STATUSES, isArray: true, example: ['finished'] })
  @IsOptional()
  @Transform(list)
  @IsArray()
  @IsIn(RUN_STATUSES, { each: true })
  status?: RunStatus[];

  @ApiPropertyOptional({ description: 'Id of a build' })
  @IsOptional()
  @IsText(200)
  build?: string;

  @ApiPropertyOptional({ description: 'Commit' })
  @IsOptional()
  @IsText(200)
  commit?: string;
}

export class ResultsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'How they ended',
    enum: RESULT_STATUSES,
    isArray: true,
    example: ['passed', 'failed'],
  })
  @IsOptional()
  @Transform(list)
  @IsArray()
  @IsIn(RESULT_STATUSES, { each: true })
  status?: ResultStatus[];
}
