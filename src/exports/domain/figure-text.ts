import type { KeyFigure, LineChart } from './summary.js';

type Unit = LineChart['unit'];
export type GoodDirection = 'up' | 'down' | 'none';

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const duration = (ms: number): string => {
  const size = Math.abs(ms);
  if (size >= HOUR) return `${short.format(ms / HOUR)} h`;
  if (size >= MINUTE) return `${short.format(ms / MINUTE)} min`;
  return size >= SECOND ? `${short.format(ms / SECOND)} s` : `${short.format(ms)} ms`;
};

/** A figure for people; an en dash where there is none. */
export const figureText = (value: number | null | undefined, unit: Unit): string => {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'ratio') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'ms') return duration(value);
  return unit === 'count' ? whole.format(value) : short.format(value);
};

const differenceText = (value: number, unit: Unit): string =>
  unit === 'ratio' ? `${(value * 100).toFixed(1)} pp` : figureText(value, unit);

/** A figure and how it stands to the period before. */
export const keyFigure = (
  label: string,
  unit: Unit,
  now: number | null,
  before: number | null,
  good: GoodDirection,
): KeyFigure => {
  const value = figureText(now, unit);
  if (now === null || before === null) return { label, value };
  const difference = now - before;
  const text = differenceText(Math.abs(difference), unit);
  if (difference === 0 || /^[0. ]+(%|pp|ms)?$/.test(text)) return { label, value, change: 'unchanged', better: null };
  const better = good === 'none' ? null : difference > 0 === (good === 'up');
  return { label, value, change: `${difference > 0 ? '+' : '−'}${text}`, better };
};
