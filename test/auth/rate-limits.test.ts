import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { COSTS } from '../../src/auth/index.js';
import { REDIS } from '../../src/redis/index.js';
import { type Answer, startApp, type TestApp } from '../support/app.js';
import { servers } from '../support/servers.js';

/** Limits are open until the connection to Redis stands. */
const redisOf = async ({ app }: TestApp): Promise<Redis> => {
  const redis = app.get<Redis>(REDIS);
  if (redis.status !== 'ready') await once(redis, 'ready');
  return redis;
};

const keysBody = { name: 'x', permissions: ['projects:read'] };

describe('rate limits', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({ RATE_LIMIT_FACTOR: '1' });
    await (await redisOf(app)).flushdb();
  });
  afterAll(() => app.close());

  const post = async (sub: string, org = 'limited'): Promise<Answer> =>
    app.post('/api-keys', keysBody, { token: await app.token({ org, sub }) });

  it('say in headers what is left', async () => {
    const token = await app.token({ org: 'limited', sub: 'counting' });
    const first = await app.get('/projects', { token });
    const second = await app.get('/projects', { token });
    expect(first.headers.get('ratelimit-limit')).toBe(String(COSTS.cheap));
    expect(first.headers.get('ratelimit-policy')).toBe(`${COSTS.cheap};w=60`);
    expect(first.headers.get('ratelimit-remaining')).toBe(String(COSTS.cheap - 1));
    expect(second.headers.get('ratelimit-remaining')).toBe(String(COSTS.cheap - 2));
    expect(Number(first.headers.get('ratelimit-reset'))).toBeGreaterThan(0);
    expect(Number(first.headers.get('ratelimit-reset'))).toBeLessThanOrEqual(60);
  });

  it('answer 429 with Retry-After beyond the limit, to that caller and cost class only', async () => {
    const answers = await Promise.all(Array.from({ length: COSTS.auth + 3 }, () => post('eager')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(COSTS.auth);
    expect(refused).toHaveLength(3);
    expect(refused[0]?.body).toMatchObject({ status: 429, code: 'rate_limited' });
    expect(refused[0]?.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('ratelimit-remaining')).toBe('0');
    expect((await post('calm')).status).toBe(201);
    expect((await post('eager', 'elsewhere')).status).toBe(201);
    const token = await app.token({ org: 'limited', sub: 'eager' });
    expect((await app.get('/projects', { token })).status).toBe(200);
  });

  it('do not count the public routes', async () => {
    expect((await app.get('/health', { token: null })).headers.get('ratelimit-limit')).toBeNull();
  });
});

describe('rate limits with RATE_LIMIT_FACTOR=0', () => {
  it('are off', async () => {
    const app = await startApp({ RATE_LIMIT_FACTOR: '0' });
    expect((await app.get('/projects')).headers.get('ratelimit-limit')).toBeNull();
    await app.close();
  });
});

/** Stands between the service and Redis; once frozen it keeps the connections and passes nothing on. */
const startProxy = async (): Promise<{ url: string; freeze: () => void; close: () => void }> => {
  const target = new URL(servers().redisUrl);
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const redis = connect(Number(target.port), target.hostname);
    client.pipe(redis).pipe(client);
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  };
  const freeze = (): void => sockets.forEach((socket) => socket.unpipe());
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, freeze, close };
};

describe('without Redis', () => {
  /** What a request costs at least that waits for an answer of Redis. */
  const PATIENCE_MS = 300;
  const timesOf = async (app: TestApp): Promise<number[]> => {
    const token = await app.token();
    const times: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const began = performance.now();
      const { status, headers } = await app.get('/projects', { token });
      times.push(performance.now() - began);
      expect(status).toBe(200);
      expect(headers.get('ratelimit-limit')).toBeNull();
    }
    return times.sort((a, b) => a - b);
  };

  it('limits are open, and nobody waits for it', async () => {
    const app = await startApp({ RATE_LIMIT_FACTOR: '1', REDIS_URL: 'redis://127.0.0.1:1' });
    const times = await timesOf(app);
    await app.close();
    expect(times[5]).toBeLessThan(PATIENCE_MS);
  });

  it('the same where it falls silent: only the first request waits, and not for long', async () => {
    const proxy = await startProxy();
    const app = await startApp({ RATE_LIMIT_FACTOR: '1', REDIS_URL: proxy.url });
    await redisOf(app);
    expect((await app.get('/projects')).headers.get('ratelimit-limit')).not.toBeNull();
    proxy.freeze();
    const times = await timesOf(app);
    await app.close();
    proxy.close();
    expect(times[5]).toBeLessThan(PATIENCE_MS);
    expect(times[9]).toBeGreaterThan(PATIENCE_MS - 50);
    // Redis never answers, so who did not give up would wait for ever
    expect(times[9]).toBeLessThan(30_000);
  });
});
