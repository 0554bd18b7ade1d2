import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../../common/index.js';
import { RESULT_STATUSES, type ResultStatus } from '../../domain/model.js';
import { omit } from '../../domain/omit.js';
import type { StoredResult } from '../../domain/stored.js';
import { ErrorDto, StepDto } from './result-row.dto.js';

export class StoredErrorDto extends ErrorDto {
  @ApiPropertyOptional({ description: 'The same for failures of one kind', example: '9b74c9897bac770f' })
  fingerprint?: string;
}

export class ResultDto {
  @ApiProperty({ description: 'Id of the result', example: '69a4060c9b74c9897bac770ff029102a' })
  resultId: string;

  @ApiProperty({ description: 'Id of its run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'Id of its test', example: '9b74c9897bac770ffc029102' })
  testId: string;

  @ApiProperty({ description: 'Key of the project', example: 'demo' })
  project: string;

  @ApiProperty({ description: 'Name of the test', example: 'adds an item' })
  name: string;

  @ApiProperty({ description: 'Path of the suite', example: 'shop/cart' })
  suite: string;

  @ApiPropertyOptional({ description: 'File of the test', example: 'test/cart.spec.ts' })
  file?: string;

  @ApiPropertyOptional({ description: 'Kind of test', example: 'unit' })
  type?: string;

  @ApiProperty({ description: 'Tags', type: [String], example: ['smoke'] })
  tags: readonly string[];

  @ApiPropertyOptional({ description: 'Who owns the test', example: 'team-checkout' })
  owner?: string;

  @ApiPropertyOptional({
    description: 'Parameters of the test',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { browser: 'firefox' },
  })
  parameters?: Readonly<Record<string, string>>;

  @ApiProperty({ description: 'How it ended', enum: RESULT_STATUSES, example: 'passed' })
  status: ResultStatus;

  @ApiProperty({ description: 'Which attempt in its run', example: 1 })
  attempt: number;

  @ApiProperty({
    description: 'When it started',
    type: String,
    format: 'date-time',
    example: '2026-03-01T09:30:00.000Z',
  })
  startedAt: Date;

  @ApiPropertyOptional({ description: 'Milliseconds', example: 125.4 })
  durationMs?: number;

  @ApiPropertyOptional({ description: 'Why it did not pass', type: StoredErrorDto })
  error?: StoredErrorDto;

  @ApiPropertyOptional({ description: 'Thread or machine that ran it', example: '3' })
  worker?: string;
}

export class ResultDetailDto extends ResultDto {
  @ApiProperty({ description: 'Steps, in order', type: [StepDto] })
  steps: readonly StepDto[];
}

export class ResultPageDto {
  @ApiProperty({
    description: 'Cancelled, skipped, timeout, broken, failed, passed; within one by test',
    type: [ResultDto],
  })
  items: readonly ResultDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export const toResultDto = (result: StoredResult): Plain<ResultDto> => {
  const rest = omit(result, 'test', 'projectId', 'generation', 'steps');
  const { testId, projectKey, name, suite, file, parameters } = result.test;
  return { ...rest, testId, project: projectKey, name, suite, file, parameters };
};

export const toResultDetailDto = (result: StoredResult): Plain<ResultDetailDto> => ({
  ...toResultDto(result),
  steps: result.steps,
});
