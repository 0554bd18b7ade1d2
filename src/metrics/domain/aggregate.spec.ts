import { describe, expect, it } from '@jest/globals';
import { emptyAggregate, mergeAggregate } from './aggregate.js';

describe('emptyAggregate', () => {
  it('has a histogram of its own, however many there are', () => {
    const all = Array.from({ length: 200 }, emptyAggregate);
    all.forEach(({ histogram }, i) => {
      histogram[0] = i;
      histogram[histogram.length - 1] = 2 * i;
    });
    for (const [i, { histogram }] of all.entries()) expect([histogram[0], histogram.at(-1)]).toEqual([i, 2 * i]);
    const sum = emptyAggregate();
    for (const one of all) mergeAggregate(sum, one);
    expect(sum.histogram[0]).toBe((199 * 200) / 2);
    expect(emptyAggregate().histogram.every((count) => count === 0)).toBe(true);
  });
});
