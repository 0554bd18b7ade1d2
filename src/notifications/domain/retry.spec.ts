import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { nextAttemptAt, parseRetryAfter, STANDARD_RETRIES } from './retry.js';

const now = new Date('2026-03-01T12:00:00Z');
const secondsAfter = (made: number, random = 0.5, retryAfterMs?: number): number | undefined => {
  const at = nextAttemptAt(made, now, STANDARD_RETRIES, random, retryAfterMs);
  return at && (at.getTime() - now.getTime()) / 1000;
};

describe('nextAttemptAt', () => {
  it('follows 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and then gives up', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((made) => secondsAfter(made))).toEqual([
      5,
      300,
      1800,
      7200,
      18_000,
      36_000,
      undefined,
      undefined,
    ]);
  });

  it('spreads each delay by a tenth both ways', () => {
    expect([secondsAfter(2, 0), secondsAfter(2, 1)]).toEqual([270, 330]);
  });

  it('waits as long as the receiver asks, and never shorter than the schedule', () => {
    expect(secondsAfter(1, 0.5, 60_000)).toBe(60);
    expect(secondsAfter(3, 0.5, 60_000)).toBe(1800);
    expect(secondsAfter(7, 0.5, 60_000)).toBeUndefined();
  });

  it('never lies in the past', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.double({ min: 0, max: 1, noNaN: true }), fc.integer(), (made, random, after) => {
        expect(secondsAfter(made, random, after)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('parseRetryAfter', () => {
  it.each([
    ['120', 120_000],
    ['Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['86400', 86_400_000],
    ['999999999', 86_400_000],
    ['Sun, 01 Mar 2099 12:00:30 GMT', 86_400_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});
