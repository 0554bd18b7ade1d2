import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { namePairs, pairSimilarity } from './name-pairs.js';

const similarity = (a: string, b: string): number => pairSimilarity(namePairs(a), namePairs(b));

describe('pairSimilarity', () => {
  it('is 1 for equal names whatever their case, 0 for nothing in common', () => {
    expect(similarity('Pays by card', 'pays by CARD')).toBe(1);
    expect(similarity('abc', 'xyz')).toBe(0);
    expect(similarity('', '')).toBe(1);
  });

  it('counts a pair as often as both have it', () => {
    // " a", "aa", "aa", "a " against " a", "aa", "a "
    expect(similarity('aaa', 'aa')).toBeCloseTo(6 / 7, 12);
  });

  it('is the same both ways, and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const one = similarity(a, b);
        expect(one).toBe(similarity(b, a));
        expect(one).toBeGreaterThanOrEqual(0);
        expect(one).toBeLessThanOrEqual(1);
        expect(similarity(a, a)).toBe(1);
      }),
    );
  });
});
