import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { IsSlug } from '../../../common/index.js';
import { LIMITS } from '../../domain/limits.js';
import { RUN_KINDS, type RunKind } from '../../domain/model.js';
import { ResultRowDto } from './result-row.dto.js';
import { IsNumberMap, IsResultTime, IsRowText, IsTextMap } from './row-decorators.js';

const SHARDS = 10_000;
const URL_LENGTH = 2_000;
const LARGEST = 1e15;

export class BuildDto {
  @ApiProperty({
    minLength: 1,
    maxLength: LIMITS.label,
    description: 'Joins the runs of one build',
    example: 'build-4711',
  })
  @IsRowText(LIMITS.label, 1)
  id: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 0,
    maximum: SHARDS,
    description: 'Which shard this is',
    example: 1,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(SHARDS)
  shard?: number;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: SHARDS,
    description: 'How many shards there are',
    example: 4,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(SHARDS)
  shards?: number;
}

export class CiDto {
  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'The CI system', example: 'gitlab' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  provider?: string;

  @ApiProperty({
    required: false,
    maxLength: URL_LENGTH,
    description: 'The job there',
    example: 'https://ci.example.test/jobs/17',
  })
  @IsOptional()
  @IsRowText(URL_LENGTH)
  url?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Name of the job', example: 'unit-tests' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  job?: string;
}

export class ResourcesDto {
  @ApiProperty({
    required: false,
    minimum: 0,
    description: 'Mean use of the processors, in percent of one',
    example: 61.5,
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LARGEST)
  cpuPercent?: number;

  @ApiProperty({ required: false, minimum: 0, description: 'Peak memory in MB', example: 2048 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LARGEST)
  memoryMb?: number;

  @ApiProperty({ required: false, minimum: 0, description: 'Disk input and output in MB', example: 310 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LARGEST)
  diskIoMb?: number;

  @ApiProperty({ required: false, minimum: 0, description: 'Network input and output in MB', example: 42 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LARGEST)
  networkIoMb?: number;
}

/** What is said of a run; the first to say it wins when shards share an externalId. */
export class RunMetadataDto {
  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  @IsSlug()
  project: string;

  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: LIMITS.label,
    description: "The client's own id of the run: the same id sent again is the same run",
    example: 'ci-4711-unit',
  })
  @IsOptional()
  @IsRowText(LIMITS.label, 1)
  externalId?: string;

  @ApiProperty({ required: false, type: BuildDto, description: 'The build that this run is a part of' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => BuildDto)
  build?: BuildDto;

  @ApiProperty({
    required: false,
    enum: RUN_KINDS,
    description: 'What started it; ci unless told otherwise',
    example: 'ci',
  })
  @IsOptional()
  @IsIn(RUN_KINDS)
  kind?: RunKind;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.name,
    description: 'Name for people',
    example: 'Unit tests of #4711',
  })
  @IsOptional()
  @IsRowText(LIMITS.name)
  name?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Branch', example: 'main' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  branch?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Commit', example: '9fceb02' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  commit?: string;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When the commit was made',
    example: '2026-03-01T09:00:00Z',
  })
  @IsOptional()
  @IsResultTime()
  commitTime?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Pull or merge request', example: '123' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  pullRequest?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Where it ran', example: 'staging' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  environment?: string;

  @ApiProperty({ required: false, type: CiDto, description: 'The CI job that ran it' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CiDto)
  ci?: CiDto;

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Who or what started it', example: 'ann' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  triggeredBy?: string;

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'string', maxLength: LIMITS.mapValue },
    maxProperties: LIMITS.parameters,
    description: 'Whatever else should be kept with the run; keys do not begin with $',
    example: { runner: 'linux-x64' },
  })
  @IsOptional()
  @IsTextMap(LIMITS.parameters)
  attributes?: Record<string, string>;

  @ApiProperty({
    required: false,
    type: [String],
    maxItems: LIMITS.tags,
    description: 'Tags of every result of the run',
    example: ['nightly'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LIMITS.tags)
  @IsRowText(LIMITS.label, 1, { each: true })
  tags?: string[];

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When it started, from 2000-01-01 to 24 hours ahead; left out: the earliest result, else now',
    example: '2026-03-01T09:30:00Z',
  })
  @IsOptional()
  @IsResultTime()
  startedAt?: string;

  @ApiProperty({ required: false, format: 'date-time', description: 'When it ended', example: '2026-03-01T09:41:00Z' })
  @IsOptional()
  @IsResultTime()
  finishedAt?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: SHARDS,
    description: 'Tests run in parallel',
    example: 4,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(SHARDS)
  workers?: number;

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'number' },
    maxProperties: LIMITS.parameters,
    description: 'Figures of your own; each is a metric run.<name>',
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

export class CreateRunDto extends RunMetadataDto {
  @ApiProperty({
    required: false,
    type: [ResultRowDto],
    description: 'Results, when the run is sent whole; without them the run is started and waits for batches',
  })
  // the rows themselves go through the compiled validator: class-validator alone takes half a core at 10,000 rows/s
  @IsOptional()
  @IsArray()
  results?: ResultRowDto[];
}
