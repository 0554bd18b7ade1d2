import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { startApp, type TestApp } from '../support/app.js';
import { collection, createProject, rowsOf, shuffled, STARTED } from './support.js';

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await createProject(api, 'shop');
});
afterAll(() => api.close());

const run = (externalId: string, more: object = {}): object => ({
  project: 'shop',
  externalId,
  startedAt: STARTED,
  ...more,
});
const totalsOf = async (runId: string): Promise<Record<string, number>> =>
  (await api.get(`/runs/${runId}`)).body.totals;
const commits = (runId: string): Promise<number> => collection(api, 'Commit').countDocuments({ r: runId });

describe('a run sent whole', () => {
  it('is stored, and shown as it was sent', async () => {
    const results = rowsOf(10, (i) => ({
      status: i === 3 ? 'failed' : 'passed',
      ...(i === 3 ? { error: { message: 'no' } } : {}),
    }));
    const sent = await api.post(
      '/runs',
      run('whole', { results, branch: 'main', metrics: { 'coverage.lines': 81.5 } }),
    );
    expect(sent.status).toBe(201);
    expect(sent.body).toMatchObject({
      status: 'finished',
      accepted: 10,
      duplicates: 0,
      rejected: [],
      rejectedCount: 0,
    });
    const { body: shown } = await api.get(`/runs/${sent.body.runId}`);
    expect(shown).toMatchObject({
      project: 'shop',
      externalId: 'whole',
      branch: 'main',
      kind: 'ci',
      startedAt: STARTED,
      metrics: { 'coverage.lines': 81.5 },
      totals: { attempts: 10, executions: 10, passed: 9, failed: 1, flaky: 0 },
    });
    expect(shown).not.toHaveProperty('organization');
    expect(shown).not.toHaveProperty('generation');
  });

  it('pages through its results, failures first, and shows one whole', async () => {
    const steps = [{ name: 'open', status: 'failed', expected: '1', actual: '2' }];
    const results = [
      ...rowsOf(7),
      {
        suite: 's',
        name: 'bad',
        status: 'failed',
        error: { type: 'E', message: 'boom', stack: 'at a' },
        steps,
        worker: '2',
      },
    ];
    const { runId } = (await api.post('/runs', run('paged', { results }))).body;
    const first = await api.get(`/runs/${runId}/results?limit=3`);
    const second = await api.get(`/runs/${runId}/results?limit=10&cursor=${first.body.nextCursor}`);
    expect([...first.body.items, ...second.body.items].map(({ name }: { name: string }) => name)).toEqual([
      'bad',
      ...rowsOf(7).map(({ name }) => name),
    ]);
    expect(second.body.nextCursor).toBeNull();
    const failed = await api.get(`/runs/${runId}/results?status=failed,broken`);
    expect(failed.body.items).toHaveLength(1);
    const one = await api.get(`/results/${failed.body.items[0].resultId}`);
    expect(one.body).toMatchObject({
      name: 'bad',
      suite: 's',
      startedAt: STARTED,
      attempt: 1,
      steps,
      worker: '2',
      error: { type: 'E', message: 'boom', stack: 'at a', fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
  });

  it('changes nothing when it is sent again, in any order', async () => {
    const results = rowsOf(50, (i) => ({ attempt: 1, status: i % 5 === 0 ? 'failed' : 'passed' }));
    const first = await api.post('/runs', run('again', { results }));
    const again = await api.post('/runs', run('again', { results: shuffled(results) }));
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({ runId: first.body.runId, accepted: 0, duplicates: 50, rejected: [] });
    expect(await totalsOf(first.body.runId)).toMatchObject({ attempts: 50, failed: 10 });
    expect(await commits(first.body.runId)).toBe(1);
  });

  it('is the same run by Idempotency-Key, and by its body', async () => {
    const body = { project: 'shop', results: rowsOf(2) };
    const byKey = await api.post('/runs', body, { headers: { 'idempotency-key': 'k-1' } });
    const sameKey = await api.post('/runs', { ...body, branch: 'x' }, { headers: { 'idempotency-key': 'k-1' } });
    expect(sameKey.body).toMatchObject({ runId: byKey.body.runId, duplicates: 2 });
    const byBody = await api.post('/runs', body);
    const sameBody = await api.post('/runs', { results: body.results, project: 'shop' });
    expect(byBody.body.runId).not.toBe(byKey.body.runId);
    expect(sameBody.body).toMatchObject({ runId: byBody.body.runId, duplicates: 2 });
  });

  it('may come packed with gzip', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const packed = gzipSync(JSON.stringify(run('packed', { results: rowsOf(500) })));
    expect((await api.post('/runs', packed, { headers })).body).toMatchObject({ accepted: 500 });
    expect((await api.post('/runs', packed.subarray(0, 50), { headers })).status).toBe(400);
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
    expect((await api.post('/runs', bomb, { headers })).status).toBe(413);
  });

  it('takes four clients at once as one', async () => {
    const results = rowsOf(400, () => ({ attempt: 1 }));
    const answers = await Promise.all(
      [1, 2, 3, 4].map((seed) => api.post('/runs', run('four', { results: shuffled(results, seed) }))),
    );
    expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
    expect(answers.reduce((sum, { body }) => sum + Number(body.accepted), 0)).toBe(400);
    expect(answers.reduce((sum, { body }) => sum + Number(body.duplicates), 0)).toBe(1200);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await totalsOf(answers[0]!.body.runId)).toMatchObject({ attempts: 400, executions: 400 });
  });

  it('joins parts of clients at once to one sum', async () => {
    const results = rowsOf(800, () => ({ attempt: 1 }));
    const parts = [0, 1, 2, 3, 4, 5, 6, 7].map((part) => results.filter((_, index) => index % 8 === part));
    const answers = await Promise.all(parts.map((part) => api.post('/runs', run('parts', { results: part }))));
    expect(answers.map(({ body }) => body.accepted)).toEqual(parts.map(() => 100));
    expect(await totalsOf(answers[0]!.body.runId)).toMatchObject({ attempts: 800, executions: 800 });
  });

  it('rejects an attempt with other content as conflict, and takes the rest', async () => {
    await api.post('/runs', run('conflict', { results: rowsOf(3) }));
    const results = [{ ...rowsOf(1)[0], status: 'failed' }, ...rowsOf(5).slice(1)];
    const { status, body } = await api.post('/runs', run('conflict', { results }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ accepted: 2, duplicates: 2 });
    expect(body.rejected).toEqual([{ index: 0, pointer: '/results/0', code: 'conflict', detail: expect.any(String) }]);
  });

  it('numbers attempts by their order, and counts outcomes and flaky tests', async () => {
    const retried = { suite: 's', name: 'flaky' };
    const results = [
      { ...retried, status: 'failed' },
      { ...retried, status: 'failed' },
      { ...retried, status: 'passed' },
      { suite: 's', name: 'flaky', parameters: { browser: 'firefox' }, status: 'passed' },
    ];
    const { runId } = (await api.post('/runs', run('attempts', { results }))).body;
    expect(await totalsOf(runId)).toMatchObject({ attempts: 4, executions: 2, passed: 2, failed: 0, flaky: 1 });
    const { items } = (await api.get(`/runs/${runId}/results`)).body;
    expect(items.map(({ attempt, status }: Record<string, unknown>) => [attempt, status])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
      [3, 'passed'],
      [1, 'passed'],
    ]);
  });

  it('stores nothing of a body with a wrong row, unless it may skip it', async () => {
    const results = [...rowsOf(2), { name: 'x', status: 'maybe' }, { status: 'passed' }];
    const strict = await api.post('/runs', run('strict', { results }));
    expect(strict.status).toBe(422);
    expect(strict.body).toMatchObject({ code: 'invalid_results' });
    expect(strict.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/results/2/status',
      '/results/3/name',
    ]);
    expect(await collection(api, 'Run').countDocuments({ externalId: 'strict' })).toBe(0);
    const skipped = await api.post('/runs?onInvalid=skip', run('strict', { results }));
    expect(skipped.status).toBe(201);
    expect(skipped.body).toMatchObject({ accepted: 2, rejectedCount: 2 });
    expect(skipped.body.rejected[0]).toMatchObject({ index: 2, pointer: '/results/2/status', code: 'not_allowed' });
  });
});

