import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CATCH_UP_POLICIES, planDue } from './catch-up.js';
import { nextOccurrence, nextOccurrences } from './occurrences.js';

const daily = { cron: '0 6 * * *', timeZone: 'UTC' };
const day = (n: number, time = '06:00'): Date => new Date(`2026-05-${String(n).padStart(2, '0')}T${time}:00Z`);

describe('what is due', () => {
  it('runs when it is on time, whatever the policy', () => {
    for (const policy of CATCH_UP_POLICIES)
      expect(planDue(daily, day(4), day(4, '06:01'), { policy, max: 3 })).toEqual({
        run: [{ at: day(4), missed: false }],
        skipped: [],
        more: false,
        next: day(5),
      });
  });

  it('is skipped after a downtime by skip', () => {
    expect(planDue(daily, day(4), day(6, '12:00'), { policy: 'skip', max: 10 })).toEqual({
      run: [],
      skipped: [day(4), day(5), day(6)],
      more: false,
      next: day(7),
    });
  });

  it('runs once by once', () => {
    expect(planDue(daily, day(4), day(6, '12:00'), { policy: 'once', max: 10 })).toMatchObject({
      run: [{ at: day(6), missed: true }],
      skipped: [day(4), day(5)],
    });
  });

  it('runs as often as it was missed by all, with a bound', () => {
    expect(planDue(daily, day(1), day(6, '12:00'), { policy: 'all', max: 3 })).toMatchObject({
      run: [
        { at: day(4), missed: true },
        { at: day(5), missed: true },
        { at: day(6), missed: true },
      ],
      skipped: [day(1), day(2), day(3)],
    });
  });

  it('is bounded after a year without anybody', () => {
    const minutely = { cron: '* * * * *', timeZone: 'Europe/Berlin' };
    const plan = planDue(minutely, new Date('2025-05-01T00:00:00Z'), day(1, '00:00'), { policy: 'all', max: 10 });
    expect(plan.run.map(({ at }) => at.toISOString().slice(11, 16))).toEqual([
      '23:51',
      '23:52',
      '23:53',
      '23:54',
      '23:55',
      '23:56',
      '23:57',
      '23:58',
      '23:59',
      '00:00',
    ]);
    expect(plan.skipped).toHaveLength(100);
    expect(plan.more).toBe(true);
    expect(plan.next).toEqual(day(1, '00:01'));
  });

  it('is all of the occurrences between, none twice, whatever the downtime', () => {
    const minutes = fc.integer({ min: 0, max: 10_000 });
    const cron = fc.constantFrom('0 6 * * *', '0 */5 * * *', '30 2 * * 1', '15 * * * *');
    const policy = fc.constantFrom(...CATCH_UP_POLICIES);
    fc.assert(
      fc.property(minutes, minutes, cron, policy, (begin, length, expression, chosen) => {
        const timing = { cron: expression, timeZone: 'Europe/Berlin' };
        const from = nextOccurrence(timing, new Date(Date.UTC(2026, 2, 22) + begin * 60_000))!;
        const now = new Date(from.getTime() + length * 60_000);
        const plan = planDue(timing, from, now, { policy: chosen, max: 10 });
        const planned = [...plan.run.map(({ at }) => at), ...plan.skipped].sort((a, b) => a.getTime() - b.getTime());
        const all = nextOccurrences(timing, new Date(from.getTime() - 1), 400).filter((at) => at <= now);
        expect(planned).toEqual(plan.more ? all.slice(-planned.length) : all);
        expect(plan.next).toEqual(nextOccurrence(timing, now));
        if (chosen === 'once') expect(plan.run).toHaveLength(1);
      }),
      { numRuns: 30 },
    );
  });
});
