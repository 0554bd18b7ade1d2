import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min, ValidateBy } from 'class-validator';
import { DateTime } from 'luxon';
import { invalid, IsTimeZone, type FieldProblem } from '../../common/index.js';
import type { TimeRange } from '../domain/query.js';
import { lastDays, startOfDate } from '../domain/time-buckets.js';

const DAY_MS = 86_400_000;
const MAX_DAYS = 3653;
const MAX_RANGE_MS = MAX_DAYS * DAY_MS;
const DEFAULT_DAYS = 30;
const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** The instant of a local date, a local time, or a time with its offset; undefined for anything else. */
const instantOf = (text: string, timeZone: string): Date | undefined => {
  if (!DATE.test(text) && !DATE_TIME.test(text)) return undefined;
  const parsed = DateTime.fromISO(text, { zone: timeZone });
  if (!parsed.isValid) return undefined;
  const at = DATE.test(text) ? startOfDate(text, timeZone) : parsed.toMillis();
  return at >= EARLIEST && at <= LATEST ? new Date(at) : undefined;
};

const WANTED = 'must be an ISO 8601 date or time between 1990 and 2100, such as 2026-01-31 or 2026-01-31T10:00:00Z';

/** ISO 8601: a date, a local time, or a time with `Z` or an offset. */
const IsInstant = (): PropertyDecorator =>
  ValidateBy({
    name: 'isInstant',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && instantOf(value, 'UTC') !== undefined,
      defaultMessage: () => WANTED,
    },
  });

/** A query string knows only text. */
const numberIn = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

export class TimeRangeFields {
  @ApiPropertyOptional({
    description:
      'Begin, included: an ISO 8601 time such as 2026-01-31T10:00:00Z, or a date (2026-01-31) or time without offset, which is local in `timeZone`. 30 days before the end where it is missing.',
    type: String,
  })
  @IsOptional()
  @IsInstant()
  from?: string;

  @ApiPropertyOptional({
    description:
      'End, excluded, written as `from` is; the end of today where it is missing. At most 10 years after `from`.',
    type: String,
  })
  @IsOptional()
  @IsInstant()
  to?: string;

  @ApiPropertyOptional({
    description: 'Instead of `from` and `to`: this many local days, today included.',
    minimum: 1,
    maximum: MAX_DAYS,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => numberIn(value))
  @IsInt()
  @Min(1)
  @Max(MAX_DAYS)
  lastDays?: number;

  @ApiPropertyOptional({ description: 'IANA time zone in which days begin', default: 'UTC', example: 'Europe/Berlin' })
  @IsOptional()
  @IsTimeZone()
  timeZone?: string;
}

/** A half-open range of time in a zone, in a body. */
export class TimeRangeDto extends TimeRangeFields {}

/**
 * The range that a client asks for; the last 30 local days, today included, where nothing is said.
 * @param pointer where the range stands in the request, for problems
 * @throws DomainError 422 `invalid_time_range`
 */
export const toRange = (dto: TimeRangeFields | undefined, now: Date, pointer = ''): TimeRange => {
  const timeZone = dto?.timeZone ?? 'UTC';
  if (typeof dto?.lastDays === 'number') {
    if (dto.from !== undefined || dto.to !== undefined)
      throw refused({ pointer: `${pointer}/lastDays`, detail: 'cannot stand beside from and to' });
    return lastDays(now, dto.lastDays, timeZone);
  }
  const to = at(dto?.to ?? undefined, timeZone, `${pointer}/to`) ?? lastDays(now, 1, timeZone).to;
  const from =
    at(dto?.from ?? undefined, timeZone, `${pointer}/from`) ??
    lastDays(new Date(to.getTime() - 1), DEFAULT_DAYS, timeZone).from;
  if (from >= to) throw refused({ pointer: `${pointer}/from`, detail: 'must be before the end of the range' });
  if (to.getTime() - from.getTime() > MAX_RANGE_MS)
    throw refused({ pointer: `${pointer}/from`, detail: 'must be at most 10 years before the end of the range' });
  return { from, to, timeZone };
};

const at = (text: string | undefined, timeZone: string, pointer: string): Date | undefined => {
  if (text === undefined) return undefined;
  const instant = instantOf(text, timeZone);
  if (!instant) throw refused({ pointer, detail: WANTED });
  return instant;
};

const refused = (problem: FieldProblem) => invalid('invalid_time_range', 'The time range is not valid', [problem]);
