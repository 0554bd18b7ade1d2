import type { MetricFilter, TimeRange } from '../../metrics/index.js';
import type { JobFigure } from '../../schedules/index.js';
import { formatOf } from '../../trends/index.js';

/** Units of figures in messages. */
export type FigureUnit = 'ratio' | 'ms' | 'count' | 'score' | 'hours';

const WORDS: Readonly<Record<FigureUnit, (value: number) => string>> = {
  ratio: formatOf('ratio'),
  ms: formatOf('ms'),
  count: (value) => value.toLocaleString('en-US'),
  score: (value) => value.toFixed(1),
  hours: (value) => `${value.toFixed(1)} h`,
};

const changeInWords = (change: number, unit: FigureUnit): string => {
  const size = Math.abs(change);
  // a share of a share would be read as one: what moved are points
  const text = unit === 'ratio' ? `${Number((size * 100).toFixed(2))} points` : WORDS[unit](size);
  return `${change < 0 ? '-' : '+'}${text}`;
};

/** A figure in words; `no data` where it has no value. */
export const figure = (label: string, value: number | null, unit: FigureUnit, change?: number | null): JobFigure => ({
  label,
  value: value === null ? 'no data' : WORDS[unit](value),
  ...(typeof change === 'number' && value !== null && { change: changeInWords(change, unit) }),
});

type QueryValue = string | number | undefined;

/** The query of the endpoint that answers a filter over a range; what no client can say is left out. */
export const queryOf = (
  filter: MetricFilter,
  { from, to, timeZone }: TimeRange,
  more: Readonly<Record<string, QueryValue | readonly QueryValue[]>> = {},
): string => {
  const range = { from: from.toISOString(), to: to.toISOString(), timeZone };
  const parts: Readonly<Record<string, QueryValue | readonly QueryValue[]>> = {
    ...{ ...more, ...range, ...filter },
    ...{ exact: undefined, runs: undefined },
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts))
    for (const item of [value].flat())
      if (item !== undefined) query.append(name, String(item).replaceAll(',', String.raw`\,`));
  return query.toString();
};
