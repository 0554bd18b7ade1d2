import { describe, expect, it } from '@jest/globals';
import { seededNormal, seededRandom } from '../../common/stats/index.js';
import { filled } from './forecast-scale.js';
import type { ForecastOptions } from './forecast.js';
import { forecast } from './forecast.js';
import { AWKWARD, assertFinite } from './testing/series.js';

const options = (override: Partial<ForecastOptions> = {}): ForecastOptions => ({
  horizon: 14,
  lags: [7],
  scale: 'positive',
  ...override,
});
const uniform = seededRandom(99);
const normal = seededNormal(uniform);
const weekly = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => 100 * Math.exp((i % 7 === 1 ? 0.6 : 0) + 0.2 * normal()));
const noise = (n: number): number[] => Array.from({ length: n }, () => 100 * Math.exp(0.2 * normal()));
const persistent = (n: number): number[] => {
  let x = 0;
  return Array.from({ length: n }, () => {
    x = 0.5 * x + 0.2 * normal();
    return 100 * Math.exp(x);
  });
};
const rate = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => {
    let passed = 0;
    for (let k = 0; k < 300; k++) if (uniform() < (i % 7 === 1 ? 0.9 : 0.96)) passed += 1;
    return passed / 300;
  });

/** Shares of the truth within the intervals, over four kinds of series. */
const coverage = (n: number, horizon: number, rounds: number): { in80: number; in95: number; relative: number } => {
  const kinds = [
    [weekly, 'positive'] as const,
    [noise, 'positive'] as const,
    [persistent, 'positive'] as const,
    [rate, 'rate'] as const,
  ];
  let [in80, in95, total, relative, forecasts] = [0, 0, 0, 0, 0];
  for (const [make, scale] of kinds)
    for (let round = 0; round < rounds; round++) {
      const series = make(n + horizon);
      const answer = forecast(series.slice(0, n), options({ scale, horizon }));
      if (answer.status !== 'ok') throw new Error(answer.reason);
      forecasts += 1;
      relative += answer.accuracy.relativeToSeasonalNaive!;
      answer.points.forEach((point, h) => {
        const truth = series[n + h]!;
        total += 1;
        if (point.low95 <= truth && truth <= point.high95) in95 += 1;
        if (point.low80 <= truth && truth <= point.high80) in80 += 1;
        expect(point.low95 <= point.low80 && point.low80 <= point.value).toBe(true);
        expect(point.value <= point.high80 && point.high80 <= point.high95).toBe(true);
      });
    }
  return { in80: in80 / total, in95: in95 / total, relative: relative / forecasts };
};

describe('forecast', () => {
  // 1,000 and more outcomes each: the standard error of a coverage is about .02, since those of one series go together
  it.each([
    [90, 14, 18],
    [30, 14, 18],
    [30, 7, 25],
    [30, 1, 70],
  ])(
    'covers .92-.98 and .76-.90 with its intervals, and is better than seasonal naive: n = %d, %d steps',
    (n, horizon, rounds) => {
      const { in80, in95, relative } = coverage(n, horizon, rounds);
      console.log(
        `forecast, n = ${n}, ${horizon} steps: 80 % intervals cover ${in80.toFixed(3)}, 95 % ${in95.toFixed(3)}`,
      );
      expect(in95).toBeGreaterThanOrEqual(0.92);
      expect(in95).toBeLessThanOrEqual(0.98);
      expect(in80).toBeGreaterThanOrEqual(0.76);
      expect(in80).toBeLessThanOrEqual(0.9);
      expect(relative).toBeLessThan(0.95);
    },
  );

  it('uses the season where there is one, and says how good it is', () => {
    const answer = forecast(weekly(120), options());
    if (answer.status !== 'ok') throw new Error(answer.reason);
    expect(answer.model).toBe('mstl_ets');
    expect(answer.points).toHaveLength(14);
    const highest = answer.points.reduce((a, b) => (b.value > a.value ? b : a));
    expect((119 + highest.step) % 7).toBe(1);
    expect(answer.accuracy.mase).toBeLessThan(1);
    expect(answer.accuracy.coverage95).toBeGreaterThan(0.8);
  });

  it('keeps the intervals of a rate in 0..1 and of a duration above 0', () => {
    const rates = forecast(
      Array.from({ length: 60 }, (_, i) => 0.995 + 0.005 * Math.sin(i)),
      options({ scale: 'rate', horizon: 90 }),
    );
    if (rates.status !== 'ok') throw new Error(rates.reason);
    for (const { low95, high95 } of rates.points) expect(low95 >= 0 && high95 <= 1).toBe(true);
    const counts = forecast(
      Array.from({ length: 60 }, (_, i) => i % 3),
      options({ lags: [] }),
    );
    if (counts.status !== 'ok') throw new Error(counts.reason);
    for (const { low95 } of counts.points) expect(low95).toBeGreaterThanOrEqual(0);
  });

  it('refuses fewer than 10 points, fewer than two periods, and a horizon out of 1..90', () => {
    expect(forecast(noise(9), options({ lags: [] }))).toMatchObject({ status: 'insufficient_data' });
    expect(forecast(noise(13), options())).toMatchObject({ reason: 'a forecast needs 14 points, there are 13' });
    expect(forecast(noise(14), options()).status).toBe('ok');
    expect(forecast(noise(60), options({ lags: [52] })).status).toBe('ok');
    expect(forecast(noise(60), options({ horizon: 91 }))).toMatchObject({ status: 'insufficient_data' });
  });

  it('is the same each time and leaves its input alone', () => {
    const series = weekly(60);
    const copy = [...series];
    expect(forecast(series, options())).toEqual(forecast(series, options()));
    expect(series).toEqual(copy);
  });

  it('knows that a constant stays', () => {
    const answer = forecast(new Array<number>(40).fill(1), options({ scale: 'rate' }));
    if (answer.status !== 'ok') throw new Error(answer.reason);
    expect(answer.points[0]).toMatchObject({ value: 1, low95: 1, high95: 1 });
    expect(answer.accuracy).toMatchObject({ mase: null, relativeToSeasonalNaive: null });
  });

  it.each(Object.entries(AWKWARD))('never answers NaN: %s', (_, values) => {
    for (const scale of ['rate', 'positive', 'plain'] as const)
      for (const horizon of [1, 90]) assertFinite(forecast(values, options({ scale, horizon })));
  });
});

describe('filled', () => {
  it('draws a line through gaps and holds the ends', () => {
    expect([...filled([null, 1, null, null, 4, null])]).toEqual([1, 1, 2, 3, 4, 4]);
  });
});
