import { describe, expect, it } from '@jest/globals';
import { FlakinessPosteriors, countTransitions, flakinessPosterior } from './flakiness-posterior.js';
import { chain, failedOf, seededRandom } from './testing/histories.js';

const of = (text: string) => flakinessPosterior(countTransitions(failedOf(text)));

describe('flakinessPosterior', () => {
  /** statistics.md section 1, four decimals. */
  it.each([
    ['P'.repeat(50), 0.0169, 0.0, 0.0824],
    ['F'.repeat(50), 0.0169, 0.0, 0.0824],
    ['P'.repeat(25) + 'F'.repeat(25), 0.02, 0.0, 0.0787],
    ['P'.repeat(25) + 'F' + 'P'.repeat(24), 0.0566, 0.0045, 0.1634],
    ['P'.repeat(20) + 'FFF', 0.0659, 0.0004, 0.2189],
    [('P'.repeat(9) + 'F').repeat(5), 0.2071, 0.0817, 0.3619],
    ['PF'.repeat(20), 0.9751, 0.9086, 0.9994],
    ['', 0.3634, 0.0008, 0.9606],
  ])('knows the answer for %s', (text, mean, low, high) => {
    const posterior = of(text);
    expect(posterior.mean.toFixed(4)).toBe(mean.toFixed(4));
    expect(posterior.low.toFixed(4)).toBe(low.toFixed(4));
    expect(posterior.high.toFixed(4)).toBe(high.toFixed(4));
  });

  it('selects the same elements as a sorted grid', () => {
    const a = Float64Array.from({ length: 200 }, (_, i) => ((i + 1) / 300) ** 2);
    const b = Float64Array.from({ length: 200 }, (_, i) => (i + 1) / 250);
    const grid = Float64Array.from({ length: 40_000 }, (_, k) => {
      const [x, y] = [a[Math.floor(k / 200)]!, b[k % 200]!];
      return (2 * x * y) / (x + y);
    }).sort();
    const posterior = flakinessPosterior({ nP: 1, nPF: 1, nF: 0, nFP: 0 }, (k) => (k === 1 ? a : b));
    expect(posterior.low).toBe(grid[1000]);
    expect(posterior.high).toBe(grid[39_000]);
    expect(posterior.aboveThreshold).toBeCloseTo(grid.filter((x) => x > 0.02).length / 40_000, 12);
  });

  it('is near 2p(1 - p) for independent runs', () => {
    const random = seededRandom(1);
    const failed = Uint8Array.from({ length: 20_000 }, () => (random() < 0.2 ? 1 : 0));
    expect(flakinessPosterior(countTransitions(failed)).mean).toBeCloseTo(0.32, 1);
  });

  it('covers phi on average: 93-98 %', () => {
    const random = seededRandom(11);
    const posteriors = new FlakinessPosteriors();
    const rounds = 1200;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const breaks = 0.01 + 0.49 * random();
      const heals = 0.01 + 0.49 * random();
      const phi = (2 * breaks * heals) / (breaks + heals);
      const { low, high } = posteriors.of(countTransitions(chain([10, 30, 100][round % 3]!, breaks, heals, random)));
      if (low <= phi && phi <= high) covered += 1;
    }
    expect(covered / rounds).toBeGreaterThanOrEqual(0.93);
    expect(covered / rounds).toBeLessThanOrEqual(0.98);
  });
});

describe('FlakinessPosteriors', () => {
  it('remembers within its bounds', () => {
    const posteriors = new FlakinessPosteriors(2);
    const counts = (nP: number) => ({ nP, nPF: 0, nF: 0, nFP: 0 });
    const first = posteriors.of(counts(1));
    expect(posteriors.of(counts(1))).toBe(first);
    posteriors.of(counts(2));
    posteriors.of(counts(1));
    posteriors.of(counts(3));
    expect(posteriors.of(counts(1))).toBe(first);
    expect(posteriors.of(counts(2))).toEqual(flakinessPosterior(counts(2)));
    expect(posteriors.of(counts(20_000)).mean).toBeLessThan(0.001);
  });
});
