import type { MetricUnit } from '../../metrics/index.js';
import { type AlertCause, type AlertStatus, isOpen } from './alert.js';
import { crosses, type Figure } from './judge.js';
import type { Condition } from './rule.js';

const digits = (value: number): string => String(Number(value.toPrecision(4)));

const MS_UNITS = [
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
] as const;

/** A value in its unit, as people write it: 75 %, 1.5 s, 12. */
export const valueText = (value: number | null, unit: MetricUnit): string => {
  if (value === null) return 'nothing';
  if (unit === 'ratio') return `${digits(value * 100)} %`;
  if (unit !== 'ms') return digits(value);
  const [size, name] = MS_UNITS.find(([from]) => Math.abs(value) >= from) ?? [1, 'ms'];
  return `${digits(value / size)} ${name}`;
};

const differenceText = (value: number, unit: MetricUnit): string =>
  unit === 'ratio' ? `${digits(value * 100)} percentage points` : valueText(value, unit);

export interface FigureFacts {
  readonly status: AlertStatus;
  /** Of the rule; undefined where it is gone. */
  readonly condition: Condition | undefined;
  readonly unit: MetricUnit;
  readonly threshold: number | undefined;
  readonly figure: Figure | undefined;
  readonly cause: AlertCause;
}

/** What is wrong now: the figure is beyond the threshold. */
const presentText = (condition: Condition, figure: Figure, bound: number, unit: MetricUnit): string => {
  const value = valueText(figure.value, unit);
  const { expected, measure } = figure;
  switch (condition) {
    case 'above':
    case 'below':
      return `${value}, ${condition} ${valueText(bound, unit)}`;
    case 'outside_expected':
      return `${value}, expected ${valueText(expected.low, unit)} to ${valueText(expected.high, unit)}`;
    case 'change_point':
      return `${value} after ${valueText(expected.value, unit)}, a change by ${differenceText(measure ?? 0, unit)}`;
    case 'drops_by':
      return `${value} after ${valueText(expected.value, unit)}, a drop by ${differenceText(measure ?? 0, unit)} (limit ${differenceText(bound, unit)})`;
    case 'new_failures':
      return `${digits(figure.value ?? 0)} tests fail that did not before (limit ${digits(bound)})`;
  }
};

/** What was wrong: by how much is not known any more, only that it was beyond the threshold. */
const pastText = (condition: Condition, bound: number, unit: MetricUnit): string => {
  switch (condition) {
    case 'above':
    case 'below':
      return `was ${condition} ${valueText(bound, unit)}`;
    case 'outside_expected':
      return 'was outside of what is expected';
    case 'change_point':
      return `had changed by ${differenceText(bound, unit)} or more`;
    case 'drops_by':
      return `had dropped by ${differenceText(bound, unit)} or more`;
    case 'new_failures':
      return `had more than ${digits(bound)} tests that failed and did not before`;
  }
};

const absentText = (cause: 'no_data' | 'error', status: AlertStatus): string => {
  if (status === 'firing' || status === 'pending')
    return cause === 'no_data' ? 'there are no results' : 'the evaluation fails';
  const before = cause === 'no_data' ? 'there were no results' : 'the evaluation failed';
  return `${before}; ${status === 'recovering' ? 'not recovered yet' : 'over by now'}`;
};

/**
 * How bad it is, against what is expected: one sentence without its end. An alert may be on although its newest figure
 * is good again (a recovery threshold, `keepFiringFor`), and over by the time that somebody is told of it.
 */
export const figureText = ({ status, condition, unit, threshold, figure, cause }: FigureFacts): string => {
  if (cause !== 'value') return absentText(cause, status);
  const isOn = isOpen({ status }) || status === 'pending';
  if (!condition) return isOn ? valueText(figure?.value ?? null, unit) : 'over by now';
  const bound = threshold ?? 0;
  if (!isOn) return `${pastText(condition, bound, unit)}; over by now`;
  if (!figure) return 'there is no value yet';
  if (figure.measure !== null && crosses(figure.measure, bound, condition))
    return presentText(condition, figure, bound, unit);
  return `${pastText(condition, bound, unit)}; now ${valueText(figure.value, unit)}, not recovered yet`;
};

/** On how much it rests. */
export const sampleText = ({ n, low, high }: Figure, unit: MetricUnit): string =>
  low === null || high === null
    ? `n = ${n}`
    : `n = ${n}, 95 % interval ${valueText(low, unit)} to ${valueText(high, unit)}`;

/** Whole minutes, hours or days. */
export const agoText = (from: Date, to: Date): string => {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1_440)} d`;
};
