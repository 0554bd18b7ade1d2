import { describe, expect, it } from '@jest/globals';
import { describeTiming } from './describe-timing.js';
import { type TimingInput, toTiming } from './timing.js';

describe('the stored form of a timing', () => {
  it.each<[TimingInput, string, string]>([
    [{ every: 'day', at: '02:30' }, '30 2 * * *', 'Every day at 02:30 (UTC)'],
    [{ every: 'week', at: '08:05', weekdays: ['monday'] }, '5 8 * * 1', 'Every Monday at 08:05 (UTC)'],
    [
      { every: 'week', at: '08:00', weekdays: ['friday', 'sunday', 'friday', 'tuesday'] },
      '0 8 * * 0,2,5',
      'Every Sunday, Tuesday and Friday at 08:00 (UTC)',
    ],
    [{ every: 'month', at: '00:00', dayOfMonth: 15 }, '0 0 15 * *', 'On day 15 of each month at 00:00 (UTC)'],
    [
      { every: 'month', at: '23:59', dayOfMonth: 'last' },
      '59 23 L * *',
      'On the last day of each month at 23:59 (UTC)',
    ],
    [{ cron: '  0  9 * * mon-fri ' }, '0 9 * * MON-FRI', 'Cron 0 9 * * MON-FRI (UTC)'],
    [{ cron: '0 9 1 * 1' }, '0 9 1 * 1', 'Cron 0 9 1 * 1 (UTC)'],
    [{ cron: '0 9 * * 1#2' }, '0 9 * * 1#2', 'Cron 0 9 * * 1#2 (UTC)'],
  ])('of %j is %s', (input, cron, text) => {
    const timing = toTiming(input, 'UTC');
    expect(timing).toEqual({ cron, timeZone: 'UTC' });
    expect(describeTiming(timing)).toBe(text);
  });

  it.each<[TimingInput, string]>([
    [{}, '/cron'],
    [{ cron: '0 9 * * *', every: 'day', at: '09:00' }, '/cron'],
    [{ cron: '0 9 * * *', at: '09:00' }, '/at'],
    [{ every: 'day' }, '/at'],
    [{ every: 'week', at: '09:00' }, '/weekdays'],
    [{ every: 'day', at: '09:00', weekdays: ['monday'] }, '/weekdays'],
    [{ every: 'month', at: '09:00' }, '/dayOfMonth'],
    [{ every: 'week', at: '09:00', weekdays: ['monday'], dayOfMonth: 1 }, '/dayOfMonth'],
    [{ cron: '' }, '/cron'],
    [{ cron: '0 9 * *' }, '/cron'],
    [{ cron: '0 0 9 * * *' }, '/cron'],
    [{ cron: '@daily' }, '/cron'],
    [{ cron: '? 9 * * *' }, '/cron'],
    [{ cron: '60 9 * * *' }, '/cron'],
    [{ cron: '0 9 30 2 *' }, '/cron'],
    [{ cron: '0 9 * * FOO' }, '/cron'],
    [{ cron: '0 9 * * *;$(x)' }, '/cron'],
  ])('is refused for %j at %s', (input, pointer) => {
    let error: unknown;
    try {
      toTiming(input, 'UTC', '/timing');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'invalid_timing', errors: [{ pointer: `/timing${pointer}` }] });
  });
});
