import type { Row } from './scenario.js';

const HEADINGS = ['row', 'p50', 'p95', 'p99', 'MongoDB', 'x', 'DuckDB', 'x', 'equal', 'target', 'note'];

const ms = (value: number | undefined): string =>
  value === undefined ? '' : value < 10 ? value.toFixed(1) : String(Math.round(value));

const ratio = (baseline: number | undefined, own: number | undefined): string => {
  if (baseline === undefined || own === undefined) return '';
  const times = baseline / own;
  return times < 10 ? times.toFixed(1) : String(Math.round(times));
};

const equality = ({ differences }: Row): string =>
  differences === undefined ? '' : differences.length === 0 ? 'yes' : `NO: ${differences.slice(0, 3).join('; ')}`;

const targets = (row: Row): string => row.targets.map(({ text, met }) => `${met ? 'ok' : 'MISSED'} ${text}`).join(', ');

const cells = (row: Row): string[] => [
  row.title,
  ms(row.service?.p50),
  ms(row.service?.p95),
  ms(row.service?.p99),
  ms(row.mongoMs),
  ratio(row.mongoMs, row.service?.p50),
  ms(row.duckdbMs),
  ratio(row.duckdbMs, row.service?.p50),
  equality(row),
  targets(row),
  row.note ?? '',
];

export const rowFailed = (row: Row): boolean =>
  row.targets.some((target) => !target.met) || (row.differences !== undefined && row.differences.length > 0);

/** A markdown table; times are ms, `x` is how many times faster the service's median is. */
export const renderTable = (rows: readonly Row[]): string =>
  [HEADINGS, HEADINGS.map(() => '---'), ...rows.map(cells)].map((line) => `| ${line.join(' | ')} |`).join('\n');
