import { median, medianAbsoluteDeviation } from '../../common/stats/index.js';
import type { TestAssessment } from './flakiness.js';
import type { TestHistory } from './test-history.js';
import { PASSED } from './test-history.js';

export interface WeightedFigure {
  readonly status: 'ok' | 'insufficient_data';
  /** 0..1; null without data. */
  readonly value: number | null;
  /** Tests and runs it rests on. */
  readonly tests: number;
  readonly runs: number;
}

/** Mean weighted by runs; tests without a value are left out. */
const weighted = (items: readonly { readonly value: number | null; readonly runs: number }[]): WeightedFigure => {
  let [sum, runs, tests] = [0, 0, 0];
  for (const item of items) {
    if (item.value === null || item.runs === 0) continue;
    sum += item.value * item.runs;
    runs += item.runs;
    tests += 1;
  }
  return { status: runs > 0 ? 'ok' : 'insufficient_data', value: runs > 0 ? sum / runs : null, tests, runs };
};

/** 1 - phi's mean on the test's last segment; null below the 5 runs under which phi is little but its prior. */
export const testStability = (assessment: TestAssessment): number | null =>
  assessment.label === 'insufficient_data' || assessment.label === 'new' ? null : 1 - assessment.flakiness.mean;

/** Stability of a suite or project: that of its tests, weighted by runs. */
export const stability = (assessments: readonly TestAssessment[]): WeightedFigure =>
  weighted(assessments.map((one) => ({ value: testStability(one), runs: one.runs })));

/** Mean flakiness of a suite or project, weighted as its stability is: 1 - stability. */
export const flakinessIndex = (assessments: readonly TestAssessment[]): WeightedFigure =>
  weighted(assessments.map((one) => ({ value: invert(testStability(one)), runs: one.runs })));

const invert = (value: number | null): number | null => (value === null ? null : 1 - value);

const MINIMUM_DURATIONS = 5;

/**
 * 1 - min(1, MAD / median) of durations, any unit; null below 5 of them. A median of 0 is as stable as durations get
 * when nothing deviates, else not at all.
 */
export const durationStability = (durations: ArrayLike<number>): number | null => {
  if (durations.length < MINIMUM_DURATIONS) return null;
  const middle = median(durations);
  const deviation = medianAbsoluteDeviation(durations);
  if (middle <= 0) return deviation === 0 ? 1 : 0;
  return 1 - Math.min(1, deviation / middle);
};

/** The durations of a test's passing outcomes, microseconds. */
export const passingDurations = (history: TestHistory): Float64Array =>
  history.durationUs.filter((value, i) => history.status[i] === PASSED && Number.isFinite(value));

/** Duration stability of a suite or project: that of its tests, weighted by runs. */
export const suiteDurationStability = (histories: Iterable<TestHistory>): WeightedFigure =>
  weighted(
    Array.from(histories, (history) => {
      const durations = passingDurations(history);
      return { value: durationStability(durations), runs: durations.length };
    }),
  );
