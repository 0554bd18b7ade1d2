import { describe, expect, it } from '@jest/globals';
import { findMetric } from '../../metrics/index.js';
import { analyseTask, type AnalysisTask, formatOf } from './analysis-task.js';

const taskOf = (metric: string, values: readonly (number | null)[], horizon?: number): AnalysisTask => ({
  metric: findMetric(metric)!,
  period: 'day',
  values,
  n: values.map(() => 100),
  cycles: [],
  ...(horizon !== undefined && { horizon }),
});

describe('formatOf', () => {
  it.each([
    ['ratio', 0.98765, '98.8 %'],
    ['ms', 12.34567, '12.3 ms'],
    ['ms', 12_345, '12.3 s'],
    ['ms', 90_000, '1.5 min'],
    ['ms', 7_200_000, '2 h'],
    ['count', 1234, '1234'],
    ['number', 71.23456, '71.23'],
  ] as const)('of a %s: %d', (unit, value, text) => {
    expect(formatOf(unit)(value)).toBe(text);
  });
});

describe('analyseTask', () => {
  it('keeps forecasts of a rate in 0..1, and of durations and counts above 0', () => {
    const wave = Array.from({ length: 40 }, (_, i) => Math.sin(i) ** 2);
    for (const [metric, size] of [
      ['pass_rate', 1],
      ['duration_avg', 1000],
      ['executions', 50],
    ] as const) {
      const { forecast } = analyseTask(
        taskOf(
          metric,
          wave.map((x) => x * size),
          30,
        ),
      );
      if (forecast?.status !== 'ok') throw new Error('refused');
      for (const { low95, high95 } of forecast.points) {
        expect(low95).toBeGreaterThanOrEqual(0);
        if (metric === 'pass_rate') expect(high95).toBeLessThanOrEqual(1);
      }
    }
  });
  it('refuses every part of an empty series', () => {
    const { summary, trend, changePoints, anomalies, seasonality, forecast } = analyseTask(taskOf('runs', [], 5));
    for (const part of [summary, trend, changePoints, anomalies, seasonality, forecast])
      expect(part?.status).toBe('insufficient_data');
  });
});
