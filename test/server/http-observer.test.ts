import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { createPino } from '../../src/common/index.js';
import { createMetricsRegistry, observeRequests } from '../../src/server/http-observer.js';
import type { Loose } from '../support/app.js';

const lines: Loose[] = [];
let server: FastifyInstance;
let origin = '';

beforeAll(async () => {
  const loggerInstance = createPino('info', { write: (line) => void lines.push(JSON.parse(line)) });
  server = fastify({ loggerInstance }) as unknown as FastifyInstance;
  observeRequests(server, createMetricsRegistry());
  server.get('/shared/dashboards/:token', () => 'ok');
  origin = await server.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

describe('the log of requests', () => {
  const secret = 'Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE';

  it.each([
    [`/shared/dashboards/ers_share_${secret}?widgets=a`, '/shared/dashboards/ers_share_…'],
    [`/shared/dashboards/ers%5Fshare_${secret}`, '/shared/dashboards/ers_share_…'],
    [`/nowhere/ers_share_${secret}`, '/nowhere/ers_share_…'],
    [`/nowhere?signature=${secret}`, '/nowhere'],
  ])('tells of %s no more than %s', async (address, path) => {
    lines.length = 0;
    await (await fetch(origin + address)).text();
    // the answer is there a moment before its line is
    while (!lines.some(({ msg }) => msg === 'answered')) await new Promise((resolve) => setTimeout(resolve, 5));
    const answered = lines.filter(({ msg }) => msg === 'answered');
    expect(answered.map((line) => line.path)).toEqual([path]);
    expect(JSON.stringify(answered)).not.toContain(secret);
  });
});
