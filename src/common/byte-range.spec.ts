import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ifRangeHolds, rangeOf } from './byte-range.js';

describe('rangeOf', () => {
  it.each([
    [undefined, 10, 'whole'],
    ['bytes=0-0', 10, { first: 0, last: 0 }],
    ['bytes=2-4', 10, { first: 2, last: 4 }],
    ['bytes=2-', 10, { first: 2, last: 9 }],
    ['bytes=-3', 10, { first: 7, last: 9 }],
    ['bytes=-30', 10, { first: 0, last: 9 }],
    ['bytes=8-99', 10, { first: 8, last: 9 }],
    ['bytes=10-', 10, 'none'],
    ['bytes=-0', 10, 'none'],
    ['bytes=0-', 0, 'none'],
    ['bytes=4-2', 10, 'whole'],
    ['bytes=0-1,4-5', 10, 'whole'],
    ['bytes=-', 10, 'whole'],
    ['items=0-1', 10, 'whole'],
    ['bytes=1e3-', 10, 'whole'],
  ])('%s of %d bytes', (header, length, range) => {
    expect(rangeOf(header, length)).toEqual(range);
  });

  it('lies within the file, whatever is asked', () => {
    const place = fc.option(fc.nat(2_000), { nil: undefined });
    fc.assert(
      fc.property(place, place, fc.nat(1_000), (from, to, length) => {
        const range = rangeOf(`bytes=${from ?? ''}-${to ?? ''}`, length);
        if (range === 'whole' || range === 'none') return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeGreaterThanOrEqual(range.first);
        expect(range.last).toBeLessThan(length);
        if (from !== undefined) expect(range.first).toBe(from);
      }),
    );
  });
});

describe('ifRangeHolds', () => {
  it('holds for the same strong tag, and where nothing is said', () => {
    expect(ifRangeHolds(undefined, '"a"')).toBe(true);
    expect(ifRangeHolds(' "a" ', '"a"')).toBe(true);
    for (const header of ['"b"', 'W/"a"', 'Wed, 21 Oct 2026 07:28:00 GMT', ''])
      expect(ifRangeHolds(header, '"a"')).toBe(false);
  });
});
