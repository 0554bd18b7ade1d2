import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsMongoId,
  IsObject,
  Matches,
  Max,
  Min,
  ValidateBy,
} from 'class-validator';
import { IsText, IsTimeZone } from '../../common/index.js';
import { CATCH_UP_POLICIES, type CatchUpPolicy, DEFAULT_CATCH_UP } from '../domain/catch-up.js';
import { WEEKDAYS, type Weekday } from '../domain/timing.js';
import { CHANNEL_ID, IfGiven } from './fields.js';

const MAX_CHANNELS = 10;
const LATEST_DAY = 28;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d$/;

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

  @ApiPropertyOptional({
    description: 'Local time of day, `HH:MM`, with `every`',
    pattern: TIME_OF_DAY.source,
    example: '06:30',
  })
  @IfGiven()
  @Matches(TIME_OF_DAY, { message: 'at must be a time of day such as 06:30' })
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
