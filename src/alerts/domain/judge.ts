import type { AbsentAnswer, AlertRule, Condition, Level } from './rule.js';

/** What a value is held against, for people: the threshold, or what history lets expect. */
export interface Expected {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** One value of a rule, of one group, at one moment. */
export interface Figure {
  /** In the metric's unit; null where nothing could be computed, such as a rate of skipped tests only. */
  readonly value: number | null;
  /** What the thresholds look at: the value itself, or a score, a drop, a number of tests (see the condition). */
  readonly measure: number | null;
  /** Outcomes, durations or runs behind it. */
  readonly n: number;
  /** 95 % interval; null where the metric has none. */
  readonly low: number | null;
  readonly high: number | null;
  readonly expected: Expected;
}

/** What an evaluation says of one alert. */
export type Evaluation =
  | {
      readonly kind: 'value';
      /** null: no threshold is crossed. */
      readonly level: Level | null;
      /** No threshold is crossed, and the recovery threshold is reached as well. */
      readonly cleared: boolean;
      readonly figure: Figure;
    }
  /** Too small a sample: nothing is decided. */
  | { readonly kind: 'undecided'; readonly figure: Figure }
  /** Other groups of the rule have values, this one has none any more. */
  | { readonly kind: 'vanished' }
  /** No series at all, or the query failed: the rule says what that stands for. */
  | { readonly kind: 'no_data'; readonly answer: AbsentAnswer }
  | { readonly kind: 'error'; readonly answer: AbsentAnswer };

export type Thresholds = Pick<AlertRule, 'condition' | 'warning' | 'critical' | 'recovery' | 'minimumSample'>;

/** `below` is the one condition under which a small measure is the bad one. */
export const isLowBad = (condition: Condition): boolean => condition === 'below';

/** A threshold is crossed when the value is beyond it; a value that equals it is still good. */
const beyond = (measure: number, threshold: number | undefined, lowIsBad: boolean): boolean =>
  threshold !== undefined && (lowIsBad ? measure < threshold : measure > threshold);

/** Changes are "at least so large": a drop by 0.05 is a drop by 0.05. */
const AT_LEAST: ReadonlySet<Condition> = new Set(['drops_by', 'change_point', 'outside_expected']);

/** Whether a measure is on the bad side of a threshold; without one it is not. */
export const crosses = (measure: number, threshold: number | undefined, condition: Condition): boolean =>
  AT_LEAST.has(condition)
    ? threshold !== undefined && measure >= threshold && measure > 0
    : beyond(measure, threshold, isLowBad(condition));

/**
 * Holds a figure against the thresholds of a rule. A value of nothing and a sample below the minimum decide nothing,
 * whatever the value: neither does an alert begin nor does one end.
 */
export const judge = (rule: Thresholds, figure: Figure): Evaluation => {
  const { condition, warning, critical, recovery } = rule;
  const { measure, n } = figure;
  if (measure === null || Number.isNaN(measure) || n < rule.minimumSample) return { kind: 'undecided', figure };
  const level = crosses(measure, critical, condition)
    ? 'critical'
    : crosses(measure, warning, condition)
      ? 'warning'
      : null;
  const cleared = level === null && !beyond(measure, recovery, isLowBad(condition));
  return { kind: 'value', level, cleared, figure };
};
