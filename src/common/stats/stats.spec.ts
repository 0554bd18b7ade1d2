import { describe, expect, it } from '@jest/globals';
import {
  betaCdf,
  betaQuantile,
  betaQuantiles,
  jeffreys,
  lnBeta,
  lnGamma,
  medianAbsoluteDeviation,
  median,
  medianInPlace,
  normalCdf,
  normalQuantile,
  quantileSorted,
  seededRandom,
  selectRank,
  studentTCdf,
  studentTQuantile,
  twoSidedP,
  welch,
  wilson,
} from './index.js';

const close = (actual: number, expected: number, relative = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));
};

/** Expected values: SciPy 1.x, unless a line says otherwise. */
describe('special functions', () => {
  it('knows lnGamma and lnBeta', () => {
    close(lnGamma(0.3), 1.0957979948180756);
    close(lnGamma(0.5), 0.5723649429247);
    close(lnGamma(7.25), 7.0521854507385395);
    close(lnGamma(1234.5), 7550.550901077894);
    close(lnBeta(0.3, 0.5), 1.5161032593429382);
    close(lnBeta(100.5, 3), -13.16693214399949);
    expect(lnGamma(0)).toBeNaN();
  });

  it('knows the normal distribution far into its tails', () => {
    close(normalCdf(-1.3), 0.09680048458561036);
    close(normalCdf(-5), 2.866515718791933e-7);
    close(twoSidedP(3), 2 * 0.0013498980316300933);
    close(normalQuantile(0.01), -2.3263478740408408);
    close(normalQuantile(1e-8), -5.612001244174789);
    close(normalQuantile(0.975), 1.959963984540054);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(2)).toBeNaN();
  });

  it('knows the beta distribution function', () => {
    close(betaCdf(0.01, 2.5, 98.5), 0.15015453247912666);
    close(betaCdf(0.3, 0.5, 0.5), 0.36901011956554536);
    close(betaCdf(1e-5, 0.5, 50.5), 0.025290308410839495);
    close(betaCdf(0.9, 30, 2), 0.1695646331008649);
  });

  it('knows beta quantiles, tiny ones relatively exact', () => {
    close(betaQuantile(0.025, 2.5, 98.5), 0.004178812447471804);
    close(betaQuantile(0.975, 2.5, 98.5), 0.06260584878481136);
    close(betaQuantile(0.025, 0.5, 50.5), 9.771663301804052e-6);
    close(betaQuantile(0.0025, 0.5, 50.5), 9.768544475390546e-8);
    close(betaQuantile(0.9975, 0.5, 0.5), 0.9999845788223948);
    close(betaQuantile(0.5, 1000.5, 10.5), 0.9899353973073325);
    close(betaQuantile(0.05, 3.5, 0.5), 0.5559328905389822);
    expect(betaQuantile(0, 1, 1)).toBe(0);
    expect(betaQuantile(1.1, 1, 1)).toBeNaN();
  });

  it('gives many quantiles as it gives one', () => {
    const ps = Array.from({ length: 200 }, (_, i) => (i + 0.5) / 200);
    for (const [a, b] of [
      [0.5, 0.5],
      [0.5, 5000.5],
      [300.5, 0.5],
      [12.5, 40.5],
    ] as const) {
      const many = betaQuantiles(ps, a, b);
      ps.forEach((p, i) => {
        close(many[i]!, betaQuantile(p, a, b), 1e-11);
        expect(Math.abs(betaCdf(many[i]!, a, b) - p)).toBeLessThan(1e-9);
      });
    }
  });

  it('knows Student t', () => {
    close(studentTCdf(2, 5), 0.9490302605850708);
    close(studentTCdf(-1.3, 12.5), 0.10853100531714449);
    close(studentTQuantile(0.975, 5), 2.5705818356363146);
    close(studentTQuantile(0.1, 12.5), -1.3530668727547324);
    close(studentTQuantile(0.999, 3), 10.214531852407383);
  });
});

describe('intervals of a rate', () => {
  it('knows Wilson', () => {
    close(wilson(0, 10).high, 0.27753279986288926);
    close(wilson(3, 10).low, 0.10779126740630102);
    close(wilson(3, 10).high, 0.6032218525388546);
    close(wilson(50, 100).low, 0.4038315303659956);
    close(wilson(100, 100).low, 0.9630065017930143);
    expect([wilson(0, 10).low, wilson(100, 100).high]).toEqual([0, 1]);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('knows the failure rates of statistics.md section 1', () => {
    const two = jeffreys(2, 100);
    expect(two.mean).toBeCloseTo(0.024752, 6);
    expect(two.low).toBeCloseTo(0.004179, 6);
    expect(two.high).toBeCloseTo(0.062606, 6);
    expect(1 - betaCdf(0.01, 2.5, 98.5)).toBeCloseTo(0.849845, 6);
    const none = jeffreys(0, 50);
    expect(none.mean).toBeCloseTo(0.009804, 6);
    expect(none.low).toBeCloseTo(0.00001, 6);
    expect(none.high).toBeCloseTo(0.048758, 6);
  });

  it('covers as section 8 says: 93-98 % averaged over p from U(.01, .5) and n of 10, 30, 100', () => {
    const random = seededRandom(8);
    for (const interval of [wilson, jeffreys]) {
      let covered = 0;
      const rounds = 3000;
      for (let round = 0; round < rounds; round++) {
        const p = 0.01 + 0.49 * random();
        const n = [10, 30, 100][round % 3]!;
        let k = 0;
        for (let i = 0; i < n; i++) if (random() < p) k += 1;
        const { low, high } = interval(k, n);
        if (low <= p && p <= high) covered += 1;
      }
      expect(covered / rounds).toBeGreaterThan(0.93);
      expect(covered / rounds).toBeLessThan(0.98);
    }
  });
});

describe('descriptive figures', () => {
  it('answers medians without touching its input', () => {
    const values = [5, 1, 3];
    expect(median(values)).toBe(3);
    expect(values).toEqual([5, 1, 3]);
    expect(medianAbsoluteDeviation([1, 2, 3, 100])).toBe(1);
    expect(quantileSorted([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('selects a rank, and the median, as sorting would, ties included', () => {
    const random = seededRandom(5);
    for (let n = 0; n < 60; n++) {
      const values = Float64Array.from({ length: n }, () => Math.floor(8 * random()) / 3);
      const sorted = values.slice().sort();
      expect(medianInPlace(values.slice())).toBe(median(sorted));
      for (let k = 0; k < n; k++) expect(selectRank(values, k)).toBe(sorted[k]);
    }
  });

  it('tests two means by Welch (SciPy ttest_ind, equal_var=False)', () => {
    const result = welch({ n: 5, mean: 10, variance: 4 }, { n: 8, mean: 13, variance: 9 });
    close(result!.t, 2.1622499104693413);
    close(result!.df, 10.873198847262248);
    expect(welch({ n: 1, mean: 0, variance: 0 }, { n: 8, mean: 13, variance: 9 })).toBeUndefined();
    expect(welch({ n: 3, mean: 0, variance: 0 }, { n: 8, mean: 13, variance: 0 })).toBeUndefined();
  });
});
