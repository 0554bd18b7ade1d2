import { ApiExtraModels, ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { MetricFilterDto } from '../../metrics/index.js';
import { VISIBILITIES, type Visibility } from '../domain/dashboard.js';
import { Instant, Numeric, Text, TextOrNull } from '../widgets/fields.js';
import { GridItemDto } from './save-dashboard.dto.js';
import { ANSWER_MODELS, widgetAnswers } from './widget-schemas.js';
import type { WidgetAnswerBase } from './widget-answer.dto.js';

export const DASHBOARD_ID = '6650c0ffee6650c0ffee0004';

export class FullLayoutDto {
  @ApiProperty({ description: '12 columns', type: [GridItemDto] })
  lg: readonly GridItemDto[];

  @ApiProperty({ description: '10 columns', type: [GridItemDto] })
  md: readonly GridItemDto[];

  @ApiProperty({ description: '6 columns', type: [GridItemDto] })
  sm: readonly GridItemDto[];

  @ApiProperty({ description: '2 columns', type: [GridItemDto] })
  xs: readonly GridItemDto[];
}

/** What lists show of a dashboard. */
export class DashboardSummaryDto {
  @Text('Id of the dashboard', DASHBOARD_ID)
  dashboardId: string;

  @Numeric('From 1; goes up with each change', 3)
  version: number;

  @Text('Its name', 'Release quality')
  name: string;

  @TextOrNull('What it is for', 'For the Monday meeting')
  description: string | null;

  @Text('Subject of the owner', 'ann')
  owner: string;

  @ApiProperty({ description: 'Who may see it', enum: VISIBILITIES, example: 'organization' })
  visibility: Visibility;

  @ApiProperty({ description: 'Subjects that may look at it, with visibility users', type: [String], example: [] })
  users: readonly string[];

  @ApiProperty({ description: 'Subjects that may change it', type: [String], example: [] })
  editors: readonly string[];

  @TextOrNull('Key of its project, with visibility project', null)
  project: string | null;

  @Numeric('Widgets', 8)
  widgetCount: number;

  @ApiProperty({ description: "Among the caller's favourites", example: false })
  isFavourite: boolean;

  @ApiProperty({ description: 'The caller may change it', example: true })
  mayEdit: boolean;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was changed')
  updatedAt: Date;

  @Text('Who changed it', 'ann')
  updatedBy: string;

  @Text('The dashboard with its data', `/api/v1/execution-reporting/dashboards/${DASHBOARD_ID}`)
  href: string;
}

@ApiExtraModels(...ANSWER_MODELS)
export class BoardDto {
  @ApiProperty({ description: 'What all widgets look at', type: MetricFilterDto })
  filter: object;

  @Numeric('How often a client without a socket may ask again', 60)
  refreshIntervalSeconds: number;

  @Text('Zone of widgets for which nothing else is said', 'UTC')
  timeZone: string;

  @ApiProperty({
    description: 'Each with `data` or with an `error` of its own; only those of `widgets=` where that was asked for',
    type: 'array',
    items: widgetAnswers(),
  })
  widgets: readonly WidgetAnswerBase[];

  @ApiProperty({ description: 'Every widget once at every breakpoint, without overlap', type: FullLayoutDto })
  layout: FullLayoutDto;
}

@ApiExtraModels(...ANSWER_MODELS)
export class DashboardDto extends DashboardSummaryDto implements BoardDto {
  @ApiProperty({ description: 'What all widgets look at', type: MetricFilterDto })
  filter: object;

  @Numeric('How often a client without a socket may ask again', 60)
  refreshIntervalSeconds: number;

  @Text('Zone of widgets for which nothing else is said', 'UTC')
  timeZone: string;

  @ApiProperty({
    description: 'Each with `data` or with an `error` of its own; only those of `widgets=` where that was asked for',
    type: 'array',
    items: widgetAnswers(),
  })
  widgets: readonly WidgetAnswerBase[];

  @ApiProperty({ description: 'Every widget once at every breakpoint, without overlap', type: FullLayoutDto })
  layout: FullLayoutDto;
}

export class DashboardPageDto {
  @ApiProperty({ description: 'Changed last first', type: [DashboardSummaryDto] })
  items: readonly DashboardSummaryDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

/**
 * What a share link shows: no names of people, no ways on. Filters come without owners and users; in the data of widgets
 * each field that a guest does not get says so.
 */
@ApiExtraModels(...ANSWER_MODELS)
export class SharedDashboardDto extends BoardDto {
  @Text('Id of the dashboard', DASHBOARD_ID)
  dashboardId: string;

  @Numeric('Its version', 3)
  version: number;

  @Text('Its name', 'Release quality')
  name: string;

  @TextOrNull('What it is for', 'For the Monday meeting')
  description: string | null;

  @Instant('When the link stops to work')
  expiresAt: Date;
}

export class DashboardVersionDto {
  @Numeric('Version', 2)
  version: number;

  @Text('Who made it', 'ann')
  by: string;

  @Instant('When')
  at: Date;

  @Text('The name it had', 'Release quality')
  name: string;

  @Numeric('Widgets it had', 8)
  widgetCount: number;

  @ApiPropertyOptional({ description: 'It is the present one', example: true })
  isCurrent?: boolean;
}

export class DashboardVersionPageDto {
  @ApiProperty({ description: 'Newest first; at most 100 older ones are kept', type: [DashboardVersionDto] })
  items: readonly DashboardVersionDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}
