/** A value of an exported row, before any format has made text of it. */
export type Cell = string | number | boolean | Date | null | readonly string[];

/** One row: a value per column asked for, in their order. */
export type Row = readonly Cell[];

export type ColumnType = 'text' | 'number' | 'boolean' | 'date' | 'list';

/** A column that a source can fill. */
export interface Column {
  readonly key: string;
  readonly title: string;
  readonly type: ColumnType;
  readonly description: string;
}

/** A column and how it comes out of an item of its source. */
export interface ValueColumn<T> extends Column {
  readonly value: (item: T) => Cell;
}

/** What spreadsheets take for the beginning of a formula, with the full-width forms that some of them fold into it. */
const FORMULA = /^[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]/;
const SPACES = /^[\p{Zs}\u200b\u2060\ufeff]+/u;

/**
 * A text as a spreadsheet cell that stays text: what could be read as a formula, also after spaces, gets an apostrophe
 * before it (OWASP, CSV injection). Other texts are returned as they are.
 */
export const inert = (text: string): string => (FORMULA.test(text.replace(SPACES, '')) ? `'${text}` : text);
