import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsDefined,
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
import { IsText, IsTimeZone } from '../../common/index.js';
import { CATCH_UP_POLICIES, type CatchUpPolicy, DEFAULT_CATCH_UP } from '../domain/catch-up.js';
import { WEEKDAYS, type Weekday } from '../domain/timing.js';
import { CHANNEL_ID, IfGiven } from './fields.js';

const MAX_CHANNELS = 10;
const LATEST_DAY = 28;

/** The 29th to 31st are refused: a month without it would have no run, and `last` is what is meant. */
const IsDayOfMonth = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDayOfMonth',
    validator: {
      validate: (value: unknown) =>
        value === 'last' || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= LATEST_DAY),
      defaultMessage: () => `must be 1 to ${LATEST_DAY}, or "last"`,
    },
  });

export class TimingInputDto {
  @ApiPropertyOptional({
    description:
      'Five fields: minute, hour, day of month, month, day of week; with lists, ranges, steps, names, `L` (last), `W` (nearest weekday) and `#` (nth). Where both days are given, either counts. Instead of `every`.',
    example: '30 6 * * MON-FRI',
  })
  @IfGiven()
  @IsText(200)
  cron?: string;

  @ApiPropertyOptional({ description: 'How often, instead of `cron`', enum: ['day', 'week', 'month'], example: 'week' })
  @IfGiven()
  @IsIn(['day', 'week', 'month'])
  every?: 'day' | 'week' | 'month';

  @ApiPropertyOptional({ description: 'Local time of day, with `every`', pattern: 'HH:MM', example: '06:30' })
  @IfGiven()
  @Matches(/^([01]\d|2[0-3]):[0-5]\d$/, { message: 'at must be a time of day such as 06:30' })
  at?: string;

  @ApiPropertyOptional({ description: 'With `every: week`', enum: WEEKDAYS, isArray: true, example: ['monday'] })
  @IfGiven()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(WEEKDAYS.length)
  @ArrayUnique()
  @IsIn(WEEKDAYS, { each: true })
  weekdays?: Weekday[];

  @ApiPropertyOptional({
    description: 'With `every: month`: a day that each month has, or its last',
    oneOf: [
      { type: 'integer', minimum: 1, maximum: LATEST_DAY },
      { type: 'string', enum: ['last'] },
    ],
    example: 'last',
  })
  @IfGiven()
  @IsDayOfMonth()
  dayOfMonth?: number | 'last';

  @ApiPropertyOptional({
    description:
      'IANA zone in whose local time it runs. Where the clocks go forward over a planned time it runs at the first instant after; where they go back, once.',
    default: 'UTC',
    example: 'Europe/Berlin',
  })
  @IfGiven()
  @IsTimeZone()
  timeZone?: string;
}

export class TargetInputDto {
  @ApiProperty({ description: 'What is done: see GET /schedules/kinds', example: 'report' })
  @IsText(40)
  kind: string;

  @ApiProperty({
    description: 'Options of the kind, checked by it: see GET /schedules/kinds',
    type: Object,
    additionalProperties: true,
    example: { window: 'previous_week', request: { type: 'summary', filter: { projects: ['demo'] } } },
  })
  @IsObject()
  options: Record<string, unknown>;
}

export class DeliveryInputDto {
  @ApiPropertyOptional({
    description: 'Channels that hear of each run that succeeded, with its figures, links and files',
    type: [String],
    maxItems: MAX_CHANNELS,
    default: [],
    example: [CHANNEL_ID],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_CHANNELS)
  @ArrayUnique()
  @IsMongoId({ each: true })
  channels?: string[];

  @ApiPropertyOptional({ description: 'Whether the owner hears of it too, by inbox', default: false, example: true })
  @IfGiven()
  @IsBoolean()
  notifyOwner?: boolean;

  @ApiPropertyOptional({
    description: 'Whether files under 10 MB go with an email; else the message has a link, which works for a week',
    default: true,
    example: true,
  })
  @IfGiven()
  @IsBoolean()
  attachFiles?: boolean;
}

export class CatchUpInputDto {
  @ApiProperty({
    description:
      'What becomes of runs that were missed, by more than 5 minutes, while no worker ran. skip: they are left out; once: the newest is made up for; all: the newest `max` are, in order. What is left out stands in the history.',
    enum: CATCH_UP_POLICIES,
    example: 'once',
  })
  @IsIn(CATCH_UP_POLICIES)
  policy: CatchUpPolicy;

