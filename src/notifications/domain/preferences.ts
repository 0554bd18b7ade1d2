import { DateTime } from 'luxon';
import type { Severity } from './message.js';

export const MEDIA = ['inbox', 'email'] as const;
/** Ways to one user: the inbox of the service, and mail to the address of the user's own token. */
export type Medium = (typeof MEDIA)[number];

export const DIGESTS = ['off', 'hourly', 'daily'] as const;

export interface QuietHours {
  /** `HH:mm`, in the time zone of the preferences; over midnight where `to` is earlier. */
  readonly from: string;
  readonly to: string;
  /** ISO weekdays (1 = Monday) on which they begin; absent: every day. */
  readonly days?: readonly number[];
  /** Whether critical messages come through. */
  readonly criticalPasses: boolean;
}

export interface Preferences {
  readonly timeZone: string;
  readonly channels: Readonly<Record<Severity, readonly Medium[]>>;
  readonly quietHours?: QuietHours;
  /** Mails are gathered: hourly, or daily at a time of day (`HH:mm`). Critical ones never are. */
  readonly digest: { readonly every: (typeof DIGESTS)[number]; readonly at: string };
  /** From the user's token. */
  readonly email?: string;
}

export const DEFAULT_PREFERENCES: Preferences = {
  timeZone: 'UTC',
  channels: { low: ['inbox'], medium: ['inbox'], high: ['inbox', 'email'], critical: ['inbox', 'email'] },
  digest: { every: 'off', at: '08:00' },
};

/** How one message reaches one user. */
export interface Routing {
  readonly inbox: boolean;
  /** now, not at all, or together with others later. */
  readonly email: 'now' | 'off' | { readonly heldUntil: Date };
}

export const route = (preferences: Preferences, severity: Severity, now: Date): Routing => {
  const media = preferences.channels[severity];
  const mails = media.includes('email') && preferences.email !== undefined;
  return { inbox: media.includes('inbox'), email: mails ? mailTime(preferences, severity, now) : 'off' };
};

const mailTime = (preferences: Preferences, severity: Severity, now: Date): Routing['email'] => {
  const critical = severity === 'critical';
  if (critical && (preferences.quietHours?.criticalPasses ?? true)) return 'now';
  const at = critical ? now : digestTime(preferences, now);
  const heldUntil = outOfQuiet(preferences, at);
  return heldUntil > now ? { heldUntil } : 'now';
};

/**
 * The next time that is not quiet, from `at` on. Where DST skips the pause between two quiet hours, the later ones have to
 * end, too.
 */
const outOfQuiet = (preferences: Preferences, at: Date): Date => {
  const end = quietUntil(preferences, at);
  return end ? (quietUntil(preferences, end) ?? end) : at;
};

/** The end of the quiet hours that hold at `at`; undefined outside of them. */
export const quietUntil = ({ quietHours, timeZone }: Preferences, at: Date): Date | undefined => {
  if (!quietHours) return undefined;
  const { from, to, days } = quietHours;
  const today = DateTime.fromJSDate(at, { zone: timeZone }).startOf('day');
  // those that began yesterday may still last
  for (const day of [today.minus({ days: 1 }), today]) {
    if (days && !days.includes(day.weekday)) continue;
    const start = timeOn(day, from);
    const end = timeOn(to > from ? day : day.plus({ days: 1 }), to);
    if (start.toMillis() <= at.getTime() && at.getTime() < end.toMillis()) return end.toJSDate();
  }
  return undefined;
};

/** When the mails gathered at `now` go out; `now` itself where nothing is gathered. */
const digestTime = ({ digest, timeZone }: Preferences, now: Date): Date => {
  if (digest.every === 'off') return now;
  const local = DateTime.fromJSDate(now, { zone: timeZone });
  if (digest.every === 'hourly') return local.startOf('hour').plus({ hours: 1 }).toJSDate();
  const today = timeOn(local.startOf('day'), digest.at);
  return (today > local ? today : timeOn(local.startOf('day').plus({ days: 1 }), digest.at)).toJSDate();
};

/** A time of day that DST skips is the first one after the gap; one that comes twice is the first. */
const timeOn = (day: DateTime, time: string): DateTime => {
  const [hour, minute] = time.split(':').map(Number);
  return day.set({ hour, minute, second: 0, millisecond: 0 });
};
