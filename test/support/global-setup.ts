import { Redis } from 'ioredis';
import { mkdtemp } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mongo } from 'mongoose';

interface TestServers {
  readonly dataDir: string;
  stop(): Promise<void>;
}

const started = globalThis as unknown as { testServers?: TestServers };

/** Nothing of it has to outlive the run: writing it down would only make Redis wait for a disk that is busy. */
const keepInMemory = async (redisUrl: string): Promise<void> => {
  const redis = new Redis(redisUrl);
  await redis.config('SET', 'appendonly', 'no');
  redis.disconnect();
};

/**
 * One mongod and one redis-server for the whole run. Jest loads this file as Node would, without its own module map, so
 * the `.js` of our imports has to be told where the source is.
 */
export default async (): Promise<void> => {
  registerHooks({
    resolve: (specifier, context, next) => {
      const isSource = /^\.{1,2}\//.test(specifier) && /\/(src|test)\/.*\.ts$/.test(context.parentURL ?? '');
      return next(isSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
    },
  });
  const { startEmbedded } = await import('../../src/embedded/index.js');
  const dataDir = await mkdtemp(join(tmpdir(), 'execution-reporting-test-'));
  const servers = await startEmbedded({
    dataDir,
    needMongo: process.env.TEST_MONGODB_URI === undefined,
    needRedis: process.env.TEST_REDIS_URL === undefined,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  if (servers.mongodbUri !== undefined) await expireNothing(servers.mongodbUri);
  process.env.TEST_MONGODB_URI ??= servers.mongodbUri;
  process.env.TEST_REDIS_URL ??= servers.redisUrl;
  if (servers.redisUrl !== undefined) await keepInMemory(servers.redisUrl);
  started.testServers = { dataDir, stop: () => servers.stop() };
};

/** mongod goes by its own clock: what an application stores whose clock a test has set back would be gone within a minute. */
const expireNothing = async (uri: string): Promise<void> => {
  const client = await mongo.MongoClient.connect(uri);
  try {
    await client.db('admin').command({ setParameter: 1, ttlMonitorEnabled: false });
  } finally {
    await client.close();
  }
};
