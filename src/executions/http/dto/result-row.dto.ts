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
import { LIMITS } from '../../domain/limits.js';
import { RESULT_STATUSES, type ResultStatus } from '../../domain/model.js';
import { IsResultTime, IsRowText, IsTextMap } from './row-decorators.js';

export class ErrorDto {
  @ApiProperty({
    required: false,
    maxLength: LIMITS.errorType,
    description: 'Class of the error',
    example: 'AssertionError',
  })
  @IsOptional()
  @IsRowText(LIMITS.errorType)
  type?: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.message,
    description: 'What went wrong',
    example: 'expected 2 items, got 3',
  })
  @IsOptional()
  @IsRowText(LIMITS.message)
  message?: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.stack,
    description: 'Stack trace, 64 KB at most; its own frames tell failures apart',
    example: 'AssertionError: expected 2 items, got 3\n    at checkout (src/cart.ts:42:7)',
  })
  @IsOptional()
  @IsRowText(LIMITS.stack)
  stack?: string;
}

export class StepDto {
  @ApiProperty({ minLength: 1, maxLength: LIMITS.name, description: 'What was done', example: 'open the cart' })
  @IsRowText(LIMITS.name, 1)
  name: string;

  @ApiProperty({ enum: RESULT_STATUSES, description: 'How it ended', example: 'passed' })
  @IsIn(RESULT_STATUSES)
  status: ResultStatus;

  @ApiProperty({ required: false, minimum: 0, description: 'Milliseconds; fractions are kept to 1 µs', example: 12.5 })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LIMITS.durationMs)
  durationMs?: number;

  @ApiProperty({ required: false, maxLength: LIMITS.stepText, description: 'What was expected', example: '2 items' })
  @IsOptional()
  @IsRowText(LIMITS.stepText)
  expected?: string;

  @ApiProperty({ required: false, maxLength: LIMITS.stepText, description: 'What was found', example: '3 items' })
  @IsOptional()
  @IsRowText(LIMITS.stepText)
  actual?: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.stepText,
    description: 'Error of the step',
    example: 'count differs',
  })
  @IsOptional()
  @IsRowText(LIMITS.stepText)
  error?: string;

  @ApiProperty({
    required: false,
    type: [String],
    maxItems: LIMITS.stepWarnings,
    description: 'Warnings of the step',
    example: ['slow answer'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LIMITS.stepWarnings)
  @IsRowText(LIMITS.mapValue, 0, { each: true })
  warnings?: string[];
}

/** One attempt of one test. `formats/row-validator.ts` compiles these same rules for the hot path. */
export class ResultRowDto {
  @ApiProperty({ minLength: 1, maxLength: LIMITS.name, description: 'Name of the test', example: 'adds an item' })
  @IsRowText(LIMITS.name, 1)
  name: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.suite,
    description: 'Path of the suite, its parts divided by /',
    example: 'shop/cart',
  })
  @IsOptional()
  @IsRowText(LIMITS.suite)
  suite?: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.file,
    description: 'File of the test',
    example: 'test/cart.spec.ts',
  })
  @IsOptional()
  @IsRowText(LIMITS.file)
  file?: string;

  @ApiProperty({
    required: false,
    maxLength: LIMITS.type,
    description: 'Kind of test: unit, api, e2e, ...',
    example: 'unit',
  })
  @IsOptional()
  @IsRowText(LIMITS.type)
  type?: string;

  @ApiProperty({ required: false, type: [String], maxItems: LIMITS.tags, description: 'Tags', example: ['smoke'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LIMITS.tags)
  @IsRowText(LIMITS.label, 1, { each: true })
  tags?: string[];

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Who owns the test', example: 'team-checkout' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  owner?: string;

  @ApiProperty({
    selfRequired: false,
    type: 'object',
    additionalProperties: { type: 'string', maxLength: LIMITS.mapValue },
    maxProperties: LIMITS.parameters,
    description: 'What tells apart tests of one name; part of the identity of the test. Keys do not begin with $',
    example: { browser: 'firefox' },
  })
  @IsOptional()
  @IsTextMap(LIMITS.parameters)
  parameters?: Record<string, string>;

  @ApiProperty({
    enum: RESULT_STATUSES,
    description: 'failed = an assertion, broken = anything else that threw',
    example: 'passed',
  })
  @IsIn(RESULT_STATUSES)
  status: ResultStatus;

  @ApiProperty({
    required: false,
    type: 'integer',
    minimum: 1,
    maximum: LIMITS.attempt,
    description:
      'Which attempt of the test in this run; left out: its place among the rows of this test in the request',
    example: 1,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.attempt)
  attempt?: number;

  @ApiProperty({
    required: false,
    format: 'date-time',
    description: 'When it started, ISO 8601 with a zone, from 2000-01-01 to 24 hours ahead; left out: start of the run',
    example: '2026-03-01T09:30:00.000Z',
  })
  @IsOptional()
  @IsResultTime()
  startedAt?: string;

  @ApiProperty({
    required: false,
    minimum: 0,
    maximum: LIMITS.durationMs,
    description: 'Milliseconds; fractions are kept to 1 µs',
    example: 125.4,
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(LIMITS.durationMs)
  durationMs?: number;

  @ApiProperty({ required: false, type: ErrorDto, description: 'Why it did not pass' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ErrorDto)
  error?: ErrorDto;

  @ApiProperty({ required: false, type: [StepDto], maxItems: LIMITS.steps, description: 'Steps, in order' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(LIMITS.steps)
  @ValidateNested({ each: true })
  @Type(() => StepDto)
  steps?: StepDto[];

  @ApiProperty({ required: false, maxLength: LIMITS.label, description: 'Thread or machine that ran it', example: '3' })
  @IsOptional()
  @IsRowText(LIMITS.label)
  worker?: string;
}
