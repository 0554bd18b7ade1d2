import { type CellValue, writeXlsxStream } from 'hucre/xlsx';
import { type Cell, type Column, inert } from '../domain/cell.js';
import { wallClock } from '../domain/date-format.js';
import type { Batches, RowWriter } from './row-writer.js';

/** Excel's own limits. */
const LONGEST_CELL = 32_767;
/** 31, less the number that a further sheet has behind the name. */
const LONGEST_SHEET_NAME = 29;
/** In any case; Excel keeps it for the changes of a shared workbook. */
const RESERVED_SHEET_NAME = 'history';

const WIDTHS: Readonly<Record<Column['type'], number>> = { text: 28, number: 12, boolean: 9, date: 20, list: 24 };
const DATE_FORMAT = 'yyyy-mm-dd hh:mm:ss';
/** Not in XML 1.0, so a sheet with one of them cannot be opened. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const textOf = (text: string): string => {
  const safe = inert(text).replaceAll(NOT_XML, '\ufffd');
  return safe.length > LONGEST_CELL ? safe.slice(0, LONGEST_CELL - 1).toWellFormed() + '…' : safe;
};

const valueOf = (cell: Cell, toWallClock: (date: Date) => Date): CellValue => {
  if (cell === null || typeof cell === 'boolean') return cell;
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  if (typeof cell === 'string') return cell === '' ? null : textOf(cell);
  if (cell instanceof Date) return toWallClock(cell);
  return cell.length === 0 ? null : textOf(cell.join(', '));
};

async function* rowsOf(batches: Batches, toWallClock: (date: Date) => Date): AsyncGenerator<CellValue[]> {
  for await (const rows of batches) for (const row of rows) yield row.map((cell) => valueOf(cell, toWallClock));
}

/** What Excel forbids in a name is a space, and so is the half of a character that a cut leaves. */
const sheetNameOf = (name: string): string => {
  const plain = name.replaceAll(/[[\]:*?/\\'\s]+/g, ' ').trim();
  const cut = plain.slice(0, LONGEST_SHEET_NAME).replaceAll(NOT_XML, ' ').trim();
  if (cut === '') return 'Export';
  return cut.toLowerCase() === RESERVED_SHEET_NAME ? `${cut} export` : cut;
};

/**
 * A workbook whose sheets are written as the rows come (hucre, constant memory); past Excel's 1,048,576 rows a further sheet
 * begins. Dates are real dates, reading as the clock in the zone of the export does.
 */
export const xlsxWriter: RowWriter = (batches, { columns, timeZone, name }) =>
  writeXlsxStream(rowsOf(batches, wallClock(timeZone)), {
    name: sheetNameOf(name),
    columns: columns.map(({ key, type }) => ({
      header: key,
      width: WIDTHS[type],
      ...(type === 'date' ? { numFmt: DATE_FORMAT } : {}),
    })),
    freezePane: { rows: 1 },
    zip64: false,
  });
