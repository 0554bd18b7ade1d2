import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { type Permission, PERMISSIONS } from '../../auth/index.js';
import {
  EXPORT_STATUSES,
  type ExportStatus,
  PRIORITIES,
  type Priority,
  SOURCE_KINDS,
  type SourceKind,
} from '../domain/export-job.js';
import { EXPORT_FORMATS, type ExportFormat } from '../domain/formats.js';

const BASE = '/api/v1/execution-reporting/exports/6650c0ffee6650c0ffee0001';
const TIME = { type: String, format: 'date-time', example: '2026-02-01T08:00:00.000Z' } as const;

class ProgressDto {
  @ApiProperty({ description: 'Rows written', example: 420_000 })
  done: number;

  @ApiProperty({
    description: 'Rows to write; null until they were counted',
    type: Number,
    nullable: true,
    example: 1_000_000,
  })
  total: number | null;

  @ApiProperty({
    description: '0 to 100; 100 only when the file is there; null until the rows were counted',
    type: Number,
    nullable: true,
    example: 42,
  })
  percent: number | null;
}

class ExportErrorDto {
  @ApiProperty({ description: 'Stable code', example: 'worker_lost' })
  code: string;

  @ApiProperty({
    description: 'What happened',
    example: 'Each process that worked on it was killed before it was done',
  })
  detail: string;
}

class ExportFileDto {
  @ApiProperty({ description: 'Its name', example: 'results.csv' })
  name: string;

  @ApiProperty({ description: 'Bytes', example: 220_411_302 })
  length: number;

  @ApiProperty({ description: 'Rows, the heading not counted', example: 1_000_000 })
  rows: number;

  @ApiProperty({
    description: 'SHA-256 of the bytes, hex',
    example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  })
  sha256: string;

  @ApiProperty({ description: 'More rows than `maxRecords` were there', example: false })
  truncated: boolean;
}

class ExportLinksDto {
  @ApiProperty({ description: 'Where it stands', example: `${BASE}/status` })
  status: string;

  @ApiPropertyOptional({ description: 'The file, for who has a token', example: `${BASE}/download` })
  download?: string;
}

export class ExportDto {
  @ApiProperty({ description: 'Id of the export', example: '6650c0ffee6650c0ffee0001' })
  jobId: string;

  @ApiProperty({ description: 'What the file is called', example: 'Failures of last week' })
  name: string;

  @ApiProperty({
    description:
      'Where it stands. pending: waits for its turn; in_progress: is written; completed: the file is there; failed: `error` says why; cancelled: by somebody; expired: the file is gone, a retry makes it anew',
    enum: [...EXPORT_STATUSES],
    example: 'in_progress',
  })
  status: ExportStatus;

  @ApiProperty({ description: 'What is exported', enum: [...SOURCE_KINDS], example: 'results' })
  source: SourceKind;

  @ApiProperty({ description: 'As what', enum: [...EXPORT_FORMATS], example: 'csv' })
  format: ExportFormat;

  @ApiProperty({ description: 'Keys of its columns, in order', type: [String], example: ['startedAt', 'name'] })
  columns: readonly string[];

  @ApiProperty({
    description: 'The filter, without its range',
    type: 'object',
    additionalProperties: true,
    example: {},
  })
  filter: object;

  @ApiProperty({
    description: 'The range as it was resolved',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', timeZone: 'UTC' },
  })
  timeRange: { readonly from: string; readonly to: string; readonly timeZone: string };

  @ApiProperty({ description: 'Keys of the projects that it reads', type: [String], example: ['demo'] })
  projects: readonly string[];

  @ApiProperty({ description: 'Whose turn it is first', enum: [...PRIORITIES], example: 'normal' })
  priority: Priority;

  @ApiProperty({ description: 'How far it is', type: ProgressDto })
  progress: ProgressDto;

  @ApiPropertyOptional({ description: 'Position in the commit log that its rows stand for', example: 412 })
  asOf?: number;

  @ApiPropertyOptional({ ...TIME, description: 'When it should be there, going on as it went so far' })
  estimatedCompletion?: string;