  @ApiPropertyOptional({
    description: 'For `all`',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: DEFAULT_CATCH_UP.max,
    example: 10,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  max?: number;
}

export class OnFailureInputDto {
  @ApiPropertyOptional({
    description: 'After so many failed runs in a row the owner and the channels are told, once',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 1,
    example: 2,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  alertAfter?: number;

  @ApiPropertyOptional({
    description: 'Channels that are told, besides the owner',
    type: [String],
    maxItems: MAX_CHANNELS,
    default: [],
    example: [CHANNEL_ID],
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_CHANNELS)
  @ArrayUnique()
  @IsMongoId({ each: true })
  channels?: string[];

  @ApiPropertyOptional({
    description: 'After so many failed runs in a row the schedule is paused; never where it is left out',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    example: 5,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  pauseAfter?: number;
}

class ScheduleFieldsDto {
  @ApiProperty({ description: 'When it runs', type: TimingInputDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => TimingInputDto)
  timing: TimingInputDto;

  @ApiProperty({ description: 'What it does', type: TargetInputDto })
  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => TargetInputDto)
  target: TargetInputDto;

  @ApiPropertyOptional({ description: 'Who hears of it; nobody where it is left out', type: DeliveryInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => DeliveryInputDto)
  delivery?: DeliveryInputDto;

  @ApiPropertyOptional({ description: 'After a downtime; `once` where it is left out', type: CatchUpInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => CatchUpInputDto)
  catchUp?: CatchUpInputDto;

  @ApiPropertyOptional({ description: 'When runs fail', type: OnFailureInputDto })
  @IfGiven()
  @IsObject()
  @ValidateNested()
  @Type(() => OnFailureInputDto)
  onFailure?: OnFailureInputDto;
}

export class CreateScheduleDto extends ScheduleFieldsDto {
  @ApiProperty({ description: 'Its name, once in the organization', maxLength: 200, example: 'Weekly quality' })
  @IsText(200)
  name: string;

  @ApiPropertyOptional({ description: 'What it is for', maxLength: 2000, example: 'For the Monday meeting' })
  @IsOptional()
  @IsText(2000)
  description?: string | null;

  @ApiPropertyOptional({ description: 'Begin paused', default: false, example: false })
  @IfGiven()
  @IsBoolean()
  paused?: boolean;
}

class ChangeableDto extends ScheduleFieldsDto {
  @ApiProperty({ description: 'Its name, once in the organization', maxLength: 200, example: 'Weekly quality' })
  @IsText(200)
  name: string;
}

export class UpdateScheduleDto extends PartialType(ChangeableDto, { skipNullProperties: false }) {
  @ApiPropertyOptional({
    description: 'What it is for; null takes it away',
    type: String,
    nullable: true,
    maxLength: 2000,
    example: 'For the Monday meeting',
  })
  @IsOptional()
  @IsText(2000)
  description?: string | null;
}

export class PreviewScheduleDto extends ScheduleFieldsDto {
  @ApiPropertyOptional({ description: 'As it would be called', maxLength: 200, example: 'Weekly quality' })
  @IfGiven()
  @IsText(200)
  name?: string;

  @ApiPropertyOptional({
    description: 'How many of the next runs',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 10,
    example: 10,
  })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(100)
  count?: number;

  @ApiPropertyOptional({ description: 'Whether to write the message too', default: true, example: true })
  @IfGiven()
  @IsBoolean()
  message?: boolean;
}
