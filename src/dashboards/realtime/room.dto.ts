import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { IsTimeZone } from '../../common/index.js';
import { BoardDto, DASHBOARD_ID } from '../http/dashboard.dto.js';
import { WidgetErrorDto, WidgetRangeDto } from '../http/widget-answer.dto.js';
import { ANSWER_MODELS } from '../http/widget-schemas.js';
import { Numeric, Text, TextOrNull } from '../widgets/fields.js';

export class DashboardRoomOptionsDto {
  @ApiPropertyOptional({
    description: 'IANA zone for all widgets, whatever the dashboard says',
    example: 'Europe/Berlin',
  })
  @IsOptional()
  @IsTimeZone()
  timeZone?: string;
}

/** A dashboard as everybody in its room sees it: without what is each one's own. */
@ApiExtraModels(...ANSWER_MODELS)
export class DashboardRoomDto extends BoardDto {
  @Text('Id of the dashboard', DASHBOARD_ID)
  dashboardId: string;

  @Numeric('Its version', 3)
  version: number;

  @Text('Its name', 'Release quality')
  name: string;

  @TextOrNull('What it is for', 'For the Monday meeting')
  description: string | null;
}

/** Takes the place of `data` or `error`, `range` and `asOf` of a widget. */
export class WidgetDataDto {
  @Text('Which widget', 'summary')
  widgetId: string;

  @ApiPropertyOptional({
    description: 'Its figures, as its type describes them; absent where there is an `error`',
    type: 'object',
    additionalProperties: true,
    example: { html: '<p>Hello</p>' },
  })
  data?: object;

  @ApiPropertyOptional({ description: 'Why it has no figures', type: WidgetErrorDto })
  error?: WidgetErrorDto;

  @ApiProperty({ description: 'What it looks at', type: WidgetRangeDto, nullable: true })
  range: WidgetRangeDto | null;

  @ApiProperty({
    description: 'Position in the commit log that the figures stand for',
    type: Number,
    nullable: true,
    example: 4711,
  })
  asOf: number | null;
}

class WidgetAsOfDto {
  @Text('Which widget', 'summary')
  widgetId: string;

  @Numeric('Position in the commit log', 4712)
  asOf: number;
}

/** What has come in does not concern these widgets: what they show stands for the newer position as well. */
export class WidgetsAsOfDto {
  @ApiProperty({ description: 'Those widgets', type: [WidgetAsOfDto] })
  widgets: readonly WidgetAsOfDto[];
}

export class DashboardChangedDto {
  @Numeric('The new version', 4)
  version: number;
}

export class DashboardDeletedDto {
  @Text('Id of the dashboard', DASHBOARD_ID)
  dashboardId: string;
}
