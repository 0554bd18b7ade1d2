import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { createProject, rowsOf } from './support.js';

let api: TestApp;
let runId: string;
beforeAll(async () => {
  api = await startApp();
  await createProject(api, 'shop');
  runId = (await api.post('/runs', { project: 'shop', externalId: 'fields', startedAt: '2026-03-01T09:30:00Z' })).body
    .runId;
});
afterAll(() => api.close());

const pointersOf = async (method: string, path: string, body?: unknown): Promise<readonly string[]> => {
  const answer = await api.request(method, path, body);
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ code: 'validation_failed' });
  return answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
};

const LONG = 'x'.repeat(3000);
const RUN_FIELDS: readonly (readonly [pointer: string, fields: object])[] = [
  ['/project', { project: 'No Slug' }],
  ['/project', { project: undefined }],
  ['/project', { project: 5 }],
  ['/externalId', { externalId: ' ' }],
  ['/externalId', { externalId: LONG }],
  ['/build', { build: 'b' }],
  ['/build/id', { build: {} }],
  ['/build/shard', { build: { id: 'b', shard: -1 } }],
  ['/build/shard', { build: { id: 'b', shard: 3, shards: 2 } }],
  ['/build/shards', { build: { id: 'b', shards: 1.5 } }],
  ['/build/other', { build: { id: 'b', other: 1 } }],
  ['/kind', { kind: 'robot' }],
  ['/name', { name: 5 }],
  ['/branch', { branch: ['main'] }],
  ['/commit', { commit: LONG }],
  ['/commitTime', { commitTime: 'yesterday' }],
  ['/pullRequest', { pullRequest: 7 }],
  ['/environment', { environment: {} }],
  ['/ci', { ci: 'gitlab' }],
  ['/ci/url', { ci: { url: 5 } }],
  ['/triggeredBy', { triggeredBy: LONG }],
  ['/attributes', { attributes: { a: 1 } }],
  ['/tags', { tags: 'nightly' }],
  ['/tags', { tags: [''] }],
  ['/startedAt', { startedAt: '2026-02-30T00:00:00Z' }],
  ['/startedAt', { startedAt: 1772357400000 }],
  ['/finishedAt', { finishedAt: 'now' }],
  ['/finishedAt', { startedAt: '2026-03-01T10:00:00Z', finishedAt: '2026-03-01T09:00:00Z' }],
  ['/workers', { workers: 0 }],
  ['/metrics', { metrics: { a: '1' } }],
  ['/resources', { resources: [1] }],
  ['/resources/cpuPercent', { resources: { cpuPercent: -1 } }],
  ['/results', { results: {} }],
  ['/results', { results: 'x' }],
  ['/organization', { organization: 'rival' }],
  ['/status', { status: 'finished' }],
  ['/generation', { generation: 9 }],
];

describe('wrong fields of a run', () => {
  it.each(RUN_FIELDS)('%s %j', async (pointer, fields) => {
    expect(await pointersOf('POST', '/runs', { project: 'shop', ...fields })).toContain(pointer);
  });

  it('are refused in the query and the header', async () => {
    expect(await pointersOf('POST', '/runs?onInvalid=maybe', { project: 'shop' })).toEqual(['/onInvalid']);
    const options = { headers: { 'idempotency-key': LONG } };
    expect((await api.post('/runs', { project: 'shop' }, options)).body.errors[0].pointer).toBe('/Idempotency-Key');
  });
});

describe('wrong fields of a batch and a finish', () => {
  it.each([
    ['/results', {}],
    ['/results', { results: 5 }],
    ['/extra', { results: [], extra: 1 }],
    ['', []],
    ['', 'text'],
  ] as const)('batch %s %j', async (pointer, body) => {
    expect(await pointersOf('POST', `/runs/${runId}/results`, typeof body === 'string' ? [body] : body)).toContain(
      pointer,
    );
  });

  it.each([
    ['/finishedAt', { finishedAt: 'soon' }],
    ['/finishedAt', { finishedAt: '2026-03-01T09:00:00Z' }],
    ['/status', { status: 'running' }],
    ['/metrics', { metrics: { $x: 1 } }],
    ['/metrics/constructor', { metrics: { constructor: 1 } }],
    ['/resources/memoryMb', { resources: { memoryMb: 'much' } }],
    ['/results', { results: rowsOf(1) }],
    ['/other', { other: 1 }],
  ] as const)('finish %s %j', async (pointer, body) => {
    expect(await pointersOf('POST', `/runs/${runId}/finish`, body)).toContain(pointer);
  });

  it('a finish may say nothing', async () => {
    expect((await api.post(`/runs/${runId}/finish`)).body).toMatchObject({ status: 'finished' });
  });
});

describe('wrong queries', () => {
  it.each([
    ['/project', '/runs?project=No%20Slug'],
    ['/branch', '/runs?branch=%00'],
    ['/status', '/runs?status=done'],
    ['/build', '/runs?build='],
    ['/from', '/runs?from=yesterday'],
    ['/to', '/runs?to=5'],
    ['/limit', '/runs?limit=201'],
    ['/other', '/runs?other=1'],
    ['/status', `/runs/RUN/results?status=done`],
    ['/limit', `/runs/RUN/results?limit=x`],
    ['/project', '/builds?project=%24where'],
    ['/status', '/builds?status=finished'],
  ])('%s of %s', async (pointer, path) => {
    expect(await pointersOf('GET', path.replace('RUN', runId))).toContain(pointer);
  });

  it.each(['/runs/nope', '/runs/%00', '/runs/$where', '/results/nope', `/results/${'0'.repeat(32)}`, '/builds/%24ne'])(
    '%s is not there',
    async (path) => {
      expect((await api.get(path)).status).toBe(404);
    },
  );

  it('cursors of others are refused', async () => {
    const cursor = Buffer.from(JSON.stringify(['a', { $gt: '' }])).toString('base64url');
    for (const path of ['/runs', '/builds', `/runs/${runId}/results`])
      expect([path, (await api.get(`${path}?cursor=${cursor}`)).status]).toEqual([path, 422]);
  });
});
