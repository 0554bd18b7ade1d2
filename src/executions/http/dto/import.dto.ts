import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DomainError, IsSlug, ProblemDto, type Plain } from '../../../common/index.js';
import { FORMAT_IDS, type FormatId } from '../../formats/format-reader.js';
import type { ImportedFile, ImportOutcome } from '../../import.service.js';
import { RUN_STATUSES, type RunStatus } from '../../domain/model.js';
import { BatchAnswerDto, linksOf, RunLinksDto, toBatchAnswer } from './intake.dto.js';
import { RunMetadataDto } from './run.dto.js';

export class ImportQueryDto {
  @ApiPropertyOptional({ description: 'Key of the project; may be a field instead', example: 'demo' })
  @IsOptional()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({
    description: 'What the files are',
    enum: ['auto', ...FORMAT_IDS],
    default: 'auto',
    example: 'auto',
  })
  @IsOptional()
  @IsIn(['auto', ...FORMAT_IDS])
  format?: FormatId | 'auto';

  @ApiPropertyOptional({
    description: 'Unit of the Duration of a CSV history; auto: seconds when any has a fraction, else ms',
    enum: ['auto', 'ms', 's'],
    default: 'auto',
    example: 'auto',
  })
  @IsOptional()
  @IsIn(['auto', 'ms', 's'])
  durationUnit?: 'auto' | 'ms' | 's';
}

/** Describes the form: files, and the fields of POST /runs as text (`build.id`, or `build` as JSON). */
export class ImportFormDto extends PartialType(RunMetadataDto) {
  @ApiProperty({
    description: 'Reports, also packed with gzip',
    type: 'array',
    items: { type: 'string', format: 'binary' },
  })
  file: unknown[];
}

export class ImportedFileDto {
  @ApiProperty({ description: 'Name of the file', example: 'TEST-shop.xml' })
  file: string;

  @ApiPropertyOptional({ description: 'What it is', enum: FORMAT_IDS, example: 'junit' })
  format?: FormatId;

  @ApiProperty({ description: 'Results in it', example: 12 })
  results: number;

  @ApiProperty({ description: 'Runs that it went into', type: [String], example: ['6650c0ffee6650c0ffee0001'] })
  runIds: readonly string[];

  @ApiProperty({ description: 'What was cut or not understood', type: [String], example: [] })
  warnings: readonly string[];

  @ApiPropertyOptional({ description: 'Why it was not stored', type: ProblemDto })
  problem?: Pick<ProblemDto, 'status' | 'code' | 'detail' | 'errors'>;
}

export class ImportedRunDto {
  @ApiProperty({ description: 'Id of the run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'Its id at the client', example: 'ci-4711-unit' })
  externalId: string;

  @ApiProperty({ description: 'Where it stands', enum: RUN_STATUSES, example: 'finished' })
  status: RunStatus;

  @ApiProperty({ description: 'Results that are new', example: 12 })
  accepted: number;

  @ApiProperty({ description: 'Results that were stored already', example: 0 })
  duplicates: number;

  @ApiProperty({ description: 'Where to go on', type: RunLinksDto })
  links: RunLinksDto;
}

export class ImportAnswerDto extends BatchAnswerDto {
  @ApiProperty({ description: 'Id of the (first) run', example: '6650c0ffee6650c0ffee0001' })
  runId: string;

  @ApiProperty({ description: 'All runs: one, but for a CSV history, which has one per cycle', type: [ImportedRunDto] })
  runs: readonly ImportedRunDto[];

  @ApiProperty({ description: 'What became of each file', type: [ImportedFileDto] })
  files: readonly ImportedFileDto[];
}

const STATUS: Readonly<Record<string, number>> = { too_large: 413, conflict: 409, malformed: 400 };

const toFileDto = ({ problem, ...file }: ImportedFile): Plain<ImportedFileDto> => ({
  ...file,
  ...(problem ? { problem: problemOf(problem) } : {}),
});

const problemOf = ({
  kind,
  code,
  message,
  errors,
  extensions,
}: DomainError): Plain<ImportedFileDto['problem']> & object => ({
  ...extensions,
  status: STATUS[kind] ?? 422,
  code,
  detail: message,
  errors: [...errors],
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const toImportAnswer = ({ runs, rejected, files }: ImportOutcome): Plain<ImportAnswerDto> => ({
  runId: runs[0]!.run.runId,
  ...toBatchAnswer({
    accepted: sum(runs.map(({ accepted }) => accepted)),
    duplicates: sum(runs.map(({ duplicates }) => duplicates)),
    rejected,
  }),
  runs: runs.map(({ run, accepted, duplicates }) => ({
    runId: run.runId,
    externalId: run.externalId,
    status: run.status,
    accepted,
    duplicates,
    links: linksOf(run.runId, run.build?.id),
  })),
  files: files.map(toFileDto),
});
