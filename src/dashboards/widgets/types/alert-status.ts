import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import { AlertStatusDto, toStatusDto, VIEW_STATES, type ViewState } from '../../../alerts/index.js';
import { TopOption } from '../fields.js';
import type { WidgetContext, WidgetType } from '../widget-type.js';

export class AlertStatusOptionsDto {
  @TopOption(10, 50)
  top?: number;

  @ApiPropertyOptional({
    description: 'Only alerts in these states; firing, recovering, pending and resolved unless told otherwise',
    enum: VIEW_STATES,
    isArray: true,
    example: ['firing', 'pending'],
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(VIEW_STATES.length)
  @IsIn(VIEW_STATES, { each: true })
  states?: ViewState[];
}

export class AlertStatusDataDto {
  @ApiProperty({ description: 'As GET /alerts/status answers', type: AlertStatusDto })
  status: AlertStatusDto;
}

/** One project where the filter leaves one; else everything in scope. */
const statusOf = async (
  { scope, filter, sources }: WidgetContext,
  { top = 10, states }: AlertStatusOptionsDto,
): Promise<Plain<AlertStatusDto>> => {
  const projects = await sources.metrics.projectsOf(scope, filter);
  const isNarrowed = Boolean(filter.projects?.length ?? filter.teams?.length);
  const only = isNarrowed && projects.length === 1 ? projects[0]?.key : undefined;
  const question = { limit: top, ...(states && { states }), ...(only !== undefined && { project: only }) };
  return toStatusDto(await sources.alerts.status(scope, question));
};

export const alertStatus: WidgetType<AlertStatusOptionsDto, AlertStatusDataDto> = {
  type: 'alert_status',
  title: 'Alerts',
  description:
    'Where alerts stand. Of the filter it looks at the project, where that is one; else it shows all that the viewer may see.',
  optionsDto: AlertStatusOptionsDto,
  dataDto: AlertStatusDataDto,
  size: { w: 4, h: 4 },
  example: { title: 'Alerts', options: { top: 10 } },
  reach: 'runs',
  versionOf: async (context, options) => JSON.stringify(await statusOf(context, options)),
  compute: async (context, options) => ({ status: await statusOf(context, options) }),
};
