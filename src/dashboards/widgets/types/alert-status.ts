import { ApiProperty, ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional } from 'class-validator';
import type { Plain } from '../../../common/index.js';
import {
  AcknowledgementDto,
  AlertDto,
  AlertLinksDto,
  AlertStatusDto,
  SnoozeDto,
  type StatusQuestion,
  toStatusDto,
  VIEW_STATES,
  type ViewState,
} from '../../../alerts/index.js';
import { admitsNothing } from '../../domain/narrow-filter.js';
import { TextOrNull, TopOption } from '../fields.js';
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

class WidgetAcknowledgementDto extends OmitType(AcknowledgementDto, ['by', 'note'] as const) {
  @TextOrNull('Who; null behind a share link', 'Ann')
  by: string | null;

  @TextOrNull('What was said; null behind a share link', null)
  note: string | null;
}

class WidgetSnoozeDto extends OmitType(SnoozeDto, ['by'] as const) {
  @TextOrNull('Who; null behind a share link', 'Ann')
  by: string | null;
}

class WidgetAlertDto extends OmitType(AlertDto, ['acknowledged', 'snoozed', 'labels', 'links'] as const) {
  @ApiProperty({ description: 'Who has it', type: WidgetAcknowledgementDto, nullable: true })
  acknowledged: WidgetAcknowledgementDto | null;

  @ApiProperty({ description: 'Put off until', type: WidgetSnoozeDto, nullable: true })
  snoozed: WidgetSnoozeDto | null;

  @ApiProperty({
    description: 'What silences, inhibition and grouping go by; empty behind a share link',
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { rule: 'Pass rate of main', severity: 'high', project: 'demo' },
  })
  labels: object;

  @ApiProperty({ description: 'Links; null behind a share link', type: AlertLinksDto, nullable: true })
  links: AlertLinksDto | null;
}

class WidgetAlertStatusDto extends OmitType(AlertStatusDto, ['items'] as const) {
  @ApiProperty({
    description: 'Firing first, then recovering, pending, resolved; the newest first among them',
    type: [WidgetAlertDto],
  })
  items: readonly WidgetAlertDto[];
}

export class AlertStatusDataDto {
  @ApiProperty({ description: 'As GET /alerts/status answers', type: WidgetAlertStatusDto })
  status: WidgetAlertStatusDto;
}

/** What the filter says of projects; nothing where it says nothing of them: then it is everything in scope. */
const within = async ({
  scope,
  filter,
  sources,
}: WidgetContext): Promise<Pick<StatusQuestion, 'project' | 'projects'>> => {
  if (admitsNothing(filter)) return { projects: [] };
  if (!filter.projects?.length && !filter.teams?.length) return {};
  const projects = (await sources.metrics.projectsOf(scope, filter)).map(({ key }) => key);
  const [only] = projects;
  return projects.length === 1 && only !== undefined ? { project: only } : { projects };
};

const statusOf = async (
  context: WidgetContext,
  { top = 10, states }: AlertStatusOptionsDto,
): Promise<Plain<AlertStatusDto>> => {
  const { scope, sources } = context;
  const question = { limit: top, ...(states && { states }), ...(await within(context)) };
  return toStatusDto(await sources.alerts.status(scope, question));
};

export const alertStatus: WidgetType<AlertStatusOptionsDto, AlertStatusDataDto> = {
  type: 'alert_status',
  title: 'Alerts',
  description:
    'Where alerts stand. Of the filter it looks at projects and teams: with one project left it shows the alerts about it, with more it leaves out alerts about other projects only, without either it shows all that the viewer may see. Where the filters contradict each other there is no alert.',
  optionsDto: AlertStatusOptionsDto,
  dataDto: AlertStatusDataDto,
  size: { w: 4, h: 4 },
  example: { title: 'Alerts', options: { top: 10 } },
  reach: 'runs',
  versionOf: async (context, options) => JSON.stringify(await statusOf(context, options)),
  compute: async (context, options) => ({ status: await statusOf(context, options) }),
};
