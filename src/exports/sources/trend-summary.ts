import { DateTime } from 'luxon';
import type { Plain } from '../../common/index.js';
import type { TrendsDto } from '../../trends/index.js';
import { figureText, keyFigure } from '../domain/figure-text.js';
import type { Chart, KeyFigure, LineChart, SummaryTable } from '../domain/summary.js';

/** A series as GET /trends answers it. */
export type Series = Plain<TrendsDto>['series'][number];

const MOST_FINDINGS = 12;
const MOST_ROWS = 60;

/** Of its figures, as documents write them. */
export const unitOf = ({ unit }: { readonly unit: string }): LineChart['unit'] =>
  unit === 'ratio' || unit === 'count' || unit === 'ms' ? unit : 'number';

/** The newest whole period against the mean of all of them. */
export const figureOf = (series: Series): KeyFigure => {
  const whole = series.points.filter(({ value, partial }) => value !== null && partial !== true);
  const good = series.goodDirection;
  const figure = keyFigure(series.title, unitOf(series), whole.at(-1)?.value ?? null, series.statistics.mean, good);
  return figure.change === undefined ? figure : { ...figure, change: `${figure.change} against the mean` };
};

/** @param at ISO 8601 */
export const dayOf = (at: string, timeZone: string, format: string): string =>
  DateTime.fromISO(at, { zone: timeZone }).toFormat(format, { locale: 'en' });

/** The series, and its forecast as a second line. */
export const chartOf = (series: Series, timeZone: string): Chart => {
  const ahead = series.forecast?.points ?? [];
  const labels = [...series.points, ...ahead].map(({ at }) => dayOf(at, timeZone, 'dd MMM yy'));
  const blank = (n: number): null[] => Array.from({ length: n }, () => null);
  const actual = [...series.points.map(({ value }) => value), ...blank(ahead.length)];
  const forecast = [...blank(series.points.length), ...ahead.map(({ value }) => value)];
  return {
    ...{ kind: 'line', title: series.title, unit: unitOf(series), labels },
    series: [
      { name: series.title, values: actual },
      ...(ahead.length > 0 ? [{ name: 'Forecast', values: forecast }] : []),
    ],
  };
};

/** Where they go, and what patterns they have, in sentences. */
export const findingsOf = (series: readonly Series[]): string[] =>
  series
    .flatMap((each) => [
      `${each.title}: ${each.direction.replaceAll('_', ' ')}.`,
      ...each.patterns.map(({ text }) => (series.length > 1 ? `${each.title}: ${text}` : text)),
    ])
    .slice(0, MOST_FINDINGS);

/** Its newest points. */
export const tableOf = (series: Series, timeZone: string): SummaryTable => {
  const unit = unitOf(series);
  const points = series.points.filter(({ value }) => value !== null);
  const shown = points.slice(-MOST_ROWS);
  const left = points.length - shown.length;
  return {
    title: `${series.title}: points`,
    columns: [
      { title: 'Period from', isNumber: false, wide: true },
      { title: 'Value', isNumber: true },
      { title: 'Low', isNumber: true },
      { title: 'High', isNumber: true },
      { title: 'n', isNumber: true },
    ],
    rows: shown.map(({ at, value, low, high, n, partial }) => [
      dayOf(at, timeZone, 'ccc dd LLL yyyy HH:mm') + (partial === true ? ' (partial)' : ''),
      figureText(value, unit),
      figureText(low, unit),
      figureText(high, unit),
      figureText(n, 'count'),
    ]),
    ...(left > 0
      ? { note: `The newest ${MOST_ROWS} points are shown; ${left} older ones are in the CSV of the same export.` }
      : {}),
  };
};
