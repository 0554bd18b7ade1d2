import type { mongo } from 'mongoose';

/**
 * The driver's own collection behind a model, typed: for the hot paths, where mongoose's documents and casts cost more
 * than the query.
 */
export const nativeCollection = <T extends object>(model: { readonly collection: object }): mongo.Collection<T> =>
  model.collection as unknown as mongo.Collection<T>;

const DUPLICATE_KEY = 11_000;

/** Whether a unique index holds the key already: of an error of the driver, or of one write of a bulk. */
export const isDuplicateKey = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === DUPLICATE_KEY;

const AWAY =
  /^(Mongo(ose)?ServerSelection|MongoNetwork|MongoPool|MongoTopologyClosed|MongoNotConnected|MongoClientClosed)/;
/** Shutting down, or not the primary any more: the driver has tried again already, and in vain. */
const AWAY_CODES = new Set([91, 189, 10107, 11600, 11602, 13435, 13436]);

/** Whether MongoDB could not be reached, so that the same request may succeed a little later. */
export const isDatabaseAway = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const { code, writeErrors, name, cause } = error as { code?: unknown; writeErrors?: unknown } & Error;
  if (AWAY.test(name) || (name.startsWith('Mongo') && AWAY_CODES.has(Number(code)))) return true;
  if (name.startsWith('Mongo') && isDatabaseAway(cause)) return true;
  // a bulk write wraps what cut it off, and has then neither a code nor an error of one of its writes
  return name === 'MongoBulkWriteError' && code === undefined && [writeErrors].flat().filter(Boolean).length === 0;
};
