import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { createProject, rowsOf, STARTED } from './support.js';

let api: TestApp;
let runId: string;
let resultId: string;
let paths: readonly (readonly [string, string, object?])[];

beforeAll(async () => {
  api = await startApp();
  await createProject(api, 'shop');
  await createProject(api, 'other');
  const body = { project: 'shop', externalId: 'a', startedAt: STARTED, build: { id: 'b' }, results: rowsOf(2) };
  runId = (await api.post('/runs', body)).body.runId;
  resultId = (await api.get(`/runs/${runId}/results`)).body.items[0].resultId;
  paths = [
    ['GET', `/runs/${runId}`],
    ['GET', `/runs/${runId}/results`],
    ['GET', `/results/${resultId}`],
    ['GET', '/builds/b'],
    ['POST', `/runs/${runId}/results`, { results: rowsOf(1) }],
    ['POST', `/runs/${runId}/finish`, {}],
    ['DELETE', `/runs/${runId}`],
  ];
});
afterAll(() => api.close());

describe('runs of others', () => {
  it('are not there for another organization', async () => {
    const token = await api.token({ org: 'rival' });
    for (const [method, path, body] of paths) {
      const answer = await api.request(method, path, body, { token });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect((await api.get('/runs', { token })).body.items).toEqual([]);
    expect((await api.get('/builds', { token })).body.items).toEqual([]);
    // the same key in another organization is another project and another run
    const own = await api.post('/runs', { project: 'shop', externalId: 'a', results: rowsOf(1) }, { token });
    expect(own.status).toBe(201);
    expect(own.body.runId).not.toBe(runId);
  });

  it('are not there for a caller confined to other projects', async () => {
    const token = await api.token({ projects: ['other'] });
    for (const [method, path, body] of paths)
      expect([path, (await api.request(method, path, body, { token })).status]).toEqual([path, 404]);
    expect((await api.post('/runs', { project: 'shop', results: [] }, { token })).status).toBe(404);
    expect((await api.get('/runs', { token })).body.items).toEqual([]);
  });

  it('cannot be written to by a viewer, nor deleted by an engineer', async () => {
    const viewer = { token: await api.token({ roles: ['viewer'] }) };
    expect((await api.post('/runs', { project: 'shop', results: rowsOf(1) }, viewer)).status).toBe(403);
    expect((await api.post(`/runs/${runId}/results`, { results: [] }, viewer)).status).toBe(403);
    expect((await api.post(`/runs/${runId}/finish`, {}, viewer)).status).toBe(403);
    expect((await api.post('/runs/import?project=shop', new FormData(), viewer)).status).toBe(403);
    expect((await api.get(`/runs/${runId}`, viewer)).status).toBe(200);
    const engineer = { token: await api.token({ roles: ['engineer'] }) };
    expect((await api.request('DELETE', `/runs/${runId}`, undefined, engineer)).status).toBe(403);
    const unknown = await api.post('/runs', { project: 'nowhere', results: [] }, engineer);
    expect([unknown.status, unknown.body.code]).toEqual([422, 'unknown_project']);
  });

  it('need a token', async () => {
    for (const [method, path, body] of [...paths, ['GET', '/runs'] as const, ['POST', '/runs', {}] as const])
      expect([path, (await api.request(method, path, body, { token: null })).status]).toEqual([path, 401]);
  });
});
