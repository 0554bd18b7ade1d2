import type { mongo } from 'mongoose';

/**
 * The driver's own collection behind a model, typed: for the hot paths, where mongoose's documents and casts cost more
 * than the query.
 */
export const nativeCollection = <T extends object>(model: { readonly collection: object }): mongo.Collection<T> =>
  model.collection as unknown as mongo.Collection<T>;
