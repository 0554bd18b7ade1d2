import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { IsText, PageQueryDto } from '../../common/index.js';
import { RESULT_STATUSES, type ResultStatus } from '../../executions/index.js';
import { FromQuery } from '../../metrics/index.js';
import { LEVELS, type Level } from '../domain/drill-path.js';
import { REPORT_TYPES, type ReportType } from '../domain/report.js';

export class ReportsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only these types', enum: [...REPORT_TYPES], isArray: true })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @IsIn(REPORT_TYPES, { each: true })
  type?: ReportType[];
}

const LONGEST_PATH = 4000;

const inOneList = (value: unknown): unknown => (typeof value === 'string' ? [value] : value);

export class DrilldownQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'What the rows are; the natural next one below the path where nothing is said. See `availableLevels`.',
    enum: [...LEVELS],
  })
  @IsOptional()
  @IsIn(LEVELS)
  level?: Level;

  @ApiPropertyOptional({
    description:
      'The way down: segments `kind:value`, each value percent-encoded, joined by `/` or given as repeated parameters, for instance `project:web/suite:checkout%2Fcart/day:2026-01-31`. Kinds: organization, team, project, suite, test (id), result (id), any dimension of reports, day (local date), hour (UTC time at which it begins), cluster (fingerprint). `(none)` is no value. It narrows the cell named by `row`.',
    type: [String],
    maxItems: 12,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => inOneList(value))
  @IsArray()
  @ArrayMaxSize(12)
  @IsText(LONGEST_PATH, { each: true })
  path?: string[];

  @ApiPropertyOptional({
    description: 'A cell of the report: the position in its `rows`, from 0',
    minimum: 0,
    maximum: 20_000,
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(20_000)
  row?: number;

  @ApiPropertyOptional({
    description: 'The report itself, or the period that it compares with',
    enum: ['current', 'previous'],
    default: 'current',
  })
  @IsOptional()
  @IsIn(['current', 'previous'])
  period?: 'current' | 'previous';

  @ApiPropertyOptional({ description: 'Only outcomes of these statuses', enum: [...RESULT_STATUSES], isArray: true })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(RESULT_STATUSES.length)
  @IsIn(RESULT_STATUSES, { each: true })
  statuses?: ResultStatus[];
}
