import { Types } from 'mongoose';
import { decodeCursor, encodeCursor, invalid, type Page, type Scope } from '../../common/index.js';

export const isId = (id: string): boolean => /^[0-9a-f]{24}$/.test(id);

export const toId = (id: string): Types.ObjectId => new Types.ObjectId(id);

/** For ids that clients name: one that is none names nothing. */
export const idsIn = (ids: readonly string[]): Types.ObjectId[] => ids.filter(isId).map(toId);

export const idOfCursor = (cursor: string): Types.ObjectId => {
  const [id] = decodeCursor(cursor, 1);
  if (typeof id === 'string' && isId(id)) return toId(id);
  throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
    { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
  ]);
};

/** A page of documents that were asked for with one more than fits. */
export const pageOf = <D extends { readonly _id: Types.ObjectId }, T>(
  found: readonly D[],
  limit: number,
  map: (document: D) => T,
): Page<T> => {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const nextCursor = found.length > limit && last ? encodeCursor([last._id.toHexString()]) : null;
  return { items: items.map(map), nextCursor };
};

/**
 * What is about projects is seen by who may see all of them; what is about the organization by who is confined to no
 * projects, since its figures hold everybody's.
 */
export const visible = (scope: Scope): object => ({
  o: scope.organization,
  ...(scope.projects !== 'all' && {
    'pk.0': { $exists: true },
    pk: { $not: { $elemMatch: { $nin: scope.projects } } },
  }),
});
