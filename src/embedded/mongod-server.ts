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

const becomePrimary = async (client: Client, port: number): Promise<void> => {
  const admin = client.db('admin');
  const host = `127.0.0.1:${port}`;
  const deadline = Date.now() + PRIMARY_MS;
  const config = await readConfig(client, deadline);
  if (config === undefined) await admin.command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } });
  else if (config.members.length !== 1 || config.members[0]?.host !== host) {
    const members = [{ ...(config.members[0] ?? { _id: 0 }), host }];
    await admin.command({ replSetReconfig: { ...config, members, version: config.version + 1 }, force: true });
  }
  for (;;) {
    const { isWritablePrimary } = await admin.command({ hello: 1 });
    if (isWritablePrimary === true) return;
    if (Date.now() > deadline)
      throw new EmbeddedError('server_did_not_start', 'mongod runs, but did not become primary within a minute');
    await sleep(20);
  }
};

/** undefined when the set was never initiated. Right after the start the configuration may still be loading. */
const readConfig = async (client: Client, deadline: number): Promise<ReplicaSetConfig | undefined> => {
  for (;;) {
    try {
      const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
      return config as ReplicaSetConfig;
    } catch (error) {
      if ((error as { code?: number }).code === NOT_YET_INITIALIZED) return undefined;
      if (Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
};
