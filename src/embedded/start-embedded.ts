import { lockDataDir, prepareDataDir } from './data-dir.js';
import { findMongod } from './find-mongod.js';
import { findRedis } from './find-redis.js';
import type { KeptServer } from './kept-server.js';
import { mongodbUri, startMongod } from './mongod-server.js';
import { startRedis } from './redis-server.js';
import { noteRunning } from './running-servers.js';

export interface EmbeddedOptions {
  /** Holds the data, the servers' logs and pid files, and a lock; made when missing. */
  readonly dataDir: string;
  /** Takes one line for the person at the terminal. */
  readonly log: (line: string) => void;
  readonly needMongo: boolean;
  readonly needRedis: boolean;
  /** WiredTiger's cache, in GB. */
  readonly cacheGb?: number;
  /** Where MONGOD_BINARY, REDIS_SERVER_BINARY, EMBEDDED_CACHE_DIR and PATH are read. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
}

export interface EmbeddedServers {
  /** undefined when it was not needed. */
  readonly mongodbUri: string | undefined;
  readonly redisUrl: string | undefined;
  /** Stops both and gives the data folder free. */
  stop(): Promise<void>;
}

const DATABASE = 'execution-reporting';
const CACHE_GB = 0.5;

/**
 * Starts a real mongod and redis-server on loopback for whoever has none. They end with this process, also when it is
 * killed, and are started again should they die before.
 * @throws EmbeddedError with a `code` and, for a person, the ways out
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedServers> => {
  const { log, needMongo, needRedis, cacheGb = CACHE_GB, env = process.env } = options;
  const dataDir = await prepareDataDir(options.dataDir);
  const release = await lockDataDir(dataDir);
  const started = await Promise.allSettled([
    needMongo ? findMongod(env, log).then((found) => startMongod(found, { dataDir, cacheGb, log })) : undefined,
    needRedis ? findRedis(env, log).then((found) => startRedis(found, { dataDir, log })) : undefined,
  ]);
  const servers = started.flatMap((one): KeptServer[] => (one.status === 'fulfilled' && one.value ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
    await release();
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  const [mongod, redis] = started.map((one) => (one.status === 'fulfilled' ? one.value : undefined));
  const found = {
    mongodbUri: mongod && mongodbUri(mongod.port, DATABASE),
    redisUrl: redis && `redis://127.0.0.1:${redis.port}`,
  };
  await noteRunning(dataDir, found);
  return { ...found, stop };
};
