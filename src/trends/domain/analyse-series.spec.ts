import { describe, expect, it } from '@jest/globals';
import type { SeriesAnalysis, SeriesToAnalyse } from './analyse-series.js';
import { analyseSeries } from './analyse-series.js';
import type { Anomaly } from './anomalies.js';
import { findAnomalies } from './anomalies.js';
import { correlate, correlateWithTime } from './correlation.js';
import { AWKWARD, assertFinite, autoregressive, normals } from './testing/series.js';

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
const analyse = (values: SeriesToAnalyse['values'], override: Partial<SeriesToAnalyse> = {}): SeriesAnalysis =>
  analyseSeries({
    values,
    n: values.map(() => 200),
    period: 'day',
    goodDirection: 'up',
    kind: 'rate',
    scale: 'rate',
    format: percent,
    ...override,
  });
const anomaliesOf = (input: Parameters<typeof findAnomalies>[0]): readonly Anomaly[] => {
  const answer = findAnomalies(input);
  if (answer.status !== 'ok') throw new Error(answer.reason);
  return answer.anomalies;
};

describe('findAnomalies', () => {
  const normal = normals(2);
  const rates = Array.from({ length: 60 }, () => 0.95 + 0.01 * normal());
  const n = rates.map(() => 400);

  it('flags a bad day with its expected range', () => {
    const values = rates.map((x, i) => (i === 33 ? 0.7 : x));
    const [bad, ...more] = anomaliesOf({ values, n, kind: 'rate' });
    expect(more).toEqual([]);
    expect(bad).toMatchObject({ position: 33, direction: 'below', n: 400, value: 0.7 });
    expect(bad!.expected).toBeCloseTo(0.95, 1);
    expect(bad!.expectedLow > 0.7 && bad!.expectedHigh <= 1 && bad!.score < -3.5).toBe(true);
  });

  it('never flags a rate of fewer than 20 results or within its own Wilson interval', () => {
    const values = rates.map((x, i) => (i === 33 ? 0.7 : x));
    expect(anomaliesOf({ values, n: n.map((_, i) => (i === 33 ? 19 : 400)), kind: 'rate' })).toEqual([]);
    expect(anomaliesOf({ values, kind: 'rate' })).toEqual([]);
    const mild = rates.map((x, i) => (i === 33 ? 0.88 : x));
    expect(anomaliesOf({ values: mild, n: n.map((_, i) => (i === 33 ? 25 : 400)), kind: 'rate' })).toEqual([]);
  });

  it('takes season, trend and change points into account', () => {
    const weekly = Array.from({ length: 70 }, (_, i) => 100 + 2 * i + (i % 7 === 0 ? 60 : 0) + normal());
    const profile = [60, 0, 0, 0, 0, 0, 0].map((x) => x - 60 / 7);
    expect(anomaliesOf({ values: weekly, kind: 'count', profile })).toEqual([]);
    const step = Array.from({ length: 70 }, (_, i) => (i < 35 ? 10 : 50) + 0.1 * normal());
    expect(anomaliesOf({ values: step, kind: 'other', changePoints: [35] })).toEqual([]);
  });

  it('flags less than one in a hundred points of noise', () => {
    let flagged = 0;
    for (let round = 0; round < 60; round++)
      flagged += anomaliesOf({ values: autoregressive(60, 0, normal).map((x) => x + 50), kind: 'other' }).length;
    expect(flagged / 3600).toBeLessThan(0.01);
  });
});

describe('correlate', () => {
  const normal = normals(8);

  it('knows perfect and absent correlation', () => {
    const x = Array.from({ length: 40 }, () => normal());
    expect(
      correlate(
        x,
        x.map((v) => 3 - 2 * v),
      ),
    ).toMatchObject({ pearson: { value: -1 }, spearman: { value: -1 } });
    const cubes = correlate(
      x,
      x.map((v) => v ** 3),
    );
    expect(cubes).toMatchObject({ status: 'ok', spearman: { value: 1 } });
    expect(
      correlate(
        x,
        x.map(() => 1),
      ),
    ).toMatchObject({ status: 'insufficient_data' });
    expect(correlate([1, null, 3], [1, 2, 3])).toMatchObject({ status: 'insufficient_data' });
  });

  it('knows the answers of SciPy (pearsonr, spearmanr)', () => {
    const answer = correlate([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 7, 8, 6, 5]);
    expect(answer).toMatchObject({ status: 'ok', n: 8 });
    if (answer.status === 'ok') expect(answer.pearson.value).toBeCloseTo(0.7380952380952381, 12);
  });

  it('has intervals that cover, also for autocorrelated series', () => {
    let covered = 0;
    for (let round = 0; round < 400; round++) {
      const rho = round % 2 ? 0.5 : 0;
      const answer = correlate(autoregressive(60, rho, normal), autoregressive(60, rho, normal));
      if (answer.status === 'ok' && answer.pearson.low <= 0 && 0 <= answer.pearson.high) covered += 1;
    }
    expect(covered / 400).toBeGreaterThan(0.92);
  });

  it('correlates with time', () => {
    expect(correlateWithTime(Array.from({ length: 30 }, (_, i) => i * 2))).toMatchObject({ pearson: { value: 1 } });
  });
});

describe('analyseSeries', () => {
  it('tells a year with a week, a regression and an outage apart', () => {
    const normal = normals(44);
    const values = Array.from({ length: 120 }, (_, i) => {
      const level = i >= 70 && i < 76 ? 0.88 : 0.97;
      return Math.min(1, level - (i % 7 === 3 ? 0.05 : 0) - (i === 30 ? 0.6 : 0) + 0.004 * normal());
    });
    const result = analyse(values, { horizon: 14, cycles: [{ name: 'sprint', lag: 10 }] });
    assertFinite(result);
    expect(result.seasonality).toMatchObject({ status: 'ok', season: { lag: 7 } });
    expect(result.anomalies).toMatchObject({ status: 'ok' });
    const burst = result.patterns.find((pattern) => pattern.kind === 'burst' && pattern.positions.includes(30));
    expect(burst?.text).toContain('Below its range for one day');
    expect(result.patterns.filter((pattern) => pattern.kind === 'season')).toHaveLength(1);
    expect(result.patterns.filter((pattern) => pattern.kind === 'cycle')).toHaveLength(0);
    expect(result.forecast).toMatchObject({ status: 'ok' });
  });

  it('calls a drift a drift and a step a step', () => {
    const normal = normals(45);
    const drift = analyse(
      Array.from({ length: 30 }, (_, i) => 0.9 + 0.002 * i + 0.008 * normal()),
      { n: undefined },
    );
    expect(drift.trend.direction).toBe('improving');
    const step = analyse(Array.from({ length: 60 }, (_, i) => (i < 30 ? 0.98 : 0.8) + 0.004 * normal()));
    expect(step.patterns.map((pattern) => pattern.kind)).toEqual(['step']);
    expect(step.patterns[0]!.text).toMatch(/^Stepped down from 9\d\.\d % to \d\d\.\d %$/);
  });

  it.each(Object.entries(AWKWARD))('never answers NaN: %s', (_, values) => {
    for (const period of ['hour', 'day', 'week', 'month'] as const)
      for (const kind of ['rate', 'count', 'other'] as const)
        assertFinite(analyse(values, { period, kind, horizon: 7, scale: kind === 'rate' ? 'rate' : 'positive' }));
  });
});
