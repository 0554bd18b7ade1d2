import { describe, expect, it } from '@jest/globals';
import { hamedRao, hamedRaoFactor, mannKendall, preWhitened } from './mann-kendall.js';
import { autocorrelation, countInversions, ranks } from './ranks.js';
import { MK_SERIES } from './testing/mk-series.js';
import { AWKWARD, assertFinite, autoregressive, normals } from './testing/series.js';
import { senSlope } from './theil-sen.js';
import { analyseTrend } from './trend.js';

const close = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
};

describe('known answers of pyMannKendall (statistics.md section 2)', () => {
  const values = MK_SERIES;

  it('Mann-Kendall', () => {
    const result = mannKendall(values);
    expect(result.s).toBe(-1959);
    close(result.variance, 4889800.333333333);
    close(result.z, -0.8854562842589916);
    close(result.p, 0.37591058740506833);
  });

  it('Theil-Sen', () => {
    const { slope, intercept } = senSlope(values, 4889800)!;
    close(slope, -0.006369426751592357);
    close(intercept, 96.15286624203821);
  });

  it('Hamed-Rao with three lags', () => {
    const result = hamedRao(values);
    close(result.variance, 14228919.889368296);
    close(result.p, 0.6037112685123898);
  });

  it('pre-whitening', () => {
    const result = preWhitened(values);
    close(result.variance, 4865719);
    close(result.p, 0.9212742990272651);
  });
});

describe('building blocks', () => {
  it('ranks with ties, counts inversions, correlates', () => {
    expect([...ranks([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
    expect(countInversions([3, 1, 2, 2])).toBe(3);
    expect(countInversions([])).toBe(0);
    expect([...autocorrelation([1, 1, 1], 2)]).toEqual([1, 0, 0]);
    expect(autocorrelation([1, -1, 1, -1], 1)[1]).toBeCloseTo(-0.75, 12);
  });

  it('selects slopes of a long series as a list would', () => {
    const normal = normals(4);
    const long = Array.from({ length: 2501 }, (_, i) => 0.01 * i + normal());
    const slopes: number[] = [];
    for (let i = 0; i < long.length; i++)
      for (let j = i + 1; j < long.length; j++) slopes.push((long[j]! - long[i]!) / (j - i));
    const sorted = Float64Array.from(slopes).sort();
    const { slope, low, high } = senSlope(long, 1_740_000_000)!;
    const middle = sorted.length / 2;
    expect(slope).toBeCloseTo((sorted[middle - 1]! + sorted[middle]!) / 2, 9);
    expect(low).toBeLessThan(slope);
    expect(high).toBeGreaterThan(slope);
  });

  it('never lets autocorrelation make a test more certain', () => {
    const alternating = Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1) + i / 1000);
    expect(hamedRaoFactor(alternating)).toBeLessThan(1);
    expect(hamedRao(alternating).variance).toBe(mannKendall(alternating).variance);
  });
});

describe('analyseTrend', () => {
  const ramp = (slope: number): number[] => {
    const normal = normals(7);
    return Array.from({ length: 60 }, (_, i) => 10 + slope * i + normal());
  };

  it('names the direction by what is good for the metric', () => {
    expect(analyseTrend(ramp(0.2), 'up')).toMatchObject({
      direction: 'improving',
      movement: 'rising',
      confirmed: true,
    });
    expect(analyseTrend(ramp(0.2), 'down').direction).toBe('degrading');
    expect(analyseTrend(ramp(-0.2), 'up').direction).toBe('degrading');
    expect(analyseTrend(ramp(0.2), 'none')).toMatchObject({ direction: 'stable', movement: 'rising' });
    expect(analyseTrend(ramp(0), 'up').direction).toBe('stable');
    const wild = autoregressive(60, 0, normals(10)).map((x) => 1 + x);
    expect(analyseTrend(wild, 'up').direction).toBe('volatile');
    expect(analyseTrend([1, 2, 3, 4, 5, 6, 7], 'up')).toMatchObject({ direction: 'insufficient_data', n: 7 });
  });

  it.each(Object.entries(AWKWARD))('never answers NaN: %s', (_, values) => {
    assertFinite(analyseTrend(values, 'up'));
  });

  it.each([
    [30, 0],
    [30, 0.3],
    [90, 0],
    [90, 0.3],
  ])('has at most .10 false positives at n = %d, autocorrelation %d', (n, rho) => {
    const normal = normals(n * 100 + rho * 10);
    const rounds = 400;
    let significant = 0;
    for (let round = 0; round < rounds; round++) {
      const answer = analyseTrend(autoregressive(n, rho, normal), 'up');
      if (answer.status === 'ok' && answer.movement !== 'none') significant += 1;
    }
    expect(significant / rounds).toBeLessThanOrEqual(0.1);
  });

  it('has a slope interval that covers 93-98 % for independent noise', () => {
    const normal = normals(77);
    const rounds = 400;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const values = autoregressive(40, 0, normal).map((x, i) => x + 0.05 * i);
      const answer = analyseTrend(values, 'up');
      if (answer.status === 'ok' && answer.slope.low <= 0.05 && 0.05 <= answer.slope.high) covered += 1;
    }
    expect(covered / rounds).toBeGreaterThanOrEqual(0.93);
    expect(covered / rounds).toBeLessThanOrEqual(0.98);
  });
});
