import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
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
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { invalid, IsText } from '../../common/index.js';
import {
  CALENDAR_INTERVALS,
  DIMENSIONS,
  MetricFilterDto,
  toFilter,
  toRange,
  type AttemptMode,
  type Dimension,
  type Interval,
} from '../../metrics/index.js';
import { REPORT_TYPES, type ReportType } from '../domain/report.js';
import type { TemplateRequest } from '../domain/template.js';
import type { GenerateInput } from '../reports.service.js';

const MAX_DAYS = 3653;

const isInterval = (value: unknown): value is Interval => {
  if (typeof value !== 'object' || value === null) return CALENDAR_INTERVALS.some((name) => name === value);
  const { days, ...rest } = value as { days?: unknown };
  return (
    Number.isInteger(days) && (days as number) >= 1 && (days as number) <= MAX_DAYS && Object.keys(rest).length === 0
  );
};

const IsInterval = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInterval',
    validator: {
      validate: isInterval,
      defaultMessage: () => `must be one of ${CALENDAR_INTERVALS.join(', ')}, or { days: 1 to ${MAX_DAYS} }`,
    },
  });

/** What a report shows; everything but its type may be left out. */
export class ReportShapeDto {
  @ApiPropertyOptional({ description: 'What counts, and when', type: MetricFilterDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;

  @ApiPropertyOptional({
    description:
      'Buckets of local time in the zone of `filter.timeRange`: days have 23 or 25 hours where the clocks change, weeks begin on Monday, `{ days: n }` counts from the start of the range.',
    oneOf: [
      { type: 'string', enum: [...CALENDAR_INTERVALS] },
      {
        type: 'object',
        required: ['days'],
        additionalProperties: false,
        properties: { days: { type: 'integer', minimum: 1, maximum: MAX_DAYS } },
      },
    ],
    example: 'day',
  })
  @IsOptional()
  @IsInterval()
  interval?: Interval;

  @ApiPropertyOptional({
    description: 'Up to two dimensions. `tag` counts an outcome under each of its tags; the totals count it once.',
    enum: [...DIMENSIONS],
    isArray: true,
    maxItems: 2,
    example: ['suite'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(2)
  @ArrayUnique()
  @IsIn(DIMENSIONS, { each: true })
  groupBy?: Dimension[];

  @ApiPropertyOptional({
    description: 'final: one outcome per test and run, its last attempt; all: every attempt, each at its own time',
    enum: ['final', 'all'],
    default: 'final',
  })
  @IsOptional()
  @IsIn(['final', 'all'])
  attempts?: AttemptMode;

  @ApiPropertyOptional({
    description: 'Adds the period of the same length just before, and what changed since',
    default: false,
    example: true,
  })
  @IsOptional()
  @IsBoolean()
  comparePrevious?: boolean;

  @ApiPropertyOptional({
    description:
      'Length of the lists of slowest tests, failing tests and failure clusters. detailed, failure_analysis and performance_analysis have them anyway (10); the other types only when this is given.',
    minimum: 1,
    maximum: 100,
    example: 5,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100)
  top?: number;
}

const TYPE_DESCRIPTION =
  'summary: totals; detailed: by project and suite, with lists; trend_analysis: by day; quality_metrics: by project; failure_analysis: by suite, with failing tests and clusters; performance_analysis: by suite, with slow tests and efficiency. `interval` and `groupBy` say otherwise.';

export class TemplateRequestDto extends ReportShapeDto {
  @ApiProperty({ description: TYPE_DESCRIPTION, enum: [...REPORT_TYPES], example: 'summary' })
  @IsIn(REPORT_TYPES)
  type: ReportType;
}

export class GenerateReportDto extends ReportShapeDto {
  @ApiPropertyOptional({
    description: `Needed without \`templateId\`. ${TYPE_DESCRIPTION}`,
    enum: [...REPORT_TYPES],
    example: 'summary',
  })
  @ValidateIf(({ templateId, type }: GenerateReportDto) => templateId === undefined || type !== undefined)
  @IsIn(REPORT_TYPES)
  type?: ReportType;

  @ApiPropertyOptional({ description: 'A name to find it again', maxLength: 200, example: 'Nightly summary' })
  @IsOptional()
  @IsText(200)
  name?: string;

  @ApiPropertyOptional({ description: 'A stored request to begin with; what this one says besides replaces it.' })
  @IsOptional()
  @IsMongoId()
  templateId?: string;

  @ApiPropertyOptional({
    description:
      'Over more than 80,000 attempts, flakinessIndex and qualityScore of the totals are computed after the answer. true: wait for them.',
    default: false,
    example: false,
  })
  @IsOptional()
  @IsBoolean()
  waitForScores?: boolean;
}

/** The request as a template keeps it: its range is not resolved. */
export const toTemplateRequest = (type: ReportType, dto: ReportShapeDto): TemplateRequest => {
  const { filter, interval, groupBy, attempts, comparePrevious, top } = dto;
  const range = filter?.timeRange && Object.assign({}, filter.timeRange);
  return {
    type,
    filter: toFilter(filter),
    ...(range ? { timeRange: range } : {}),
    ...given({ interval, groupBy, attempts, comparePrevious, top }),
  };
};

/** A request, over the template that it names. @throws DomainError 422 `invalid_time_range`, `validation_failed` */
export const toGenerateInput = (
  dto: GenerateReportDto,
  template: TemplateRequest | undefined,
  templateName: string | undefined,
  now: Date,
): GenerateInput => {
  const type = dto.type ?? template?.type;
  if (type === undefined)
    throw invalid('validation_failed', 'Some fields are not valid', [{ pointer: '/type', detail: 'is missing' }]);
  const own = toTemplateRequest(type, dto);
  const merged: TemplateRequest = {
    ...template,
    ...own,
    filter: { ...template?.filter, ...own.filter },
    ...given({ timeRange: own.timeRange ?? template?.timeRange }),
  };
  const { timeRange, ...definition } = merged;
  const name = dto.name ?? templateName;
  return {
    ...definition,
    ...(name === undefined ? {} : { name }),
    ...given({ waitForScores: dto.waitForScores }),
    range: toRange(timeRange, now, '/filter/timeRange'),
  };
};

/** The members that have a value: null and undefined both mean "not said". */
const given = <T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null)) as {
    [K in keyof T]?: Exclude<T[K], null | undefined>;
  };
