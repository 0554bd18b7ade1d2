import { lastDays, toRange, type TimeRange, type TimeRangeFields } from '../../metrics/index.js';

const DAYS = 90;

/** The range asked for; where neither a begin nor a number of days is said, the 90 local days up to the end: evidence confirms for that long. */
export const ninetyDays = (dto: TimeRangeFields, now: Date): TimeRange => {
  const range = toRange(dto, now);
  if (dto.from !== undefined || typeof dto.lastDays === 'number') return range;
  const { from } = lastDays(new Date(range.to.getTime() - 1), DAYS, range.timeZone);
  return { ...range, from };
};
