import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { nextOccurrence, nextOccurrences } from './occurrences.js';
import { toTiming } from './timing.js';

const isoOf = (cron: string, timeZone: string, after: string, count: number): string[] =>
  nextOccurrences({ cron, timeZone }, new Date(after), count).map((at) =>
    DateTime.fromJSDate(at, { zone: timeZone }).toISO({ suppressMilliseconds: true, suppressSeconds: true })!,
  );

describe('occurrences on the day the clocks go forward', () => {
  it('run once, at the first instant there is', () => {
    expect(isoOf('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T02:30+01:00',
      '2026-03-29T03:00+02:00',
      '2026-03-30T02:30+02:00',
    ]);
  });

  it('run once where a jump throws several together', () => {
    expect(isoOf('0,30 2,3 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 3)).toEqual([
      '2026-03-29T03:00+02:00',
      '2026-03-29T03:30+02:00',
      '2026-03-30T02:00+02:00',
    ]);
  });

  it('stay on their day where the jump takes the end of it', () => {
    expect(isoOf('30 23 * * *', 'America/Scoresbysund', '2025-03-28T12:00:00Z', 3)).toEqual([
      '2025-03-28T23:30-02:00',
      '2025-03-29T22:59-02:00',
      '2025-03-30T23:30-01:00',
    ]);
  });

  it('begin the day where the jump takes its begin', () => {
    expect(isoOf('15 0 * * *', 'America/Havana', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T01:00-04:00',
      '2026-03-09T00:15-04:00',
    ]);
  });

  it('keep the beat when they mean every hour', () => {
    expect(isoOf('30 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 3)).toEqual([
      '2026-03-29T01:30+01:00',
      '2026-03-29T03:30+02:00',
      '2026-03-29T04:30+02:00',
    ]);
    expect(isoOf('0 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', 2)).toEqual([
      '2026-03-29T03:00+02:00',
      '2026-03-29T04:00+02:00',
    ]);
  });
});

describe('occurrences on the day the clocks go back', () => {
  it('run once, the first time the wall shows it', () => {
    expect(isoOf('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T02:30+02:00',
      '2026-10-26T02:30+01:00',
    ]);
    expect(isoOf('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:45:00Z', 1)).toEqual(['2026-10-26T02:30+01:00']);
  });

  it('run in both of two equal hours when they mean every hour', () => {
    expect(isoOf('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 4)).toEqual([
      '2026-10-25T02:00+02:00',
      '2026-10-25T02:00+01:00',
      '2026-10-25T03:00+01:00',
      '2026-10-25T04:00+01:00',
    ]);
  });
});

describe('occurrences', () => {
  it('know nothing of a date that a zone left out', () => {
    expect(isoOf('0 9 * * *', 'Pacific/Apia', '2011-12-29T00:00:00Z', 3)).toEqual([
      '2011-12-29T09:00-10:00',
      '2011-12-31T09:00+14:00',
      '2012-01-01T09:00+14:00',
    ]);
  });

  it('end with the century', () => {
    expect(nextOccurrence({ cron: '0 0 29 2 *', timeZone: 'UTC' }, new Date('2096-03-01'))).toBeUndefined();
  });

  it('are on the last day of each month', () => {
    expect(isoOf('0 7 L * *', 'UTC', '2026-01-31T08:00:00Z', 3)).toEqual([
      '2026-02-28T07:00Z',
      '2026-03-31T07:00Z',
      '2026-04-30T07:00Z',
    ]);
  });
});

const zones = Intl.supportedValuesOf('timeZone');
const aYear = fc.integer({ min: 1975, max: 2045 });
const aZone = fc.constantFrom(...zones);
const aTime = fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) });

/** Local dates that hold at least one minute of the given year. */
const datesOf = (timeZone: string, year: number): string[] => {
  const dates = new Set<string>();
  for (let at = Date.UTC(year, 0, 2); at < Date.UTC(year, 11, 30); at += 6 * 3_600_000)
    dates.add(DateTime.fromMillis(at, { zone: timeZone }).toISODate()!);
  return [...dates];
};

describe('a daily schedule of any zone and year', () => {
  it('has one run on each local day, each later than the one before', () => {
    fc.assert(
      fc.property(aZone, aYear, aTime, (timeZone, year, { hour, minute }) => {
        const at = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        const timing = toTiming({ every: 'day', at, timeZone }, 'UTC');
        const runs = nextOccurrences(timing, new Date(Date.UTC(year, 0, 1) - 3 * 86_400_000), 372);
        for (let i = 1; i < runs.length; i++) expect(runs[i]!.getTime()).toBeGreaterThan(runs[i - 1]!.getTime());
        const dates = runs.map((run) => DateTime.fromJSDate(run, { zone: timeZone }).toISODate()!);
        expect(new Set(dates).size).toBe(dates.length);
        const ran = new Set(dates);
        expect(datesOf(timeZone, year).filter((date) => !ran.has(date))).toEqual([]);
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  it('goes on from any instant where it would have gone on anyway', () => {
    const cron = fc.constantFrom('30 2 * * *', '*/20 * * * *', '0 */3 * * *', '15 0,1,2,23 * * *', '0 8 L * *');
    fc.assert(
      fc.property(
        aZone,
        aYear,
        cron,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (timeZone, year, expression, part) => {
          const timing = { cron: expression, timeZone };
          const from = Date.UTC(year, 0, 1) + Math.floor(part * 360 * 86_400_000);
          const [first, second] = nextOccurrences(timing, new Date(from), 2);
          const between = new Date((first!.getTime() + second!.getTime()) / 2);
          expect(nextOccurrence(timing, between)).toEqual(second);
          expect(nextOccurrence(timing, new Date(first!.getTime() - 1))).toEqual(first);
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);
});
