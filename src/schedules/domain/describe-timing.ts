import { type Timing, WEEKDAYS } from './timing.js';

const DAILY_AT = /^(\d{1,2}) (\d{1,2}) (\*|L|\d{1,2}) \* (\*|[0-6](?:,[0-6])*)$/;

/** For people: `Every Monday and Thursday at 08:00 (Europe/Berlin)`; the expression itself where it says more than that. */
export const describeTiming = ({ cron, timeZone }: Timing): string => {
  const [, minute, hour, date, weekdays] = DAILY_AT.exec(cron) ?? [];
  if (minute === undefined || hour === undefined || (date !== '*' && weekdays !== '*'))
    return `Cron ${cron} (${timeZone})`;
  const at = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')} (${timeZone})`;
  if (date === 'L') return `On the last day of each month ${at}`;
  if (date !== '*') return `On day ${date} of each month ${at}`;
  return weekdays === '*' ? `Every day ${at}` : `Every ${listOf((weekdays ?? '').split(',').map(nameOf))} ${at}`;
};

const nameOf = (weekday: string): string => {
  const name: string = WEEKDAYS[Number(weekday)] ?? weekday;
  return name.charAt(0).toUpperCase() + name.slice(1);
};

const listOf = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
