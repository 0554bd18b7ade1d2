import type { Connection, Model } from 'mongoose';

/** MongoDB's codes for an index of that name, or of those keys, that has other options. */
const CONFLICTS = new Set([85, 86]);
const INDEX_NOT_FOUND = 27;

/**
 * Waits until every index of every schema is there. One whose definition is another than in the version that created it
 * is dropped and built anew; indexes that no schema names are left alone.
 * @throws MongoServerError for any other reason that an index cannot be built for, such as duplicates under a unique one
 */
export const buildIndexes = async ({ models }: Connection): Promise<void> => {
  await Promise.all(Object.values(models).map(buildIndexesOf));
};

const buildIndexesOf = async (model: Model<unknown>): Promise<void> => {
  try {
    await model.init();
  } catch (error) {
    if (!CONFLICTS.has(codeOf(error))) throw error;
    await dropChanged(model);
    await model.createIndexes();
  }
};

const dropChanged = async (model: Model<unknown>): Promise<void> => {
  const named = new Set(model.schema.indexes().map(([keys, { name }]) => name ?? defaultName(keys)));
  // its type says any[]
  const toDrop: readonly string[] = (await model.diffIndexes()).toDrop;
  for (const name of toDrop)
    if (named.has(name))
      // another process that starts beside this one may have been faster
      await model.collection.dropIndex(name).catch((error: unknown) => {
        if (codeOf(error) !== INDEX_NOT_FOUND) throw error;
      });
};

/** As MongoDB names an index that was given no name. */
const defaultName = (keys: object): string => Object.entries(keys).flat().join('_');

const codeOf = (error: unknown): number => Number((error as { code?: unknown }).code);
