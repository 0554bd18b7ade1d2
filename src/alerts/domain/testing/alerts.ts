import type { Evaluation, Figure } from '../judge.js';
import type { AbsentAnswer, Level } from '../rule.js';

export const MINUTE = 60_000;
const START = Date.UTC(2026, 5, 30);

/** So many minutes into the test's day. */
export const at = (minute: number): Date => new Date(START + minute * MINUTE);

export const figure = (n: number): Figure => ({
  value: 0.5,
  measure: 0.5,
  n,
  low: 0.4,
  high: 0.6,
  expected: { value: 0.9, low: null, high: null },
});

export const value = (level: Level | null, cleared = level === null): Evaluation => ({
  kind: 'value',
  level,
  cleared,
  figure: figure(100),
});

export const absentOf = (kind: 'no_data' | 'error', answer: AbsentAnswer): Evaluation => ({ kind, answer });