describe('a live run', () => {
  it('starts, takes batches, ends, and takes what comes late', async () => {
    const started = await api.post('/runs', run('live'));
    expect(started.status).toBe(201);
    expect(started.body).toMatchObject({ status: 'running', accepted: 0 });
    const { runId } = started.body;
    expect((await api.post('/runs', run('live'))).body).toMatchObject({ runId, status: 'running' });
    for (const from of [0, 10, 20])
      expect(
        (await api.post(`/runs/${runId}/results`, { results: rowsOf(30).slice(from, from + 10) })).body,
      ).toMatchObject({
        accepted: 10,
      });
    const metrics = { 'coverage.lines': 80 };
    const finished = await api.post(`/runs/${runId}/finish`, { finishedAt: '2026-03-01T09:40:00Z', metrics });
    expect(finished.body).toMatchObject({ status: 'finished', finishedAt: '2026-03-01T09:40:00.000Z', metrics });
    const before = await commits(runId);
    const again = await api.post(`/runs/${runId}/finish`, {
      finishedAt: '2026-03-01T09:50:00Z',
      metrics: { 'coverage.lines': 9 },
    });
    expect(again.body).toMatchObject({ status: 'finished', finishedAt: '2026-03-01T09:40:00.000Z', metrics });
    expect(await commits(runId)).toBe(before);
    const late = await api.post(`/runs/${runId}/results`, { results: [{ name: 'late', status: 'failed' }] });
    expect(late.body).toMatchObject({ accepted: 1 });
    expect(await totalsOf(runId)).toMatchObject({ attempts: 31, failed: 1 });
  });

  it('refuses a finish before its start', async () => {
    const { runId } = (await api.post('/runs', run('early'))).body;
    const { status, body } = await api.post(`/runs/${runId}/finish`, { finishedAt: '2026-03-01T09:00:00Z' });
    expect([status, body.errors[0].pointer]).toEqual([422, '/finishedAt']);
  });

  it('takes NDJSON of 50,000 lines, bad ones left out, and again as duplicates', async () => {
    const { runId } = (await api.post('/runs', run('stream'))).body;
    const lines = rowsOf(50_000, (i) => ({ name: `t ${i % 5000}`, status: i % 100 === 0 ? 'failed' : 'passed' }));
    const text = lines.map((line) => JSON.stringify(line));
    text[7] = '{"name": "broken"';
    text[9] = '{"name":"x","status":"nope"}';
    const body = Buffer.from(text.join('\n'));
    const headers = { 'content-type': 'application/x-ndjson' };
    const first = await api.post(`/runs/${runId}/results`, body, { headers });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ accepted: 49_998, duplicates: 0, rejectedCount: 2 });
    expect(first.body.rejected.map(({ pointer, code }: Record<string, string>) => [pointer, code])).toEqual([
      ['/7', 'invalid_json'],
      ['/9/status', 'not_allowed'],
    ]);
    expect(await totalsOf(runId)).toMatchObject({ attempts: 49_998 });
    const zipped = { ...headers, 'content-encoding': 'gzip' };
    const again = await api.post(`/runs/${runId}/results`, gzipSync(body), { headers: zipped });
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 49_998 });
    const started = { firstAt: new Date(STARTED) };
    expect(await collection(api, 'Test').countDocuments({ name: /^t \d+$/, ...started })).toBe(5000);
    const stored = await collection(api, 'Run').findOne({ externalId: 'stream' });
    for (const member of ['pending', 'stream', 'lease']) expect(stored).not.toHaveProperty(member);
  }, 240_000);
});

