import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { EmbeddedError } from './embedded-error.js';
import type { FoundServer } from './find-redis.js';
import { KeptServer } from './kept-server.js';
import type { ServerSpec } from './supervised-server.js';

export interface MongodOptions {
  readonly dataDir: string;
  readonly cacheGb: number;
  readonly log: (line: string) => void;
}

const REPLICA_SET = 'rs0';
const NOT_YET_INITIALIZED = 94;
const OPLOG_MB = 512;
const PRIMARY_MS = 60_000;

interface ReplicaSetConfig {
  version: number;
  members: { _id: number; host: string }[];
}

type Client = InstanceType<typeof mongoose.mongo.MongoClient>;

/** Starts mongod as a replica set of one, on loopback and a free port, and waits until it takes writes. */
export const startMongod = async (found: FoundServer, options: MongodOptions): Promise<KeptServer> => {
  const dbPath = join(options.dataDir, 'mongodb');
  await mkdir(dbPath, { recursive: true, mode: 0o700 });
  const server = await KeptServer.start({
    spec: (port) => specOf(found, dbPath, port, options),
    probe: (port) =>
      withClient(port, async (client) => {
        await client.db('admin').command({ ping: 1 });
      }),
    log: options.log,
  });
  try {
    await withClient(server.port, (client) => becomePrimary(client, server.port));
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
};

export const mongodbUri = (port: number, database: string): string =>
  `mongodb://127.0.0.1:${port}/${database}?directConnection=true`;

const specOf = (found: FoundServer, dbPath: string, port: number, { dataDir, cacheGb }: MongodOptions): ServerSpec => ({
  name: 'mongod',
  logFile: join(dataDir, 'mongod.log'),
  pidFile: join(dataDir, 'mongod.pid'),
  marker: `--dbpath ${dbPath}`,
  command: [
    found.binary,
    ...['--dbpath', dbPath],
    ...['--port', String(port)],
    ...['--bind_ip', '127.0.0.1'],
    ...['--replSet', REPLICA_SET],
    ...['--oplogSize', String(OPLOG_MB)],
    ...['--wiredTigerCacheSizeGB', String(cacheGb)],
    '--nounixsocket',
    '--quiet',
    ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // a lone primary has nobody to hand over to: do not wait for one when told to stop
    ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  ],
});

const withClient = async <T>(port: number, use: (client: Client) => Promise<T>): Promise<T> => {
  const client = new mongoose.mongo.MongoClient(mongodbUri(port, 'admin'), {
    serverSelectionTimeoutMS: 2_000,
    connectTimeoutMS: 2_000,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
};

/**
 * Makes the server the primary of a set of its own at this port. It has just started: while its configuration still loads
 * it says that there is none, and once it has loaded one with another port it cuts all connections.
 */
const becomePrimary = async (client: Client, port: number): Promise<void> => {
  const deadline = Date.now() + PRIMARY_MS;
  for (;;) {
    try {
      if (await isPrimary(client, `127.0.0.1:${port}`)) return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    if (Date.now() > deadline)
      throw new EmbeddedError('server_did_not_start', 'mongod runs, but did not become primary within a minute');
    await sleep(20);
  }
};

const isPrimary = async (client: Client, host: string): Promise<boolean> => {
  const admin = client.db('admin');
  const config = await readConfig(client);
  if (config === undefined) await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  else if (config.members.length !== 1 || config.members[0]?.host !== host) {
    const members = [{ ...(config.members[0] ?? { _id: 0 }), host }];
    await admin.command({ replSetReconfig: { ...config, members, version: config.version + 1 }, force: true });
  }
  return (await admin.command({ hello: 1 })).isWritablePrimary === true;
};

/** undefined when the set was never initiated, or is not known yet. */
const readConfig = async (client: Client): Promise<ReplicaSetConfig | undefined> => {
  try {
    const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
    return config as ReplicaSetConfig;
  } catch (error) {
    if ((error as { code?: number }).code === NOT_YET_INITIALIZED) return undefined;
    throw error;
  }
};
