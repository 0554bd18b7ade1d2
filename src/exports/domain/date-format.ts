import { DateTime } from 'luxon';

export type FormatDate = (date: Date) => string;

/** How dates read in a file: ISO 8601 with the offset of the zone, or as the people of a locale write them. */
export const dateFormatter = (timeZone: string, locale?: string): FormatDate => {
  if (locale !== undefined) {
    const format = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium', timeZone });
    // ICU puts narrow no-break spaces into times, which few programs that read a CSV expect
    return (date) => format.format(date).replaceAll(/[\u202f\u00a0]/g, ' ');
  }
  if (timeZone === 'UTC') return (date) => date.toISOString();
  return (date) => DateTime.fromJSDate(date, { zone: timeZone }).toISO() ?? date.toISOString();
};

/** The same reading of the clock as an instant in UTC, for formats whose times have no zone (spreadsheets). */
export const wallClock = (timeZone: string): ((date: Date) => Date) => {
  if (timeZone === 'UTC') return (date) => date;
  return (date) => {
    const { offset } = DateTime.fromJSDate(date, { zone: timeZone });
    return new Date(date.getTime() + offset * 60_000);
  };
};

/** A BCP 47 tag that this runtime knows the structure of. */
export const isLocale = (value: unknown): value is string => {
  if (typeof value !== 'string' || value.length > 35) return false;
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(value).length > 0;
  } catch {
    return false;
  }
};
