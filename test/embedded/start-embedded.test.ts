import { afterAll, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import mongoose from 'mongoose';
import { type EmbeddedServers, startEmbedded } from '../../src/embedded/index.js';

const dataDir = mkdtempSync(join(tmpdir(), 'execution-reporting-embedded-'));
const lines: string[] = [];
const start = (over: Partial<Parameters<typeof startEmbedded>[0]> = {}): Promise<EmbeddedServers> =>
  startEmbedded({ dataDir, needMongo: true, needRedis: true, log: (line) => lines.push(line), ...over });

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const inMongo = async <T>(uri: string | undefined, use: (db: mongoose.Connection) => Promise<T>): Promise<T> => {
  const connection = await mongoose.createConnection(uri ?? '', { serverSelectionTimeoutMS: 20_000 }).asPromise();
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
};
const inRedis = async <T>(url: string | undefined, use: (redis: Redis) => Promise<T>): Promise<T> => {
  const redis = new Redis(url ?? '');
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
};
/** undefined while a server is being started again. */
const pidOf = (name: string): number | undefined => {
  const file = join(dataDir, name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid : undefined;
};

describe('startEmbedded', () => {
  it('keeps the data over a restart on another port', async () => {
    const first = await start();
    await inMongo(first.mongodbUri, (db) => db.collection('kept').insertOne({ a: 1 }));
    await inRedis(first.redisUrl, (redis) => redis.set('kept', 'yes'));
    await first.stop();
    const second = await start();
    expect(second.mongodbUri).not.toBe(first.mongodbUri);
    expect(await inMongo(second.mongodbUri, (db) => db.collection('kept').countDocuments())).toBe(1);
    expect(await inRedis(second.redisUrl, (redis) => redis.get('kept'))).toBe('yes');
    await second.stop();
  });

  it('starts where a stranger, who never answers, has taken the port it had before', async () => {
    const first = await start({ needRedis: false });
    await inMongo(first.mongodbUri, (db) => db.collection('taken').insertOne({ a: 1 }));
    await first.stop();
    const stranger = createServer();
    await new Promise<void>((resolve) =>
      stranger.listen(Number(new URL(first.mongodbUri!).port), '127.0.0.1', () => resolve()),
    );
    const strangers = new Set<Socket>();
    stranger.on('connection', (socket) => void strangers.add(socket));
    const second = await start({ needRedis: false });
    expect(await inMongo(second.mongodbUri, (db) => db.collection('taken').countDocuments())).toBe(1);
    await second.stop();
    strangers.forEach((socket) => socket.destroy());
    await new Promise((resolve) => stranger.close(resolve));
  });

  it('runs Redis with an append-only file and without eviction, MongoDB as a replica set', async () => {
    const servers = await start();
    expect(await inRedis(servers.redisUrl, (redis) => redis.config('GET', 'maxmemory-policy'))).toContain('noeviction');
    expect(await inRedis(servers.redisUrl, (redis) => redis.config('GET', 'appendonly'))).toContain('yes');
    const changed = await inMongo(servers.mongodbUri, async (db) => {
      const stream = db.collection('watched').watch();
      let isSeen = false;
      const next = stream.next().finally(() => (isSeen = true));
      // until it watches, it sees nothing
      while (!isSeen) {
        await db.collection('watched').insertOne({ a: 1 });
        await sleep(100);
      }
      const change = await next;
      await stream.close();
      return change;
    });
    expect(changed).toMatchObject({ operationType: 'insert' });
    await servers.stop();
  });

  it('refuses a second start on the same folder, and takes it once the first is gone', async () => {
    const first = await start({ needMongo: false });
    await expect(start({ needMongo: false })).rejects.toMatchObject({ code: 'data_dir_in_use' });
    await first.stop();
    await (await start({ needMongo: false })).stop();
  });

  it('starts a server that dies again, on its port and with its data', async () => {
    const servers = await start();
    await inMongo(servers.mongodbUri, (db) => db.collection('crash').insertOne({ a: 1 }));
    const killed = pidOf('mongod.pid')!;
    process.kill(killed, 'SIGKILL');
    const found = (): Promise<number> => inMongo(servers.mongodbUri, (db) => db.collection('crash').countDocuments());
    // gone, coming, not yet a primary
    let count: number | undefined;
    for (const until = Date.now() + 90_000; count === undefined && Date.now() < until;) {
      await sleep(100);
      if (pidOf('mongod.pid') !== killed) count = await found().catch(() => undefined);
    }
    expect(count).toBe(1);
    expect(pidOf('mongod.pid')).not.toBe(killed);
    await servers.stop();
  });

  it('is not kept from starting by stale or torn lock and pid files, and touches no process that is not its own', async () => {
    const own = { pid: process.pid, started: 'another time' };
    writeFileSync(join(dataDir, 'service.lock'), JSON.stringify(own));
    writeFileSync(join(dataDir, 'mongod.pid'), JSON.stringify(own));
    writeFileSync(join(dataDir, 'redis.pid'), '{"pid":');
    writeFileSync(join(dataDir, 'mongodb', 'mongod.lock'), '999999\n');
    const servers = await start();
    expect(await inMongo(servers.mongodbUri, (db) => db.collection('kept').countDocuments())).toBe(1);
    await servers.stop();
  });
});

describe('what startEmbedded says when it cannot', () => {
  const empty = mkdtempSync(join(tmpdir(), 'execution-reporting-empty-'));
  afterAll(() => rmSync(empty, { recursive: true, force: true }));

  it('names three ways out when no redis-server can be had', async () => {
    const noApt = { PATH: empty, REDIS_SERVER_BINARY: join(empty, 'nothing') };
    await expect(start({ dataDir: empty, needMongo: false, env: noApt })).rejects.toMatchObject({
      code: 'redis_unusable',
      message: expect.stringMatching(/1\. install Redis[^]*2\. set REDIS_URL[^]*3\. docker compose up/),
    });
  });

  it('names three ways out when MONGOD_BINARY does not run', async () => {
    const env = { MONGOD_BINARY: join(empty, 'nothing') };
    await expect(start({ dataDir: empty, needRedis: false, env })).rejects.toMatchObject({
      code: 'mongod_unusable',
      message: expect.stringMatching(/1\. install MongoDB 8[^]*2\. set MONGODB_URI[^]*3\. docker compose up/),
    });
  });

  it('shows the end of the log of a server that does not come up, and gives the folder free', async () => {
    const fake = join(empty, 'fake-redis');
    writeFileSync(
      fake,
      '#!/bin/sh\n[ "$1" = --version ] && echo "Redis server v=7.9.9" && exit 0\necho "No space left on device" >&2; exit 1\n',
    );
    chmodSync(fake, 0o755);
    const attempt = { dataDir: empty, needMongo: false, env: { REDIS_SERVER_BINARY: fake } };
    const failure = { code: 'server_did_not_start', message: expect.stringContaining('The disk is full') };
    await expect(start(attempt)).rejects.toMatchObject(failure);
    await expect(start(attempt)).rejects.toMatchObject(failure);
  });

  it('asks for another folder when this one cannot be written', async () => {
    const file = join(empty, 'a-file');
    writeFileSync(file, '');
    await expect(start({ dataDir: join(file, 'x'), needMongo: false })).rejects.toMatchObject({
      code: 'data_dir_not_writable',
      message: expect.stringContaining('DATA_DIR'),
    });
  });
});
