import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiProperty, ApiPropertyOptional, PartialType, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsSlug, IsText } from '../../common/index.js';
import { MetricFilterDto } from '../../metrics/index.js';
import { MAX_WIDGETS, VISIBILITIES, type Visibility } from '../domain/dashboard.js';
import { COLUMNS, MAX_HEIGHT, MAX_ROW } from '../domain/layout.js';
import { WIDGET_TYPE_NAMES } from '../widgets/widget-types.js';
import { INPUT_MODELS, widgetInputs } from './widget-schemas.js';

/** May be left out, but is no null. */
export const MayBeLeftOut = (): PropertyDecorator => ValidateIf((_, value: unknown) => value !== undefined);

export const WIDGET_ID = /^[A-Za-z0-9_-]{1,64}$/;
const IsWidgetId = (): PropertyDecorator =>
  Matches(WIDGET_ID, { message: '$property must be 1 to 64 letters, digits, "_" or "-"' });

/** What a widget is checked by; the OpenAPI document shows one schema per type in its place. */
export class SaveWidgetDto {
  @MayBeLeftOut()
  @IsWidgetId()
  id?: string;

  @IsIn(WIDGET_TYPE_NAMES, { message: `type must be one of ${WIDGET_TYPE_NAMES.join(', ')}` })
  type: string;

  @IsOptional()
  @IsText(200)
  title?: string;

  @MayBeLeftOut()
  @IsObject()
  options?: object;

  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;
}

const Cells = (description: string, min: number, max: number, example: number): PropertyDecorator =>
  applyDecorators(ApiProperty({ description, minimum: min, maximum: max, example }), IsInt(), Min(min), Max(max));

export class GridItemDto {
  @ApiProperty({ description: 'Id of a widget of this dashboard', example: 'summary' })
  @IsWidgetId()
  widgetId: string;

  @Cells('First column, from 0', 0, COLUMNS.lg - 1, 0)
  x: number;

  @Cells('First row, from 0', 0, MAX_ROW, 0)
  y: number;

  @Cells('Columns', 1, COLUMNS.lg, 6)
  w: number;

  @Cells('Rows', 1, MAX_HEIGHT, 3)
  h: number;
}

const GridOf = (columns: number, width: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ description: `${columns} columns: ${width}`, type: [GridItemDto], maxItems: MAX_WIDGETS }),
    MayBeLeftOut(),
    IsArray(),
    ArrayMaxSize(MAX_WIDGETS),
    ValidateNested({ each: true }),
    Type(() => GridItemDto),
  );

export class LayoutDto {
  @GridOf(COLUMNS.lg, 'wide screens')
  lg?: GridItemDto[];

  @GridOf(COLUMNS.md, 'laptops')
  md?: GridItemDto[];

  @GridOf(COLUMNS.sm, 'tablets')
  sm?: GridItemDto[];

  @GridOf(COLUMNS.xs, 'phones')
  xs?: GridItemDto[];
}

const Subjects = (description: string): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({ description, type: [String], maxItems: 200, example: ['ann'] }),
    MayBeLeftOut(),
    IsArray(),
    ArrayMaxSize(200),
    ArrayUnique(),
    IsText(200, { each: true }),
  );

@ApiExtraModels(...INPUT_MODELS)
export class CreateDashboardDto {
  @ApiProperty({ description: 'Its name', maxLength: 200, example: 'Release quality' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', type: String, nullable: true, maxLength: 2000 })
  @IsOptional()
  @IsText(2000)
  description?: string | null;

  @ApiPropertyOptional({
    description:
      'private: the owner; users: those named in `users`, too; project: whoever may see `project`; organization: everybody. Besides, a dashboard that names a project is seen only by those who may see that project.',
    enum: VISIBILITIES,
    default: 'private',
  })
  @MayBeLeftOut()
  @IsIn(VISIBILITIES)
  visibility?: Visibility;

  @Subjects('Subjects (`sub` of their tokens) that may look at it; with visibility users')
  users?: string[];

  @Subjects('Subjects that may look at it and change it, whatever the visibility')
  editors?: string[];

  @ApiPropertyOptional({ description: 'Key of a project; needed with visibility project', example: 'demo' })
  @MayBeLeftOut()
  @IsSlug()
  project?: string;

  @ApiPropertyOptional({
    description:
      'What all widgets look at. The lists of a widget narrow it; a time range or zone of a widget takes the place of this one.',
    type: MetricFilterDto,
  })
  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => MetricFilterDto)
  filter?: MetricFilterDto;

  @ApiPropertyOptional({
    description: 'How often a client without a socket may ask again',
    minimum: 5,
    maximum: 86_400,
    default: 60,
  })
  @MayBeLeftOut()
  @IsInt()
  @Min(5)
  @Max(86_400)
  refreshIntervalSeconds?: number;

  @ApiProperty({
    description: 'Widgets; each type has its own options: see /dashboards/widget-types',
    type: 'array',
    maxItems: MAX_WIDGETS,
    items: widgetInputs(),
  })
  @IsArray()
  @ArrayMaxSize(MAX_WIDGETS)
  @ValidateNested({ each: true })
  @Type(() => SaveWidgetDto)
  widgets: SaveWidgetDto[];

  @ApiPropertyOptional({
    description:
      'Where widgets lie. A breakpoint that is left out is derived from the next wider one that is given, else from the next narrower one; collisions push the later item down, and items fall up where there is room.',
    type: LayoutDto,
  })
  @MayBeLeftOut()
  @IsObject()
  @ValidateNested()
  @Type(() => LayoutDto)
  layout?: LayoutDto;
}

const CONTENT = ['name', 'description', 'filter', 'refreshIntervalSeconds', 'widgets', 'layout'] as const;

/** Fields that are left out stay as they are; `description: null` takes it away. */
@ApiExtraModels(...INPUT_MODELS)
export class UpdateDashboardDto extends PartialType(CreateDashboardDto, { skipNullProperties: false }) {}

export class SaveContentDto extends PartialType(PickType(CreateDashboardDto, CONTENT), { skipNullProperties: false }) {}
