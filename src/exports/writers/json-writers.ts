import type { Cell, Row } from '../domain/cell.js';
import { dateFormatter, type FormatDate } from '../domain/date-format.js';
import type { RowWriter, TableOptions } from './row-writer.js';

const valueOf = (cell: Cell, formatDate: FormatDate): unknown => (cell instanceof Date ? formatDate(cell) : cell);

/** One row as the text of a JSON object; the keys are written once, not once a row. */
const serialiser = ({ columns, timeZone, locale }: TableOptions): ((row: Row) => string) => {
  const formatDate = dateFormatter(timeZone, locale);
  const keys = columns.map(({ key }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(key)}:`);
  return (row) => {
    let text = '';
    for (let i = 0; i < keys.length; i++) text += keys[i]! + JSON.stringify(valueOf(row[i] ?? null, formatDate));
    return `${text}}`;
  };
};

/** One document: what the export is, then `rows`. */
export const jsonWriter: RowWriter = async function* (batches, options) {
  const serialise = serialiser(options);
  const head = JSON.stringify({ ...options.facts, columns: options.columns.map(({ key }) => key) });
  yield `${head.slice(0, -1)},"rows":[`;
  let separator = '\n';
  for await (const rows of batches) {
    if (rows.length === 0) continue;
    yield separator + rows.map(serialise).join(',\n');
    separator = ',\n';
  }
  yield '\n]}\n';
};

/** One object a line. */
export const ndjsonWriter: RowWriter = async function* (batches, options) {
  const serialise = serialiser(options);
  for await (const rows of batches) if (rows.length > 0) yield `${rows.map(serialise).join('\n')}\n`;
};
