import { DateTime } from 'luxon';

/** `YYYY-MM-DD` of an instant in a zone. */
export const localDateOf = (at: Date, timeZone: string): string =>
  DateTime.fromJSDate(at, { zone: timeZone }).toFormat('yyyy-MM-dd');
