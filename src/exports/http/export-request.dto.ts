import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsMongoId,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { SEVERITIES, type Severity, VIEW_STATES } from '../../alerts/index.js';
import { IsText, IsTimeZone } from '../../common/index.js';
import { CALENDAR_INTERVALS, type CalendarInterval, MetricFilterDto, toFilter, toRange } from '../../metrics/index.js';
import { DELIVERY_STATES } from '../../notifications/index.js';
import { REPORT_TYPES, type ReportType } from '../../reports/index.js';
import { isLocale } from '../domain/date-format.js';
import { PRIORITIES, type Priority, SOURCE_KINDS, type SourceKind } from '../domain/export-job.js';
import { EXPORT_FORMATS, type ExportFormat, FORMAT_ALIASES } from '../domain/formats.js';
import { LIMITS } from '../exports.options.js';
import type { ExportRequest } from '../exports.service.js';

const METRIC_ID = /^[\p{L}\p{N}_.\-/ ]{1,104}$/u;
const TEST_SORTS = ['flakiness', 'failureRate', 'duration', 'stability', 'runs', 'failures', 'lastFailure', 'name'];

const IsLocale = (): PropertyDecorator =>
  ValidateBy({
    name: 'isLocale',
    validator: { validate: isLocale, defaultMessage: () => 'must be a language tag (BCP 47) such as de-DE' },
  });

/** What is exported. Which members belong to which kind is checked by the source itself. */
export class ExportSourceDto {
  @ApiProperty({
    description:
      'results: attempts; runs; tests: the quality ranking; report: the cells of a report; trend: the points of series; dashboard: the data of its widgets; alerts; deliveries: the log of notifications',
    enum: [...SOURCE_KINDS],
    example: 'results',
  })
  @IsIn(SOURCE_KINDS)
  kind: SourceKind;

  @ApiPropertyOptional({
    description: 'results, report: every attempt, or only outcomes (the last attempt of each test in a run)',
    enum: ['all', 'final'],
    example: 'all',
  })
  @IsOptional()
  @IsIn(['all', 'final'])
  attempts?: 'all' | 'final';

