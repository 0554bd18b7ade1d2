import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../common/index.js';
import { RESULT_STATUSES, type ResultStatus, RUN_STATUSES, type RunStatus } from '../domain/model.js';
import type { RunRecord } from '../domain/run-record.js';
import type { StoredResult } from '../domain/stored.js';
import { RunTotalsDto } from '../http/dto/run-view.dto.js';

const MOST_MESSAGE = 300;

export class LiveResultDto {
  @ApiProperty({ description: 'Id of the result', example: '65f0c0ff0123456789abcdef01234567' })
  resultId: string;

  @ApiProperty({ description: 'Id of the test', example: '0123456789abcdef01234567' })
  testId: string;

  @ApiProperty({ description: 'Suite path', example: 'checkout/payment' })
  suite: string;

  @ApiProperty({ description: 'Name of the test', example: 'pays by card' })
  name: string;

  @ApiProperty({ description: 'Status of the attempt', enum: RESULT_STATUSES, example: 'failed' })
  status: ResultStatus;

  @ApiProperty({ description: 'Attempt, from 1', example: 1 })
  attempt: number;

  @ApiProperty({ description: 'When it started', type: String, format: 'date-time' })
  startedAt: string;

  @ApiPropertyOptional({ description: 'Duration in ms', example: 812.4 })
  durationMs?: number;

  @ApiPropertyOptional({
    description: `First ${MOST_MESSAGE} characters of the error`,
    example: 'expected 200, got 500',
  })
  message?: string;
}

/** A run as it goes: the state of a room `run:{runId}`, and what each of its deltas brings anew. */
export class LiveRunDto {
  @ApiProperty({ description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiPropertyOptional({ description: 'Name for people', example: 'Unit tests of #4711' })
  name?: string;

  @ApiPropertyOptional({ description: 'Branch', example: 'main' })
  branch?: string;

  @ApiProperty({ description: 'Where it stands', enum: RUN_STATUSES, example: 'running' })
  status: RunStatus;

  @ApiProperty({ description: 'When it started', type: String, format: 'date-time' })
  startedAt: string;

  @ApiPropertyOptional({ description: 'When it ended', type: String, format: 'date-time' })
  finishedAt?: string;

  @ApiProperty({ description: 'When something of it last came in', type: String, format: 'date-time' })
  updatedAt: string;

  @ApiProperty({ description: 'What it adds up to', type: RunTotalsDto })
  totals: RunTotalsDto;

  @ApiProperty({ description: 'Shards that have sent something', type: [Number], example: [1, 2] })
  shardsSeen: readonly number[];

  @ApiProperty({ description: 'The results that came last, the newest first; at most 20', type: [LiveResultDto] })
  newest: readonly LiveResultDto[];
}

const toLiveResult = (result: StoredResult): Plain<LiveResultDto> => ({
  resultId: result.resultId,
  testId: result.test.testId,
  suite: result.test.suite,
  name: result.test.name,
  status: result.status,
  attempt: result.attempt,
  startedAt: result.startedAt.toISOString(),
  ...(result.durationMs === undefined ? {} : { durationMs: result.durationMs }),
  ...(result.error?.message === undefined ? {} : { message: result.error.message.slice(0, MOST_MESSAGE) }),
});

export const toLiveRun = (run: RunRecord, newest: readonly StoredResult[]): Plain<LiveRunDto> => ({
  runId: run.runId,
  project: run.projectKey,
  ...(run.name === undefined ? {} : { name: run.name }),
  ...(run.branch === undefined ? {} : { branch: run.branch }),
  status: run.status,
  startedAt: run.startedAt.toISOString(),
  ...(run.finishedAt === undefined ? {} : { finishedAt: run.finishedAt.toISOString() }),
  updatedAt: run.updatedAt.toISOString(),
  totals: run.totals,
  shardsSeen: run.shardsSeen,
  newest: newest.map(toLiveResult),
});
