import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, startApp, type TestApp } from '../support/app.js';

describe('the frame', () => {
  let api: TestApp;
  beforeAll(async () => {
    api = await startApp();
  });
  afterAll(() => api.close());

  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(api.origin).port), '127.0.0.1');
      socket.write(bytes);
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
      socket.once('error', reject);
    });

  it('answers health to everybody', async () => {
    const { status, body } = await api.get('/health', { token: null });
    expect(status).toBe(200);
    expect(body).toEqual({
      status: 'ok',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      uptimeSeconds: expect.any(Number),
    });
    expect((await api.get('/health/live', { token: null })).body).toEqual({ status: 'ok' });
  });

  it('is ready when MongoDB, Redis, the queue and the disk are', async () => {
    const ask = (): Promise<Answer> => api.get('/health/ready', { token: null });
    let answer = await ask();
    // each of them has a second to answer, and Redis may still be on its way
    for (const until = Date.now() + 60_000; answer.status !== 200 && Date.now() < until; answer = await ask())
      await sleep(50);
    const { status, body } = answer;
    expect(body.checks.map((c: { name: string; status: string }) => `${c.name} ${c.status}`)).toEqual([
      'mongodb ok',
      'redis ok',
      'queue ok',
      'disk ok',
    ]);
    expect(status).toBe(200);
  });

  it('sends the request id back, and does not take one that is unfit', async () => {
    const given = await api.get('/health', { headers: { 'x-request-id': 'build-17.a' } });
    expect(given.headers.get('x-request-id')).toBe('build-17.a');
    const unfit = await api.get('/health', { headers: { 'x-request-id': 'a b"c' } });
    expect(unfit.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['an unknown route', 'GET', '/nowhere', undefined, {}, 404, 'not_found'],
    ['a malformed URL', 'GET', '/%ZZ', undefined, {}, 400, 'malformed_url'],
    ['broken JSON', 'POST', '/health', '{"a":', { 'content-type': 'application/json' }, 400, 'malformed_json'],
    [
      'a __proto__ key',
      'POST',
      '/health',
      '{"__proto__":{}}',
      { 'content-type': 'application/json' },
      400,
      'forbidden_key',
    ],
    [
      '10,000 levels',
      'POST',
      '/health',
      '['.repeat(10_000),
      { 'content-type': 'application/json' },
      400,
      'json_too_deep',
    ],
    ['an unknown media type', 'POST', '/api-keys', 'x', { 'content-type': 'image/png' }, 415, 'unsupported_media_type'],
  ] as const)('answers %s with a problem document', async (_, method, path, body, headers, status, code) => {
    const answer = await api.request(method, path, body, { headers });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({ status, code, requestId: answer.headers.get('x-request-id') });
    expect(answer.status).toBe(status);
  });

  it('refuses a body that is too large before reading it', async () => {
    const answer = await raw(
      'POST /api/v1/execution-reporting/health HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 209715200\r\n\r\n{',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413/);
    expect(answer).toContain('application/problem+json');
  });

  it.each([
    ['bytes that are not HTTP', 'hello\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(100_000)}\r\n\r\n`, 431],
  ])('answers %s with a problem document', async (_, bytes, status) => {
    const answer = await raw(bytes);
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(answer).toContain('application/problem+json');
  });

  it('describes itself in OpenAPI 3.1, and serves Swagger UI and metrics', async () => {
    const { body } = await api.get('//docs-json', { token: null });
    expect(body.openapi).toBe('3.1.0');
    expect(body.components.securitySchemes).toMatchObject({
      bearer: { type: 'http' },
      apiKey: { in: 'header', name: 'x-api-key' },
    });
    expect(body.paths['/api/v1/execution-reporting/health'].get['x-target-ms']).toBe(5);
    const docs = await api.get('//docs', { token: null });
    expect(docs.status).toBe(200);
    expect(docs.body).toContain('swagger-ui');
    const metrics = await api.get('//metrics', { token: null });
    expect(metrics.body).toContain('http_request_duration_seconds_bucket');
  });
});

describe('with Redis away', () => {
  it('starts, answers, and says that it is not ready', async () => {
    const api = await startApp({ REDIS_URL: 'redis://127.0.0.1:1' });
    expect((await api.get('/health', { token: null })).status).toBe(200);
    const { status, body } = await api.get('/health/ready', { token: null });
    expect(status).toBe(503);
    expect(body.status).toBe('unavailable');
    expect(body.checks).toContainEqual(expect.objectContaining({ name: 'redis', status: 'down' }));
    expect(body.checks).toContainEqual(expect.objectContaining({ name: 'queue', status: 'down' }));
    await api.close();
  });
});

describe('CORS', () => {
  it('lets in the listed origins only', async () => {
    const api = await startApp({ CORS_ORIGINS: 'https://dash.example.com' });
    const allowed = await api.get('/health', { headers: { origin: 'https://dash.example.com' } });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://dash.example.com');
    const other = await api.get('/health', { headers: { origin: 'https://evil.example.com' } });
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    expect(other.headers.get('x-content-type-options')).toBe('nosniff');
    await api.close();
  });
});
