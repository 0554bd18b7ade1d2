import { randomUUID } from 'node:crypto';
import { mongo } from 'mongoose';

export interface TestServers {
  /** Names a database that no other file uses. */
  readonly mongodbUri: string;
  /** Names a logical database of Redis that other files in other workers do not use at the same time. */
  readonly redisUrl: string;
}

const required = (name: string): string => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by test/support/global-setup.ts: run the tests by npm test`);
  return value;
};

const worker = process.env.JEST_WORKER_ID ?? '1';
/** A worker runs one file at a time: whatever has its prefix is of files that are over. */
const PREFIX = `test-${worker}-`;
const database = `${PREFIX}${randomUUID().slice(0, 13)}`;

/** The pair that runs for this whole test run, with a database of this test file's own (fresh at the start of the file). */
export const servers = (): TestServers => {
  const mongodb = new URL(required('TEST_MONGODB_URI'));
  mongodb.pathname = `/${database}`;
  const redis = new URL(required('TEST_REDIS_URL'));
  redis.pathname = `/${Number(worker) % 16}`;
  return { mongodbUri: mongodb.href, redisUrl: redis.href };
};

/** Drops the databases of this worker's earlier files: mongod slows down with the number of files that it holds open. */
const dropLeftovers = async (): Promise<void> => {
  const client = await mongo.MongoClient.connect(servers().mongodbUri);
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases)
      if (name.startsWith(PREFIX) && name !== database) await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
};

let dropped: Promise<void> | undefined;

/** Once per test file. */
export const leftoversDropped = (): Promise<void> => (dropped ??= dropLeftovers());
