import { createHash } from 'node:crypto';
import { packDayBlock } from './day-block.js';
import { selectRows } from './build-rows.js';
import type { Rows } from './rows.js';
import { encodeRows } from './rows-codec.js';

/** Rows of a bigger day are stored in parts by suite, so that a drill-down into one suite reads an eighth of them. */
const ROWS_PER_DOCUMENT = 4096;
export const ROW_PARTS = 8;
/** What one document holds in MongoDB, less what stands in it beside the packed bytes. */
export const DOCUMENT_BYTES = 16 * 1024 * 1024 - 64 * 1024;

/** The packed forms of one day. */
export interface SealedDay {
  readonly length: number;
  readonly totals: Buffer;
  readonly byDay: Buffer;
  readonly bySlot: Buffer;
  readonly rowParts: readonly Buffer[];
}

/** The part that a suite's rows lie in when a day has ROW_PARTS of them. */
export const partOfSuite = (suite: string): number => createHash('md5').update(suite).digest()[0]! % ROW_PARTS;

/** @param rows of the whole day, as `mergeRows` gives them */
export const sealDay = (rows: Rows): SealedDay => ({
  length: rows.length,
  totals: packDayBlock(rows, { slots: true, groups: false }),
  byDay: packDayBlock(rows, { slots: false, groups: true }),
  bySlot: packDayBlock(rows, { slots: true, groups: true }),
  rowParts:
    rows.length <= ROWS_PER_DOCUMENT
      ? [encodeRows(rows)]
      : Array.from({ length: ROW_PARTS }, (_, part) =>
          encodeRows(selectRows(rows, (group) => partOfSuite(group.suite) === part)),
        ),
});

/** Whether a document of the day would be larger than MongoDB takes: too many groups, or rows in one part. */
export const isTooLarge = ({ totals, byDay, bySlot, rowParts }: SealedDay): boolean =>
  totals.length + byDay.length + bySlot.length > DOCUMENT_BYTES ||
  rowParts.some(({ length }) => length > DOCUMENT_BYTES);
