import { describe, expect, it } from '@jest/globals';
import { Random } from './random.js';

describe('Random', () => {
  it('is uniform enough and depends on its label only', () => {
    const random = new Random('a');
    const values = Array.from({ length: 20_000 }, () => random.next());
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(new Random('a').next()).toBe(values[0]);
    expect(new Random('b').next()).not.toBe(values[0]);
  });

  it('forks streams that do not move their parent', () => {
    const [one, two] = [new Random('x'), new Random('x')];
    one.fork('y').next();
    expect(one.next()).toBe(two.next());
  });

  it('draws integers with both ends, and refuses to pick from nothing', () => {
    const random = new Random('ints');
    expect(new Set(Array.from({ length: 200 }, () => random.int(1, 3)))).toEqual(new Set([1, 2, 3]));
    expect(random.shuffle([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
