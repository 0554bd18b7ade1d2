import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsDefined,
  IsInt,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsSlug, IsText, IsTimeZone, PageQueryDto, type Plain } from '../common/index.js';
import type { Project } from './project.js';
import {
  FallingBands,
  IfGiven,
  NotAllZero,
  QualityBandsDto,
  QualityLimitsDto,
  QualityWeightsDto,
} from './quality-settings.dto.js';

const LONGEST_RETENTION_DAYS = 36_500;

class ProjectFieldsDto {
  @ApiPropertyOptional({
    description: 'What it is',
    type: String,
    nullable: true,
    maxLength: 2000,
    example: 'Web shop and its checkout',
  })
  @IsOptional()
  @IsText(2000)
  description?: string | null;

  @ApiPropertyOptional({
    description: 'Team that owns it',
    type: String,
    nullable: true,
    maxLength: 100,
    example: 'checkout',
  })
  @IsOptional()
  @IsText(100)
  team?: string | null;

  @ApiPropertyOptional({
    description: 'IANA zone in which its days begin',
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IfGiven()
  @IsTimeZone()
  timeZone?: string;

  @ApiPropertyOptional({
    description: 'Runs older than so many days are removed; null or left out: kept for good',
    type: 'integer',
    nullable: true,
    minimum: 1,
    maximum: LONGEST_RETENTION_DAYS,
    example: 730,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LONGEST_RETENTION_DAYS)
  retentionDays?: number | null;

  @ApiPropertyOptional({
    description: 'Weights of the quality score, by their share of the sum; null: the default weights',
    type: QualityWeightsDto,
    nullable: true,
  })
  @IsOptional()
  @IsObject()
  @NotAllZero()
  @ValidateNested()
  @Type(() => QualityWeightsDto)
  qualityWeights?: QualityWeightsDto | null;

  @ApiPropertyOptional({
    description: 'From which quality score on a band begins; null: the default bands',
    type: QualityBandsDto,
    nullable: true,
  })
  @IsOptional()
  @IsObject()
  @FallingBands()
  @ValidateNested()
  @Type(() => QualityBandsDto)
  qualityBands?: QualityBandsDto | null;

  @ApiPropertyOptional({
    description:
      'Limits that figures of quality are held against (`thresholdViolations`); all are replaced, those left out are the default ones; null: the default limits',
    type: QualityLimitsDto,
    nullable: true,
  })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => QualityLimitsDto)
  qualityLimits?: QualityLimitsDto | null;
}

export class CreateProjectDto extends ProjectFieldsDto {
  @ApiProperty({
    description: 'Key in URLs and filters; cannot be changed',
    pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
    example: 'web-shop',
  })
  @IsDefined()
  @IsSlug()
  key: string;

  @ApiProperty({ description: 'Name for people', maxLength: 200, example: 'Web shop' })
  @IsDefined()
  @IsText(200)
  name: string;
}

export class UpdateProjectDto extends ProjectFieldsDto {
  @ApiPropertyOptional({ description: 'Name for people', maxLength: 200, example: 'Web shop' })
  @IfGiven()
  @IsText(200)
  name?: string;
}

const asList = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? value.split(',') : value);

export class ProjectsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'Only projects of these teams; repeated or comma-separated',
    type: [String],
    example: ['shop'],
  })
  @IsOptional()
  @Transform(asList)
  @IsArray()
  @ArrayMaxSize(100)
  @IsText(100, { each: true })
  team?: string[];
}

export class ProjectDto {
  @ApiProperty({ description: 'Id of the project', example: '6650c0ffee6650c0ffee0001' })
  projectId: string;

  @ApiProperty({ description: 'Key in URLs and filters', example: 'web-shop' })
  key: string;

  @ApiProperty({ description: 'Name for people', example: 'Web shop' })
  name: string;

  @ApiProperty({ description: 'What it is', type: String, nullable: true, example: 'Web shop and its checkout' })
  description: string | null;

  @ApiProperty({ description: 'Team that owns it', type: String, nullable: true, example: 'checkout' })
  team: string | null;

  @ApiProperty({ description: 'IANA zone in which its days begin', example: 'Europe/Berlin' })
  timeZone: string;

  @ApiProperty({
    description: 'Days after which runs are removed; null: never',
    type: 'integer',
    nullable: true,
    example: 730,
  })
  retentionDays: number | null;

  @ApiProperty({
    description: 'Own weights of the quality score; null: the default',
    type: QualityWeightsDto,
    nullable: true,
  })
  qualityWeights: QualityWeightsDto | null;

  @ApiProperty({
    description: 'Own bands of the quality score; null: the default',
    type: QualityBandsDto,
    nullable: true,
  })
  qualityBands: QualityBandsDto | null;

  @ApiProperty({
    description: 'Own limits of the figures of quality; null: the default',
    type: QualityLimitsDto,
    nullable: true,
  })
  qualityLimits: QualityLimitsDto | null;

  @ApiProperty({ description: 'Who made it', example: 'developer' })
  createdBy: string;

  @ApiProperty({
    description: 'When it was made',
    format: 'date-time',
    type: String,
    example: '2026-06-30T00:00:00.000Z',
  })
  createdAt: Date;

  @ApiProperty({
    description: 'When it was last changed',
    format: 'date-time',
    type: String,
    example: '2026-06-30T00:00:00.000Z',
  })
  updatedAt: Date;
}

export class ProjectPageDto {
  @ApiProperty({ description: 'By key', type: [ProjectDto] })
  items: ProjectDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toProjectDto = (project: Project): Plain<ProjectDto> => ({
  projectId: project.id,
  key: project.key,
  name: project.name,
  description: project.description ?? null,
  team: project.team ?? null,
  timeZone: project.timeZone,
  retentionDays: project.retentionDays ?? null,
  qualityWeights: project.qualityWeights ?? null,
  qualityBands: project.qualityBands ?? null,
  qualityLimits: project.qualityLimits ?? null,
  createdBy: project.createdBy,
  createdAt: project.createdAt,
  updatedAt: project.updatedAt,
});
