import { describe, expect, it } from '@jest/globals';
import { DAY_MS } from '../../src/demo/domain/calendar.js';
import { generateDemo } from '../../src/demo/domain/generate-demo.js';
import type { DemoTruth } from '../../src/demo/domain/truth.js';
import { findMetric, rateOf } from '../../src/metrics/index.js';
import { analyseTask } from '../../src/trends/analysis/analysis-task.js';
import type { SeriesAnalysis } from '../../src/trends/domain/analyse-series.js';

const NOW = new Date('2026-11-25T12:00:00Z');
/** Cycles that nobody built in, beside the known one. */
const OTHER_LAGS = [2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 21];

interface Seen {
  readonly truth: DemoTruth;
  readonly analysis: SeriesAnalysis;
  /** Position of the day of an instant. */
  readonly dayOf: (at: Date) => number;
}

/** The pass rate by day as the read model would give it: the last attempt of each test of each run. */
const look = (seed: number, days: number): Seen => {
  const { truth, runs } = generateDemo({ seed, days, now: NOW });
  const first = truth.from.getTime();
  const [passed, judged] = [new Array<number>(days).fill(0), new Array<number>(days).fill(0)];
  for (const { run, results } of runs) {
    const last = new Map<string, (typeof results)[number]>();
    for (const result of results)
      last.set(JSON.stringify([result.suite, result.name, result.parameters ?? {}]), result);
    for (const { status, startedAt } of last.values()) {
      if (status === 'skipped' || status === 'cancelled') continue;
      const day = Math.floor((Date.parse(startedAt ?? run.startedAt ?? '') - first) / DAY_MS);
      if (day >= days) continue;
      judged[day]! += 1;
      if (status === 'passed') passed[day]! += 1;
    }
  }
  const { kind, unit, goodDirection } = findMetric('pass_rate')!;
  const analysis = analyseTask({
    metric: { kind, unit, goodDirection },
    period: 'day',
    values: judged.map((n, day) => rateOf(passed[day]!, n).value),
    n: judged,
    cycles: OTHER_LAGS.map((lag) => ({ name: `every ${lag} days`, lag })),
  });
  return { truth, analysis, dayOf: (at) => Math.floor((at.getTime() - first) / DAY_MS) };
};

const expectTruth = ({ truth, analysis, dayOf }: Seen): void => {
  const { seasonality, changePoints, anomalies } = analysis;
  if (seasonality.status !== 'ok' || changePoints.status !== 'ok' || anomalies.status !== 'ok')
    throw new Error('refused');
  expect(seasonality.tested.filter(({ significant }) => significant).map(({ lag }) => lag)).toEqual([7]);
  const culprit = dayOf(truth.regression!.culprit.startedAt);
  const falls = changePoints.points.filter(({ before, after }) => after < before);
  expect(falls.some(({ low99, high99 }) => low99 <= culprit && culprit <= high99)).toBe(true);
  const outage = dayOf(truth.outage!.run.startedAt);
  expect(anomalies.anomalies).toContainEqual(expect.objectContaining({ position: outage, direction: 'below' }));
};

describe('on the demo, whose truth is known: season, culprit of the regression, day of the outage', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('a quarter, seed %d', (seed) => {
    expectTruth(look(seed, 90));
  });
  it.each([1, 2, 3, 4])('a year, seed %d', (seed) => {
    expectTruth(look(seed, 365));
  });
});
