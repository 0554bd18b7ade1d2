import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { normalQuantile } from '../../common/stats/index.js';
import { adjustedP, slowerTests, testDurations } from './slower.js';

/** A seeded stream of uniform numbers in (0, 1). */
const uniforms = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
};

const durations = (next: () => number, n: number, sigma: number): number[] =>
  Array.from({ length: n }, () => 1e6 * Math.exp(sigma * normalQuantile(next())));

describe('testDurations', () => {
  it('says nothing of fewer than five reference durations, or none here', () => {
    expect(testDurations([1000], [1, 2, 3, 4])).toBeUndefined();
    expect(testDurations([], [1, 2, 3, 4, 5])).toBeUndefined();
  });

  it('takes equal durations for equal', () => {
    const found = testDurations([5000], new Array<number>(10).fill(5000));
    expect(found).toMatchObject({ p: 0.5, headN: 1, referenceN: 10 });
    expect(found?.ratio).toBeCloseTo(1, 12);
  });

  it('looks at the newest 30 and survives durations of 0', () => {
    const found = testDurations([0, 0], [...new Array<number>(30).fill(0), ...new Array<number>(30).fill(1e9)]);
    expect(found).toMatchObject({ p: 0.5, referenceN: 30 });
  });

  it('grows surer with the distance', () => {
    const reference = durations(uniforms(7), 20, 0.1);
    const ps = [1.05, 1.2, 1.5, 3].map((ratio) => testDurations([1e6 * ratio], reference)!.p);
    expect([...ps].sort((a, b) => b - a)).toEqual(ps);
    expect(ps[3]).toBeLessThan(1e-4);
  });

  it.each([5, 10, 30])('keeps its level with %i reference durations', (n) => {
    const next = uniforms(n);
    let [at5, at01] = [0, 0];
    const rounds = 4000;
    for (let i = 0; i < rounds; i++) {
      const { p } = testDurations(durations(next, 1, 0.3), durations(next, n, 0.3))!;
      if (p <= 0.05) at5++;
      if (p <= 0.001) at01++;
    }
    expect(at5 / rounds).toBeLessThan(0.065);
    expect(at01 / rounds).toBeLessThan(0.004);
  });
});

describe('adjustedP', () => {
  it('gives the known answer of Benjamini and Hochberg', () => {
    const ps = [0.01, 0.04, 0.03, 0.005];
    const expected = [0.02, 0.04, 0.04, 0.02];
    adjustedP(ps).forEach((q, i) => expect(q).toBeCloseTo(expected[i]!, 12));
    expect(adjustedP([])).toEqual([]);
  });

  it('never falls below p nor above 1, and keeps the order', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p), (ps) => {
        const qs = adjustedP(ps);
        qs.forEach((q, i) => {
          expect(q).toBeGreaterThanOrEqual(ps[i]!);
          expect(q).toBeLessThanOrEqual(1);
          ps.forEach((other, j) => expect(other >= ps[i]! || qs[j]! <= q).toBe(true));
        });
      }),
    );
  });
});

describe('slowerTests', () => {
  it('finds the slowed ones among thousands that only vary', () => {
    const next = uniforms(3);
    const tests = Array.from({ length: 2000 }, (_, test) => {
      const factor = test < 10 ? 3 : 1;
      return [test, durations(next, 1, 0.1).map((us) => us * factor), durations(next, 30, 0.1)] as const;
    });
    const { tested, slower } = slowerTests(tests);
    expect(tested).toBe(2000);
    expect(slower.filter(({ test }) => test < 10)).toHaveLength(10);
    expect(slower.length).toBeLessThanOrEqual(12);
  });

  it('leaves alone what is slower by less than 10 ms', () => {
    const steady = new Array<number>(30).fill(1000);
    expect(slowerTests([[1, [9000], steady]]).slower).toEqual([]);
    expect(slowerTests([]).tested).toBe(0);
  });
});
