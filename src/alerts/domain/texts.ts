import type { MetricUnit } from '../../metrics/index.js';
import type { AlertCause } from './alert.js';
import type { Figure } from './judge.js';
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
  readonly condition: Condition;
  readonly unit: MetricUnit;
  readonly threshold: number | undefined;
  readonly figure: Figure | undefined;
  readonly cause: AlertCause;
}

/** How bad it is, against what is expected: one sentence without its end. */
export const figureText = ({ condition, unit, threshold, figure, cause }: FigureFacts): string => {
  if (cause === 'no_data') return 'there are no results';
  if (cause === 'error') return 'the evaluation fails';
  if (!figure) return 'there is no value yet';
  const value = valueText(figure.value, unit);
  const { expected, measure } = figure;
  const bound = threshold ?? 0;
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
