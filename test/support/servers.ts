import { randomUUID } from 'node:crypto';

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

const database = `test-${randomUUID().slice(0, 13)}`;

/** The pair that runs for this whole test run, with a database of this test file's own (fresh at the start of the file). */
export const servers = (): TestServers => {
  const mongodb = new URL(required('TEST_MONGODB_URI'));
  mongodb.pathname = `/${database}`;
  const redis = new URL(required('TEST_REDIS_URL'));
  redis.pathname = `/${Number(process.env.JEST_WORKER_ID ?? '1') % 16}`;
  return { mongodbUri: mongodb.href, redisUrl: redis.href };
};
