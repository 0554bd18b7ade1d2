import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../../common/index.js';
import { RUN_KINDS, RUN_STATUSES, type RunKind, type RunStatus } from '../../domain/model.js';
import { omit } from '../../domain/omit.js';
import type { RunRecord } from '../../domain/run-record.js';
import { linksOf, RunLinksDto } from './intake.dto.js';
import { BuildDto, CiDto, ResourcesDto } from './run.dto.js';

export class RunTotalsDto {
  @ApiProperty({ description: 'All attempts', example: 14 })
  attempts: number;

  @ApiProperty({ description: 'Outcomes: tests with an attempt in the run', example: 12 })
  executions: number;

  @ApiProperty({ description: 'Outcomes that passed', example: 10 })
  passed: number;

  @ApiProperty({ description: 'Outcomes that failed an assertion', example: 1 })
  failed: number;

  @ApiProperty({ description: 'Outcomes that threw anything else', example: 0 })
  broken: number;

  @ApiProperty({ description: 'Outcomes that took too long', example: 0 })
  timeout: number;

  @ApiProperty({ description: 'Outcomes that were skipped', example: 1 })
  skipped: number;

  @ApiProperty({ description: 'Outcomes that were cancelled', example: 0 })
  cancelled: number;

  @ApiProperty({ description: 'Outcomes that passed after a failed attempt', example: 1 })
  flaky: number;
}

export class RunDto {
  @ApiProperty({ description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: "The client's id of it, or one made from its key or content", example: 'ci-4711-unit' })
  externalId: string;

  @ApiProperty({ description: 'Where it stands', enum: RUN_STATUSES, example: 'finished' })
  status: RunStatus;

  @ApiProperty({
    description: 'live; expired: retention has removed its results, its figures stay',
    enum: ['live', 'expired', 'deleted'],
    example: 'live',
  })
  state: 'live' | 'expired' | 'deleted';

  @ApiProperty({ description: 'What started it', enum: RUN_KINDS, example: 'ci' })
  kind: RunKind;

  @ApiPropertyOptional({ description: 'The build it is a part of', type: BuildDto })
  build?: BuildDto;

  @ApiPropertyOptional({ description: 'Name for people', example: 'Unit tests of #4711' })
  name?: string;

  @ApiPropertyOptional({ description: 'Branch', example: 'main' })
  branch?: string;

  @ApiPropertyOptional({ description: 'Commit', example: '9fceb02' })
  commit?: string;

  @ApiPropertyOptional({
    description: 'When the commit was made',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:00:00.000Z',
  })
  commitTime?: Date;

  @ApiPropertyOptional({ description: 'Pull or merge request', example: '123' })
  pullRequest?: string;

  @ApiPropertyOptional({ description: 'Where it ran', example: 'staging' })
  environment?: string;

  @ApiPropertyOptional({ description: 'The CI job that ran it', type: CiDto })
  ci?: CiDto;

  @ApiPropertyOptional({ description: 'Who or what started it', example: 'ann' })
  triggeredBy?: string;

  @ApiPropertyOptional({
    description: 'Whatever else the client sent',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { runner: 'linux-x64' },
  })
  attributes?: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'Tags of every result of it', type: [String], example: ['nightly'] })
  tags: readonly string[];

  @ApiProperty({
    description: 'When it started',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:30:00.000Z',
  })
  startedAt: Date;

  @ApiPropertyOptional({
    description: 'When it ended',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:41:00.000Z',
  })
  finishedAt?: Date;

  @ApiPropertyOptional({ description: 'Tests run in parallel', example: 4 })
  workers?: number;

  @ApiPropertyOptional({
    description: "The client's own figures",
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { 'coverage.lines': 81.4 },
  })
  metrics?: Readonly<Record<string, number>>;

  @ApiPropertyOptional({ description: 'What it used', type: ResourcesDto })
  resources?: ResourcesDto;

  @ApiProperty({ description: 'What it adds up to', type: RunTotalsDto })
  totals: RunTotalsDto;

  @ApiProperty({ description: 'Shards that have sent something', type: [Number], example: [1, 2] })
  shardsSeen: readonly number[];

  @ApiProperty({
    description: 'When it was first sent',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:30:02.114Z',
  })
  createdAt: Date;

  @ApiProperty({
    description: 'When something of it last came in',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:41:00.512Z',
  })
  updatedAt: Date;

  @ApiProperty({ description: 'Where to go on', type: RunLinksDto })
  links: RunLinksDto;
}

export class RunPageDto {
  @ApiProperty({ description: 'Newest first', type: [RunDto] })
  items: readonly RunDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toRunDto = (run: RunRecord): Plain<RunDto> => {
  const rest = omit(run, 'organization', 'projectId', 'projectKey', 'generation', 'summarised', 'days', 'newest');
  return { ...rest, project: run.projectKey, links: linksOf(run.runId, run.build?.id) };
};
