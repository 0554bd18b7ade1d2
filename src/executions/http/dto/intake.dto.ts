import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import type { BatchOutcome } from '../../domain/batch-outcome.js';
import { RUN_STATUSES, type RunStatus } from '../../domain/model.js';
import { MOST_REJECTIONS } from '../../row-check.js';

export class OnInvalidQueryDto {
  @ApiPropertyOptional({
    description: 'fail: one invalid row refuses the request (422); skip: invalid rows are reported in `rejected`',
    enum: ['fail', 'skip'],
    default: 'fail',
    example: 'fail',
  })
  @IsOptional()
  @IsIn(['fail', 'skip'])
  onInvalid?: 'fail' | 'skip';
}

export class RejectionDto {
  @ApiProperty({ description: 'Place of the row in the request, from 0', example: 3 })
  index: number;

  @ApiProperty({ description: 'RFC 6901 pointer to what is wrong', example: '/results/3/status' })
  pointer: string;

  @ApiProperty({
    description: 'Stable code; `conflict`: the attempt is stored with other content',
    example: 'conflict',
  })
  code: string;

  @ApiProperty({ description: 'What is wrong', example: 'must be one of: passed, failed, broken' })
  detail: string;
}

export class BatchAnswerDto {
  @ApiProperty({ description: 'Rows that are new', example: 2 })
  accepted: number;

  @ApiProperty({ description: 'Rows that were stored already, with the same content', example: 0 })
  duplicates: number;

  @ApiProperty({
    description: `Rows that were not taken: the first ${MOST_REJECTIONS}`,
    type: [RejectionDto],
    example: [],
  })
  rejected: readonly RejectionDto[];

  @ApiProperty({ description: 'How many problems there are in all', example: 0 })
  rejectedCount: number;
}

export class RunLinksDto {
  @ApiProperty({ description: 'The run', example: '/api/v1/execution-reporting/runs/6650c0ffee6650c0ffee0001' })
  self: string;

  @ApiProperty({
    description: 'Its results; POST adds some',
    example: '/api/v1/execution-reporting/runs/6650c0ffee6650c0ffee0001/results',
  })
  results: string;

  @ApiProperty({
    description: 'Ends it',
    example: '/api/v1/execution-reporting/runs/6650c0ffee6650c0ffee0001/finish',
  })
  finish: string;

  @ApiPropertyOptional({ description: 'Its build', example: '/api/v1/execution-reporting/builds/build-4711' })
  build?: string;
}

export class RunAnswerDto extends BatchAnswerDto {
  @ApiProperty({ description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'Where the run stands', enum: RUN_STATUSES, example: 'finished' })
  status: RunStatus;

  @ApiProperty({ description: 'Where to go on', type: RunLinksDto })
  links: RunLinksDto;
}

export const API_ROOT = '/api/v1/execution-reporting';

export const linksOf = (runId: string, buildId: string | undefined): Plain<RunLinksDto> => ({
  self: `${API_ROOT}/runs/${runId}`,
  results: `${API_ROOT}/runs/${runId}/results`,
  finish: `${API_ROOT}/runs/${runId}/finish`,
  ...(buildId === undefined ? {} : { build: `${API_ROOT}/builds/${encodeURIComponent(buildId)}` }),
});

type Counts = Pick<BatchOutcome, 'accepted' | 'duplicates' | 'rejected' | 'rejectedCount'>;

export const toBatchAnswer = ({
  accepted,
  duplicates,
  rejected,
  rejectedCount = rejected.length,
}: Counts): Plain<BatchAnswerDto> => ({
  accepted,
  duplicates,
  rejected: rejected.slice(0, MOST_REJECTIONS),
  rejectedCount,
});

export const toRunAnswer = (outcome: BatchOutcome): Plain<RunAnswerDto> => ({
  runId: outcome.run.runId,
  status: outcome.run.status,
  ...toBatchAnswer(outcome),
  links: linksOf(outcome.run.runId, outcome.run.build?.id),
});