  @ApiPropertyOptional({
    description: 'A signed address of the file, good for 15 minutes and without a token; a new one each time',
    example: `${BASE}/download?org=demo&expires=1771000000&key=Zk3v9QwE&signature=abc`,
  })
  downloadUrl?: string;

  @ApiPropertyOptional({ ...TIME, description: 'When `downloadUrl` ends' })
  downloadUrlExpiresAt?: string;

  @ApiPropertyOptional({ description: 'The file', type: ExportFileDto })
  file?: ExportFileDto;

  @ApiPropertyOptional({ ...TIME, description: 'When the file goes; of an export without one, when it is forgotten' })
  expiresAt?: string;

  @ApiPropertyOptional({ description: 'Why it failed', type: ExportErrorDto })
  error?: ExportErrorDto;

  @ApiProperty({ description: 'Times that it was begun', example: 1 })
  attempts: number;

  @ApiProperty({ description: 'Who asked for it', example: 'developer' })
  createdBy: string;

  @ApiProperty({ ...TIME, description: 'When it was asked for' })
  createdAt: string;

  @ApiPropertyOptional({ ...TIME, description: 'When it was begun last' })
  startedAt?: string;

  @ApiPropertyOptional({ ...TIME, description: 'When it was over' })
  finishedAt?: string;

  @ApiProperty({ description: 'Where to go on', type: ExportLinksDto })
  links: ExportLinksDto;
}

export class ExportPageDto {
  @ApiProperty({ description: 'Newest first, without links to the files', type: [ExportDto] })
  items: readonly ExportDto[];

  @ApiProperty({
    description: 'Cursor of the next page; null on the last',
    type: String,
    nullable: true,
    example: null,
  })
  nextCursor: string | null;
}

export class ExportEstimateDto {
  @ApiProperty({ description: 'Rows that it would have', example: 1_000_000 })
  rows: number;

  @ApiProperty({ description: 'Whether it would be exactly so many; else it is an upper bound', example: true })
  exact: boolean;

  @ApiProperty({ description: 'Rows that it may have: the rest is left out', example: 5_000_000 })
  maxRecords: number;

  @ApiProperty({ description: 'Whether all of them fit in', example: true })
  withinLimit: boolean;
}

export class DownloadLinkDto {
  @ApiProperty({
    description: 'A signed address of the file, without a token',
    example: `http://localhost:3000${BASE}/download?org=demo&expires=1771000000&key=Zk3v9QwE&signature=abc`,
  })
  downloadUrl: string;

  @ApiProperty({ ...TIME, description: 'When it ends', example: '2026-02-01T08:15:00.000Z' })
  expiresAt: string;
}

class ColumnDto {
  @ApiProperty({ description: 'What `columns` names it by', example: 'durationMs' })
  key: string;

  @ApiProperty({ description: 'For people', example: 'Duration (ms)' })
  title: string;

  @ApiProperty({ description: 'Of its values', enum: ['text', 'number', 'boolean', 'date', 'list'], example: 'number' })
  type: string;

  @ApiProperty({ description: 'What it holds', example: 'Milliseconds' })
  description: string;

  @ApiProperty({ description: 'Among the columns where none are named', example: true })
  byDefault: boolean;
}

class SourceDto {
  @ApiProperty({ description: 'What `source.kind` names it by', enum: [...SOURCE_KINDS], example: 'results' })
  kind: SourceKind;

  @ApiProperty({ description: 'For people', example: 'Results' })
  title: string;

  @ApiProperty({ description: 'What its rows are', example: 'Attempts that the filter counts, newest first' })
  description: string;

  @ApiProperty({
    description: 'Needed besides exports:write',
    type: String,
    enum: [...PERMISSIONS],
    example: 'results:read',
  })
  permission: Permission;

  @ApiProperty({
    description: 'As what it can be exported',
    enum: [...EXPORT_FORMATS],
    isArray: true,
    example: ['csv'],
  })
  formats: readonly ExportFormat[];

  @ApiProperty({ description: 'All of its columns', type: [ColumnDto] })
  columns: readonly ColumnDto[];
}

export class ExportSourcesDto {
  @ApiProperty({ description: 'What can be exported', type: [SourceDto] })
  items: readonly SourceDto[];
}
