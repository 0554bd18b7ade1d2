import type { World } from '../world.js';
import { DuckDbBaseline } from './duckdb.js';
import { MongoBaseline } from './mongo.js';

/** The two other ways to answer a report, over the same rows. */
export interface Baselines {
  readonly mongo: MongoBaseline;
  readonly duckdb: DuckDbBaseline;
  close(): Promise<void>;
}

export const openBaselines = async (dataDir: string, mongodbUri: string, world: World): Promise<Baselines> => {
  const duckdb = await DuckDbBaseline.open(dataDir, world);
  const mongo = await MongoBaseline.open(mongodbUri);
  return {
    mongo,
    duckdb,
    close: async () => {
      duckdb.close();
      await mongo.close();
    },
  };
};
