import type { Column, Row } from '../domain/cell.js';

/** What a table is written with. */
export interface TableOptions {
  readonly columns: readonly Column[];
  readonly timeZone: string;
  readonly locale?: string;
  /** Title of a sheet. */
  readonly name: string;
  /** Said before the rows, by formats that have a place for it. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export type Batches = AsyncIterable<readonly Row[]>;

/** Writes rows as they come: holds one batch at most, and takes the next one only when its bytes were taken. */
export type RowWriter = (batches: Batches, options: TableOptions) => AsyncIterable<Uint8Array | string>;
