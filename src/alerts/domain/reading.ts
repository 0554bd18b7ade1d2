import type { MetricValue } from '../../metrics/index.js';
import type { Expected, Figure } from './judge.js';
import type { Group } from './rule.js';

/** One group's figure at one evaluation. */
export interface Reading {
  readonly group: Group;
  readonly figure: Figure;
}

export const NOTHING_EXPECTED: Expected = { value: null, low: null, high: null };

const finite = (value: number | null | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** A metric's value as a figure; `measure` is the value where nothing else is looked at. */
export const toFigure = (
  metric: MetricValue,
  measure: number | null = metric.value,
  expected: Expected = NOTHING_EXPECTED,
): Figure => ({
  value: finite(metric.value),
  measure: finite(measure),
  n: metric.n,
  low: finite(metric.low),
  high: finite(metric.high),
  expected,
});

const QUARTER_MS = 900_000;

/**
 * The window of a rule that ends now, in whole quarter hours: what rollups answer without reading attempts. The running
 * quarter is in it.
 */
export const windowAt = (now: Date, windowMs: number, timeZone: string) => {
  const end = Math.ceil((now.getTime() + 1) / QUARTER_MS) * QUARTER_MS;
  const length = Math.max(QUARTER_MS, Math.ceil(windowMs / QUARTER_MS) * QUARTER_MS);
  return { from: new Date(end - length), to: new Date(end), timeZone };
};
