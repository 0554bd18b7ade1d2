import { stringify } from 'csv-stringify/sync';
import { type Cell, inert } from '../domain/cell.js';
import { dateFormatter, type FormatDate } from '../domain/date-format.js';
import type { RowWriter } from './row-writer.js';

/** RFC 4180: CRLF, quotes where needed; by itself it quotes a field for the delimiter as a whole, not for one half of it. */
const OPTIONS = { record_delimiter: 'windows', quoted_match: /[\r\n]/ } as const;

const textOf = (cell: Cell, formatDate: FormatDate): string | number => {
  if (cell === null) return '';
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') return inert(cell);
  if (typeof cell === 'boolean') return cell ? 'true' : 'false';
  if (cell instanceof Date) return inert(formatDate(cell));
  return inert(cell.join(', '));
};

/** Texts that a spreadsheet would take for a formula are made inert; numbers stay numbers. */
export const csvWriter: RowWriter = async function* (batches, { columns, timeZone, locale }) {
  const formatDate = dateFormatter(timeZone, locale);
  yield stringify([columns.map(({ key }) => key)], OPTIONS);
  for await (const rows of batches)
    yield stringify(
      rows.map((row) => row.map((cell) => textOf(cell, formatDate))),
      OPTIONS,
    );
};
