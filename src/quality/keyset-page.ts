import { decodeCursor, encodeCursor, invalid, type Page } from '../common/index.js';

/** Sort keys of a row, compared one after the other, ascending; the last one tells rows apart. */
export type SortKeys = readonly (number | string)[];

/** Stands for a missing value: it sorts last, and unlike Infinity it survives JSON. */
export const LAST = 1e300;

const compare = (a: SortKeys, b: SortKeys): number => {
  for (let i = 0; i < a.length; i++) {
    if (a[i]! < b[i]!) return -1;
    if (a[i]! > b[i]!) return 1;
  }
  return 0;
};

const keysFrom = (cursor: string, like: SortKeys): SortKeys => {
  const keys = decodeCursor(cursor, like.length);
  if (keys.every((key, i) => typeof key === typeof like[i])) return keys as SortKeys;
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before, with the same sort' },
  ]);
};

/** A page of what is all in memory: rows may come and go between pages, and none is shown twice for it. */
export const pageOf = <T>(
  rows: readonly T[],
  keysOf: (row: T) => SortKeys,
  limit: number,
  cursor: string | undefined,
): Page<T> & { readonly total: number } => {
  let keyed = rows.map((row) => ({ row, keys: keysOf(row) })).sort((a, b) => compare(a.keys, b.keys));
  if (cursor !== undefined) {
    const after = keysFrom(cursor, keyed[0]?.keys ?? decodeAny(cursor));
    keyed = keyed.filter(({ keys }) => compare(keys, after) > 0);
  }
  const items = keyed.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = keyed.length > limit && last ? encodeCursor(last.keys) : null;
  return { items: items.map(({ row }) => row), nextCursor, total: rows.length };
};

/** Nothing to compare with: any of our cursors will do. */
const decodeAny = (cursor: string): SortKeys => {
  for (const length of [1, 2, 3])
    try {
      return decodeCursor(cursor, length) as (number | string)[];
    } catch {
      // another length
    }
  return decodeCursor(cursor, 2) as (number | string)[];
};
