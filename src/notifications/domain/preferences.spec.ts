import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SEVERITIES } from './message.js';
import { DEFAULT_PREFERENCES, DIGESTS, type Preferences, quietUntil, type QuietHours, route } from './preferences.js';

const night: QuietHours = { from: '22:00', to: '07:00', criticalPasses: true };
const berlin = (more: Partial<Preferences> = {}): Preferences => ({
  ...DEFAULT_PREFERENCES,
  timeZone: 'Europe/Berlin',
  email: 'ann@example.com',
  ...more,
});
const until = (quietHours: QuietHours, at: string): string | undefined =>
  quietUntil(berlin({ quietHours }), new Date(at))?.toISOString();
/** Minutes of a day that are not quiet. */
const pauseOf = ({ from, to }: QuietHours): number => {
  const [start, end] = [from, to].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  return (start! - end! + 1_440) % 1_440;
};
const mailAt = (preferences: Preferences, at: string, severity: (typeof SEVERITIES)[number] = 'high'): string => {
  const { email } = route(preferences, severity, new Date(at));
  return typeof email === 'string' ? email : email.heldUntil.toISOString();
};

describe('quietUntil', () => {
  it.each([
    ['before they begin', '2026-01-15T20:59:59Z', undefined],
    ['when they begin', '2026-01-15T21:00:00Z', '2026-01-16T06:00:00.000Z'],
    ['after midnight', '2026-01-16T03:00:00Z', '2026-01-16T06:00:00.000Z'],
    ['when they end', '2026-01-16T06:00:00Z', undefined],
    ['in the night to summer time, which has 23 hours', '2026-03-28T23:30:00Z', '2026-03-29T05:00:00.000Z'],
    ['in the night to winter time, which has 25 hours', '2026-10-24T22:30:00Z', '2026-10-25T06:00:00.000Z'],
  ])('%s', (_, at, end) => {
    expect(until(night, at)).toBe(end);
  });

  it('end at the first time after the gap where DST skips their end', () => {
    expect(until({ ...night, to: '02:30' }, '2026-03-29T00:10:00Z')).toBe('2026-03-29T01:30:00.000Z');
  });

  it('know weekdays by the day they begin on', () => {
    const friday = { ...night, days: [5] };
    // 2026-01-16 is a Friday
    expect(until(friday, '2026-01-17T03:00:00Z')).toBe('2026-01-17T06:00:00.000Z');
    expect(until(friday, '2026-01-16T03:00:00Z')).toBeUndefined();
  });

  it('may lie within one day', () => {
    expect(until({ ...night, from: '12:00', to: '13:30' }, '2026-07-01T10:15:00Z')).toBe('2026-07-01T11:30:00.000Z');
  });
});

describe('route', () => {
  it('goes by severity, and mails nobody without an address', () => {
    expect(route(berlin(), 'low', new Date())).toEqual({ inbox: true, email: 'off' });
    expect(route(berlin(), 'high', new Date())).toEqual({ inbox: true, email: 'now' });
    expect(route(berlin({ email: undefined }), 'critical', new Date())).toEqual({ inbox: true, email: 'off' });
    const none = berlin({ channels: { ...DEFAULT_PREFERENCES.channels, high: [] } });
    expect(route(none, 'high', new Date())).toEqual({ inbox: false, email: 'off' });
  });

  it('holds mails until the quiet hours end, critical ones only where they may not pass', () => {
    expect(mailAt(berlin({ quietHours: night }), '2026-01-15T23:00:00Z')).toBe('2026-01-16T06:00:00.000Z');
    expect(mailAt(berlin({ quietHours: night }), '2026-01-15T23:00:00Z', 'critical')).toBe('now');
    const deaf = berlin({ quietHours: { ...night, criticalPasses: false } });
    expect(mailAt(deaf, '2026-01-15T23:00:00Z', 'critical')).toBe('2026-01-16T06:00:00.000Z');
  });

  it('gathers hourly by the local hour, daily by the local time of day over DST', () => {
    const hourly = berlin({ timeZone: 'Asia/Kolkata', digest: { every: 'hourly', at: '08:00' } });
    expect(mailAt(hourly, '2026-01-15T10:10:00Z')).toBe('2026-01-15T10:30:00.000Z');
    const daily = berlin({ digest: { every: 'daily', at: '08:00' } });
    expect(mailAt(daily, '2026-03-28T10:00:00Z')).toBe('2026-03-29T06:00:00.000Z');
    expect(mailAt(daily, '2026-03-28T06:00:00Z')).toBe('2026-03-28T07:00:00.000Z');
    expect(mailAt(daily, '2026-03-28T10:00:00Z', 'critical')).toBe('now');
  });

  it('puts a digest that falls into the quiet hours to their end', () => {
    const both = berlin({ quietHours: night, digest: { every: 'daily', at: '06:00' } });
    expect(mailAt(both, '2026-01-15T12:00:00Z')).toBe('2026-01-16T06:00:00.000Z');
  });

  it('holds until the next quiet hours end where DST skips the pause between two', () => {
    const pause = berlin({ quietHours: { ...night, from: '03:00', to: '02:00' } });
    expect(mailAt(pause, '2026-03-27T12:00:00Z')).toBe('2026-03-28T01:00:00.000Z');
    expect(mailAt(pause, '2026-03-28T12:00:00Z')).toBe('2026-03-30T00:00:00.000Z');
  });

  it('never holds into the past, nor longer than two days, nor into quiet hours', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '15', '30'))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
    const preferences = fc.record({
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata'),
      quietHours: fc.record({ from: time, to: time, criticalPasses: fc.boolean() }).filter((q) => q.from !== q.to),
      digest: fc.record({ every: fc.constantFrom(...DIGESTS), at: time }),
    });
    const instant = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(preferences, instant, fc.constantFrom(...SEVERITIES), (some, now, severity) => {
        const own = berlin(some);
        const { email } = route(own, severity, now);
        if (typeof email === 'string') return;
        const hours = (email.heldUntil.getTime() - now.getTime()) / 3_600_000;
        expect(hours).toBeGreaterThan(0);
        // a day more where the clocks may skip all that is not quiet
        expect(hours).toBeLessThanOrEqual(pauseOf(own.quietHours!) > 60 ? 50 : 74);
        expect(quietUntil(own, email.heldUntil)).toBeUndefined();
      }),
    );
  });
});
