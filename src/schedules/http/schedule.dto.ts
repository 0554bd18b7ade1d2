import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { IsText, PageQueryDto, type Plain } from '../../common/index.js';
import { CATCH_UP_POLICIES, type CatchUpPolicy } from '../domain/catch-up.js';
import { describeTiming } from '../domain/describe-timing.js';
import {
  RUN_STATUSES,
  type RunStatus,
  type Schedule,
  SCHEDULE_STATES,
  type ScheduleState,
} from '../domain/schedule.js';
import {
  CHANNEL_ID,
  Instant,
  InstantOrNull,
  NumberOrNull,
  SCHEDULE_ID,
  SCHEDULE_RUN_ID,
  Text,
  TextOrNull,
} from './fields.js';

export class SchedulesQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ description: 'Only these', enum: SCHEDULE_STATES })
  @IsOptional()
  @IsIn(SCHEDULE_STATES)
  state?: ScheduleState;

  @ApiPropertyOptional({ description: 'Only those that do this', example: 'report' })
  @IsOptional()
  @IsText(40)
  kind?: string;

  @ApiPropertyOptional({ description: 'Only those of this owner: the subject of a token' })
  @IsOptional()
  @IsText(200)
  owner?: string;
}

export class TimingDto {
  @Text('Five cron fields, whatever form it was given in', '30 6 * * 1')
  cron: string;

  @Text('IANA zone in whose local time it runs', 'Europe/Berlin')
  timeZone: string;

  @Text('For people', 'Every Monday at 06:30 (Europe/Berlin)')
  description: string;
}

class TargetDto {
  @Text('What is done', 'report')
  kind: string;

  @ApiProperty({
    description: 'Options of the kind',
    type: Object,
    additionalProperties: true,
    example: { window: 'previous_week', request: { type: 'summary', filter: { projects: ['demo'] } } },
  })
  options: Record<string, unknown>;
}

class ScheduleDeliveryDto {
  @ApiProperty({ description: 'Channels that hear of each run that succeeded', type: [String], example: [CHANNEL_ID] })
  channels: readonly string[];

  @ApiProperty({ description: 'Whether the owner does too', example: true })
  notifyOwner: boolean;

  @ApiProperty({ description: 'Whether small files go with an email', example: true })
  attachFiles: boolean;
}

class CatchUpDto {
  @ApiProperty({ description: 'What becomes of missed runs', enum: CATCH_UP_POLICIES, example: 'once' })
  policy: CatchUpPolicy;

  @ApiProperty({ description: 'Most runs that `all` makes up for', example: 10 })
  max: number;
}

class OnFailureDto {
  @ApiProperty({ description: 'Failed runs in a row after which somebody is told', example: 2 })
  alertAfter: number;

  @ApiProperty({ description: 'Who, besides the owner', type: [String], example: [CHANNEL_ID] })
  channels: readonly string[];

  @NumberOrNull('Failed runs in a row after which it is paused; null: never', 5)
  pauseAfter: number | null;
}

class OwnerDto {
  @Text('Subject of the token, or `key:` and the id of the API key', 'ana')
  subject: string;

  @Text('Name', 'Ana')
  name: string;
}

export class LastRunDto {
  @Text('Id of the run', SCHEDULE_RUN_ID)
  runId: string;

  @ApiProperty({ description: 'How it ended', enum: RUN_STATUSES, example: 'succeeded' })
  status: RunStatus;

  @Instant('When')
  finishedAt: Date;
}

export class ScheduleDto {
  @Text('Id of the schedule', SCHEDULE_ID)
  scheduleId: string;

  @Text('Its name', 'Weekly quality')
  name: string;

  @TextOrNull('What it is for', 'For the Monday meeting')
  description: string | null;

  @ApiProperty({ description: 'When it runs', type: TimingDto })
  timing: TimingDto;

  @ApiProperty({ description: 'What it does', type: TargetDto })
  target: TargetDto;

  @ApiProperty({ description: 'Who hears of it', type: ScheduleDeliveryDto })
  delivery: ScheduleDeliveryDto;

  @ApiProperty({ description: 'After a downtime', type: CatchUpDto })
  catchUp: CatchUpDto;

  @ApiProperty({ description: 'When runs fail', type: OnFailureDto })
  onFailure: OnFailureDto;

  @ApiProperty({ description: 'Under whose rights it runs: who saved it last', type: OwnerDto })
  owner: OwnerDto;

  @ApiProperty({ description: 'Whether it runs by itself', enum: SCHEDULE_STATES, example: 'active' })
  state: ScheduleState;

  @TextOrNull('Why it is paused', null)
  pausedReason: string | null;

  @InstantOrNull('When it runs next; null while it is paused', '2026-06-29T04:30:00.000Z')
  nextRunAt: Date | null;

  @ApiProperty({ description: 'Failed runs since the last that succeeded', example: 0 })
  failuresInRow: number;

  @ApiProperty({ description: 'The run that ended last; null before the first', type: LastRunDto, nullable: true })
  lastRun: LastRunDto | null;

  @ApiProperty({ description: 'Moves with each change of the settings; If-Match takes it', example: 3 })
  version: number;

  @Text('Who made it', 'ana')
  createdBy: string;

  @Instant('When it was made')
  createdAt: Date;

  @Instant('When it was changed')
  updatedAt: Date;
}

export class SchedulePageDto {
  @ApiProperty({ description: 'By name', type: [ScheduleDto] })
  items: readonly ScheduleDto[];

  @TextOrNull('Cursor of the next page; null on the last', null)
  nextCursor: string | null;
}

export class JobKindDto {
  @Text('Kind, for `target.kind`', 'report')
  kind: string;

  @Text('What it is', 'A report')
  title: string;

  @Text('What its options are', 'A definition (`request`), or `templateId`.')
  description: string;

  @ApiProperty({
    description: 'Options that work',
    type: Object,
    additionalProperties: true,
    example: { window: 'previous_week', request: { type: 'summary' } },
  })
  example: Readonly<Record<string, unknown>>;

  @Text('Needed to save such a schedule, and at each of its runs', 'reports:read')
  permission: string;
}

export class JobKindsDto {
  @ApiProperty({ description: 'By kind', type: [JobKindDto] })
  items: readonly JobKindDto[];
}

export const toScheduleDto = (schedule: Schedule): Plain<ScheduleDto> => {
  const { scheduleId, name, timing, target, delivery, catchUp, owner, state, failuresInRow, version } = schedule;
  const { onFailure, createdBy, createdAt, updatedAt } = schedule;
  return {
    ...{ scheduleId, name, target, delivery, catchUp, state, failuresInRow, version, createdBy, createdAt, updatedAt },
    description: schedule.description ?? null,
    timing: { ...timing, description: describeTiming(timing) },
    onFailure: { ...onFailure, pauseAfter: onFailure.pauseAfter ?? null },
    owner: { subject: owner.subject, name: owner.name },
    pausedReason: schedule.pausedReason ?? null,
    nextRunAt: schedule.nextRunAt ?? null,
    lastRun: schedule.lastRun ?? null,
  };
};