describe('builds', () => {
  it('puts the shards of a build together', async () => {
    const build = (shard: number): object => ({ build: { id: 'b/1', shard, shards: 3 } });
    await api.post('/runs', run('b-1', { ...build(1), results: rowsOf(2) }));
    await api.post('/runs', run('b-2', { ...build(2), results: rowsOf(3, (i) => ({ name: `other ${i}` })) }));
    const { body } = await api.get(`/builds/${encodeURIComponent('b/1')}`);
    expect(body).toMatchObject({
      buildId: 'b/1',
      status: 'incomplete',
      shardsSeen: [1, 2],
      shardsExpected: 3,
      runCount: 2,
      totals: { executions: 5 },
    });
    await api.post('/runs', run('b-1', { ...build(3), results: [{ name: 'third', status: 'passed' }] }));
    expect((await api.get(`/builds/${encodeURIComponent('b/1')}`)).body).toMatchObject({
      status: 'finished',
      shardsSeen: [1, 2, 3],
      runCount: 2,
      totals: { executions: 6 },
    });
    const { items } = (await api.get('/builds?project=shop')).body;
    expect(items.map(({ buildId }: { buildId: string }) => buildId)).toContain('b/1');
    expect((await api.get('/builds/none')).status).toBe(404);
  });
});

describe('the list of runs', () => {
  it('filters and pages, newest first', async () => {
    for (const day of ['01', '02', '03', '04', '05'])
      await api.post('/runs', {
        project: 'shop',
        externalId: `list-${day}`,
        branch: 'listed',
        commit: `c-${day}`,
        startedAt: `2026-02-${day}T00:00:00Z`,
        results: rowsOf(1),
      });
    const names = (body: { items: { externalId: string }[] }): string[] =>
      body.items.map(({ externalId }) => externalId);
    const first = await api.get('/runs?branch=listed&limit=2');
    const rest = await api.get(`/runs?branch=listed&limit=9&cursor=${first.body.nextCursor}`);
    expect([...names(first.body), ...names(rest.body)]).toEqual(
      ['05', '04', '03', '02', '01'].map((day) => `list-${day}`),
    );
    const range = await api.get('/runs?branch=listed&from=2026-02-02T00:00:00Z&to=2026-02-04T00:00:00Z');
    expect(names(range.body)).toEqual(['list-03', 'list-02']);
    expect(names((await api.get('/runs?commit=c-02&status=finished,aborted')).body)).toEqual(['list-02']);
    expect((await api.get('/runs?limit=0')).status).toBe(422);
    expect((await api.get('/runs?cursor=nonsense')).status).toBe(422);
  });
});
