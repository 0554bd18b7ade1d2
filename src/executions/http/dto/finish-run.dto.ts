import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { LIMITS } from '../../domain/limits.js';
import { IsNumberMap, IsResultTime } from './row-decorators.js';
import { ResourcesDto } from './run.dto.js';

export class FinishRunDto {
  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When it ended; left out: now',
    example: '2026-03-01T09:41:00Z',
  })
  @IsOptional()
  @IsResultTime()
  finishedAt?: string;

  @ApiProperty({ required: false, enum: ['finished', 'aborted'], description: 'How it ended', example: 'finished' })
  @IsOptional()
  @IsIn(['finished', 'aborted'])
  status?: 'finished' | 'aborted';

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'number' },
    maxProperties: LIMITS.parameters,
    description: 'Figures of your own; each is a metric run.<name>. What was sent at the start stays',
    example: { 'coverage.lines': 81.4 },
  })
  @IsOptional()
  @IsNumberMap(LIMITS.parameters)
  metrics?: Record<string, number>;

  @ApiProperty({ required: false, type: ResourcesDto, description: 'What the run used' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ResourcesDto)
  resources?: ResourcesDto;
}
