import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { DateTime } from 'luxon';
import { invalid } from '../../common/index.js';
import { startOfDate, type TimeRange, type TimeRangeFields, toRange } from '../../metrics/index.js';

export const WINDOWS = ['previous_day', 'previous_week', 'previous_month'] as const;
export type Window = (typeof WINDOWS)[number];

/** What all scheduled questions say of time. */
export class JobWindowDto {
  @ApiPropertyOptional({
    description:
      'The whole day, week (from Monday) or month before the one in which it runs, in the zone of the schedule; instead of a time range.',
    enum: WINDOWS,
    example: 'previous_week',
  })
  @IsOptional()
  @IsIn(WINDOWS)
  window?: Window;
}

const UNITS = { previous_day: 'day', previous_week: 'week', previous_month: 'month' } as const;

/**
 * The range that a scheduled question means at the instant it was planned for. A relative range is worked out anew each
 * time; where nothing is said it is the last 30 days in the zone of the schedule.
 * @param pointer of the time range in the options
 * @throws DomainError 422 `invalid_time_range`
 */
export const windowRange = (
  window: Window | undefined,
  timeRange: TimeRangeFields | undefined,
  plannedAt: Date,
  timeZone: string,
  pointer: string,
): TimeRange => {
  if (window === undefined) return toRange(inZone(timeRange, timeZone), plannedAt, pointer);
  if (timeRange !== undefined)
    throw invalid('invalid_time_range', 'The time range is not valid', [
      { pointer, detail: 'cannot stand beside window' },
    ]);
  const unit = UNITS[window];
  const end = DateTime.fromJSDate(plannedAt, { zone: timeZone }).startOf(unit);
  const dateOf = (at: DateTime): Date => new Date(startOfDate(at.toISODate() ?? '', timeZone));
  return { from: dateOf(end.minus({ [unit]: 1 })), to: dateOf(end), timeZone };
};

const inZone = ({ from, to, lastDays, timeZone }: TimeRangeFields = {}, zone: string): TimeRangeFields => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
  ...(lastDays !== undefined && { lastDays }),
  timeZone: timeZone ?? zone,
});