  @ApiPropertyOptional({
    description: 'runs: exactly these; one for junit and ctrf',
    type: [String],
    maxItems: 1000,
    example: ['6650c0ffee6650c0ffee0001'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @ArrayUnique()
  @IsMongoId({ each: true })
  runIds?: string[];

  @ApiPropertyOptional({ description: 'report: a stored one', example: '6650c0ffee6650c0ffee0001' })
  @IsOptional()
  @IsMongoId()
  reportId?: string;

  @ApiPropertyOptional({
    description: 'report: a stored request, generated now; what `filter` says replaces what it says',
    example: '6650c0ffee6650c0ffee0001',
  })
  @IsOptional()
  @IsMongoId()
  templateId?: string;

  @ApiPropertyOptional({
    description: 'report: its type, generated now with `filter`',
    enum: [...REPORT_TYPES],
    example: 'detailed',
  })
  @IsOptional()
  @IsIn(REPORT_TYPES)
  type?: ReportType;

  @ApiPropertyOptional({
    description: 'trend: ids of metrics of /metrics-catalogue, at most 10',
    type: [String],
    default: ['pass_rate'],
    maxItems: 10,
    example: ['pass_rate', 'duration_p95'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @Matches(METRIC_ID, { each: true, message: 'each value in $property must be the id of a metric' })
  metrics?: string[];

  @ApiPropertyOptional({
    description: 'trend: step of the series',
    enum: [...CALENDAR_INTERVALS],
    default: 'day',
    example: 'day',
  })
  @IsOptional()
  @IsIn(CALENDAR_INTERVALS)
  period?: CalendarInterval;

  @ApiPropertyOptional({ description: 'trend: periods to forecast', minimum: 1, maximum: 365, example: 14 })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(365)
  forecast?: number;

  @ApiPropertyOptional({
    description: 'tests: what comes first',
    enum: TEST_SORTS,
    default: 'flakiness',
    example: 'flakiness',
  })
  @IsOptional()
  @IsIn(TEST_SORTS)
  sort?: string;

  @ApiPropertyOptional({
    description: 'dashboard: which; it has its own filter and range',
    example: '6650c0ffee6650c0ffee0004',
  })
  @IsOptional()
  @IsMongoId()
  dashboardId?: string;

  @ApiPropertyOptional({
    description: `alerts, deliveries: only those that are in these states now. alerts: ${VIEW_STATES.join(', ')}; deliveries: ${DELIVERY_STATES.join(', ')}`,
    enum: [...new Set([...VIEW_STATES, ...DELIVERY_STATES])],
    isArray: true,
    example: ['firing', 'resolved'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsIn([...VIEW_STATES, ...DELIVERY_STATES], { each: true })
  states?: string[];

  @ApiPropertyOptional({ description: 'alerts: only these', enum: [...SEVERITIES], isArray: true, example: ['high'] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(SEVERITIES.length)
  @ArrayUnique()
  @IsIn(SEVERITIES, { each: true })
  severities?: Severity[];

  @ApiPropertyOptional({
    description: 'alerts: a row for each thing that happened to them, not one for each alert',
    default: false,
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  history?: boolean;
}

export class CreateExportDto {
  @ApiPropertyOptional({
    description: 'What the file is called, without its ending',
    maxLength: 200,
    example: 'Failures of last week',
  })
  @IsOptional()
  @IsText(200)
  name?: string;

  @ApiProperty({ description: 'What is exported', type: ExportSourceDto })
  @IsObject()
  @ValidateNested()
  @Type(() => ExportSourceDto)
  source: ExportSourceDto;

  @ApiProperty({
    description:
      'csv (RFC 4180), json, ndjson, xlsx (also `excel`): tables of any length; pdf: figures, charts and the first 1,000 rows; junit, ctrf: one run, with all its attempts. GET /exports/sources says which source has which.',
    enum: [...EXPORT_FORMATS, ...Object.keys(FORMAT_ALIASES)],
    example: 'csv',
  })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (FORMAT_ALIASES[value] ?? value) : value))
  @IsIn(EXPORT_FORMATS, { message: `format must be one of: ${EXPORT_FORMATS.join(', ')}, excel` })
  format: ExportFormat;

  @ApiPropertyOptional({
    description: 'Keys of columns, in their order; see GET /exports/sources',
    type: [String],
    maxItems: 50,
    example: ['startedAt', 'name', 'status', 'durationMs'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsText(50, { each: true })
  columns?: string[];

  @ApiPropertyOptional({ description: 'What counts, and when: the one filter', type: MetricFilterDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;

  @ApiPropertyOptional({
    description: 'IANA zone in which dates are written; that of the range by default',
    example: 'Europe/Berlin',
  })
  @IsOptional()
  @IsTimeZone()
  timeZone?: string;

  @ApiPropertyOptional({
    description: 'Language tag by which dates are written; without it they are ISO 8601 with an offset',
    example: 'de-DE',
  })
  @IsOptional()
  @IsLocale()
  locale?: string;

  @ApiPropertyOptional({
    description: 'Rows at most, the newest ones first',
    minimum: 1,
    maximum: LIMITS.maxRecords,
    default: LIMITS.maxRecords,
    example: 100_000,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.maxRecords)
  maxRecords?: number;

  @ApiPropertyOptional({
    description: 'Whose turn it is first among the exports that wait',
    enum: [...PRIORITIES],
    default: 'normal',
    example: 'normal',
  })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: Priority;
}

/** null and undefined both mean "not said". */
const given = (members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));

/** @throws DomainError 422 `invalid_time_range` */
export const toExportRequest = (dto: CreateExportDto, now: Date): ExportRequest => {
  const { kind, ...options } = dto.source;
  const range = toRange(dto.filter?.timeRange, now, '/filter/timeRange');
  const { name, locale, maxRecords, priority, columns } = dto;
  return {
    ...(given({ name, locale, maxRecords, priority, columns }) as Partial<ExportRequest>),
    source: kind,
    options: given({ ...options }),
    format: dto.format,
    filter: toFilter(dto.filter),
    range,
    timeZone: dto.timeZone ?? range.timeZone,
  };
};
