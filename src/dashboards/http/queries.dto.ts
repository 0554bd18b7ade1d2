import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { IsText, IsTimeZone, PageQueryDto } from '../../common/index.js';
import { FromQuery, MetricFilterQueryDto } from '../../metrics/index.js';
import type { Look } from '../dashboard-answers.service.js';
import { MAX_WIDGETS, VISIBILITIES, type Visibility } from '../domain/dashboard.js';
import { WIDGET_ID } from './save-dashboard.dto.js';

const WORDS: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

/** A query string knows only text. */
const IsFlag = (): PropertyDecorator => (target, property) => {
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (WORDS[value] ?? value) : value))(
    target,
    property,
  );
  IsBoolean()(target, property);
};

export class LookQueryDto {
  @ApiPropertyOptional({
    description: 'IANA zone for all widgets, whatever the dashboard says',
    example: 'Europe/Berlin',
  })
  @IsOptional()
  @IsTimeZone()
  timeZone?: string;
}

export class BoardQueryDto extends LookQueryDto {
  @ApiPropertyOptional({ description: 'Computes every widget anew', default: false })
  @IsOptional()
  @IsFlag()
  forceRefresh?: boolean;

  @ApiPropertyOptional({
    description: 'Only these widgets; ids, repeated or comma-separated',
    type: [String],
    maxItems: MAX_WIDGETS,
  })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(MAX_WIDGETS)
  @Matches(WIDGET_ID, { each: true, message: 'each value in $property must be the id of a widget' })
  widgets?: string[];
}

/** A query as the service takes it. */
export const lookOf = ({ timeZone, widgets, forceRefresh }: Partial<BoardQueryDto>, ifNoneMatch?: string): Look => ({
  ...(timeZone && { timeZone }),
  ...(widgets && { widgets }),
  ...(forceRefresh && { forceRefresh }),
  ...(ifNoneMatch !== undefined && { ifNoneMatch }),
});

export class DashboardsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    description: 'Part of the name or description, whatever the case',
    maxLength: 200,
    example: 'QA',
  })
  @IsOptional()
  @IsText(200)
  search?: string;

  @ApiPropertyOptional({ description: 'Only of these visibilities', enum: VISIBILITIES, isArray: true })
  @FromQuery()
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(VISIBILITIES.length)
  @IsIn(VISIBILITIES, { each: true })
  visibility?: Visibility[];

  @ApiPropertyOptional({ description: 'Only those of this owner; `me` are your own' })
  @IsOptional()
  @IsText(200)
  owner?: string;

  @ApiPropertyOptional({ description: 'Only your favourites', default: false })
  @IsOptional()
  @IsFlag()
  favourite?: boolean;
}

export class VersionsQueryDto extends PageQueryDto {}

export class DrilldownLinkQueryDto extends MetricFilterQueryDto {
  @ApiPropertyOptional({
    description: 'The way down, as GET /reports/{reportId}/drilldown takes it',
    maxLength: 4000,
    example: 'suite:checkout',
  })
  @IsOptional()
  @IsText(4000)
  path?: string;

  @ApiPropertyOptional({
    description: 'final: last attempts; all: every attempt',
    enum: ['final', 'all'],
    default: 'final',
  })
  @IsOptional()
  @IsIn(['final', 'all'])
  attempts?: 'final' | 'all';

  @ApiPropertyOptional({ description: 'false: the address in the body (200) and no redirect', default: true })
  @IsOptional()
  @IsFlag()
  redirect?: boolean;
}
