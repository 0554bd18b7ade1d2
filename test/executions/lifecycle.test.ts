import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  CommitHookRegistry,
  ResultsRepository,
  RetentionService,
  RunEvents,
  RunSweeper,
  TestsRepository,
  RunsRepository,
  type CommitHook,
} from '../../src/executions/index.js';
import { BatchWriter } from '../../src/executions/batch-writer.js';
import { AttemptNumbers } from '../../src/executions/domain/prepare-results.js';
import { type Lease, RunLeases } from '../../src/executions/persistence/run-leases.js';
import { ResultPreparer } from '../../src/executions/result-preparer.js';
import { makeScope } from '../../src/common/index.js';
import { VerifyService } from '../../src/metrics/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { collection, createProject, rowsOf, STARTED } from './support.js';

let api: TestApp;
beforeAll(async () => {
  api = await startApp({ RUN_TIMEOUT_MINUTES: '30' });
  // these tests sweep by themselves and look at what a sweep finds
  for (const loop of [RunSweeper, RetentionService]) await api.app.get<RunSweeper>(loop).beforeApplicationShutdown();
  await createProject(api, 'shop');
});
afterAll(() => api.close());

const scope = makeScope('demo', 'all');
const run = (externalId: string, more: object = {}): object => ({
  project: 'shop',
  externalId,
  startedAt: STARTED,
  ...more,
});
const countResults = (runId: string): Promise<number> =>
  api.app
    .get(ResultsRepository)
    .attemptsOfRun(runId)
    .then(({ length }) => length);
const kindsOf = async (runId: string): Promise<unknown[]> =>
  (await collection(api, 'Commit').find({ r: runId }).sort({ _id: 1 }).toArray()).map(({ kind }) => kind);
const firstAtOf = async (name: string): Promise<string | undefined> => {
  const { items } = await api.app.get(TestsRepository).search(scope, { text: name, limit: 5 });
  return items[0]?.firstAt?.toISOString();
};

describe('a run that is deleted', () => {
  it('is gone with its results, takes no more, and may come again as a new one', async () => {
    const { runId } = (await api.post('/runs', run('gone', { results: rowsOf(20) }))).body;
    const { resultId } = (await api.get(`/runs/${runId}/results?limit=1`)).body.items[0];
    expect((await api.request('DELETE', `/runs/${runId}`)).status).toBe(204);
    expect((await api.get(`/runs/${runId}`)).status).toBe(404);
    expect((await api.get(`/runs/${runId}/results`)).status).toBe(404);
    expect((await api.get(`/results/${resultId}`)).status).toBe(404);
    expect(await countResults(runId)).toBe(0);
    expect(await kindsOf(runId)).toEqual(['results', 'deleted']);
    expect((await api.request('DELETE', `/runs/${runId}`)).status).toBe(404);
    const late = await api.post(`/runs/${runId}/results`, { results: rowsOf(1) });
    expect([late.status, late.body.code]).toEqual([409, 'run_deleted']);
    expect((await api.post(`/runs/${runId}/finish`, {})).body.code).toBe('run_deleted');
    const again = await api.post('/runs', run('gone', { results: rowsOf(20) }));
    expect(again.status).toBe(201);
    expect(again.body.runId).not.toBe(runId);
    const { items } = (await api.get('/audit-log?action=run.deleted')).body;
    expect(items[0]).toMatchObject({
      target: { type: 'run', id: runId },
      details: { externalId: 'gone', attempts: 20 },
    });
  });

  it('gives its tests back the first start that is left', async () => {
    const at = (startedAt: string): object => ({
      results: [{ suite: 'f', name: 'first-seen', status: 'passed', startedAt }],
    });
    const early = (await api.post('/runs', run('f-1', at('2026-03-01T10:00:00.000Z')))).body.runId;
    await api.post('/runs', run('f-2', at('2026-03-02T10:00:00.000Z')));
    expect(await firstAtOf('first-seen')).toBe('2026-03-01T10:00:00.000Z');
    await api.request('DELETE', `/runs/${early}`);
    expect(await firstAtOf('first-seen')).toBe('2026-03-02T10:00:00.000Z');
    await api.post('/runs', run('f-3', at('2026-03-01T12:00:00.000Z')));
    expect(await firstAtOf('first-seen')).toBe('2026-03-01T12:00:00.000Z');
  });

  it('stays so when a stream into it comes to its end', async () => {
    const { runId } = (await api.post('/runs', run('streamed'))).body;
    const stored = await api.app.get(RunsRepository).find(scope, runId);
    const rows = rowsOf(3).map((result, index) => ({ index, result: result as never }));
    const preparer = api.app.get(ResultPreparer, { strict: false });
    const writer = api.app.get(BatchWriter, { strict: false });
    const prepared = await preparer.prepare(stored!, rows, new AttemptNumbers());
    await writer.write(runId, prepared, { more: true });
    expect((await api.request('DELETE', `/runs/${runId}`)).status).toBe(204);
    const { projectId } = stored!;
    const verify = () => api.app.get(VerifyService).verify({ projectId, maxDifferences: 5 });
    expect((await verify()).differences).toEqual([]);
    await writer.settle(runId);
    expect(await kindsOf(runId)).toEqual(['results', 'deleted']);
    expect((await verify()).differences).toEqual([]);
  });

  it('is removed to the end by the sweep when that was cut off', async () => {
    const { runId } = (await api.post('/runs', run('cut', { results: rowsOf(5) }))).body;
    await failing('freeze', async () => {
      expect((await api.request('DELETE', `/runs/${runId}`)).status).toBe(500);
    });
    expect(await countResults(runId)).toBe(5);
    expect((await api.get(`/runs/${runId}`)).status).toBe(404);
    expect(await api.app.get(RunSweeper).sweep()).toMatchObject({ repaired: 1 });
    expect(await countResults(runId)).toBe(0);
    expect(await kindsOf(runId)).toEqual(['results', 'deleted']);
  });
});

/** The read model fails in one of its methods while `work` runs, every time or so many times. */
const failing = async (method: keyof CommitHook, work: () => Promise<void>, times = Infinity): Promise<void> => {
  const registry = api.app.get(CommitHookRegistry);
  const real = registry.require();
  let left = times;
  const fails = (called: keyof CommitHook): boolean => called === method && left-- > 0;
  const broken: CommitHook = {
    summarise: (...args) => (fails('summarise') ? Promise.reject(new Error('cut off')) : real.summarise(...args)),
    freeze: (...args) => (fails('freeze') ? Promise.reject(new Error('cut off')) : real.freeze(...args)),
  };
  registry.register(broken);
  try {
    await work();
  } finally {
    registry.register(real);
  }
};

describe('a batch that is cut off', () => {
  it('is finished by the sweep', async () => {
    await failing('summarise', async () => {
      expect((await api.post('/runs', run('half', { results: rowsOf(5) }))).status).toBe(500);
    });
    const [{ runId }] = (await api.get('/runs?project=shop&limit=50')).body.items.filter(
      ({ externalId }: { externalId: string }) => externalId === 'half',
    );
    expect(await kindsOf(runId)).toEqual([]);
    expect(await api.app.get(RunSweeper).sweep()).toMatchObject({ repaired: 1 });
    expect(await kindsOf(runId)).toEqual(['results']);
    expect((await api.get(`/runs/${runId}`)).body.totals).toMatchObject({ attempts: 5 });
    expect(await api.app.get(RunSweeper).sweep()).toEqual({ repaired: 0, aborted: 0 });
  });

  it('is finished by the client that sends it again', async () => {
    const body = run('resend', { results: rowsOf(5) });
    await failing('summarise', async () => {
      expect((await api.post('/runs', body)).status).toBe(500);
    });
    const again = await api.post('/runs', body);
    expect(again.body).toMatchObject({ accepted: 0, duplicates: 5 });
    expect(await kindsOf(again.body.runId)).toEqual(['results']);
    expect((await api.get(`/runs/${again.body.runId}`)).body.totals).toMatchObject({ attempts: 5 });
  });

  it('of a stream keeps what was stored', async () => {
    const { runId } = (await api.post('/runs', run('torn'))).body;
    const lines = rowsOf(5000).map((row) => JSON.stringify(row));
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(`${lines.join('\n')}\n`)),
    });
    const stop = new AbortController();
    const sent = fetch(`${api.url}/runs/${runId}/results`, {
      method: 'POST',
      body,
      duplex: 'half',
      signal: stop.signal,
      headers: { authorization: `Bearer ${await api.token()}`, 'content-type': 'application/x-ndjson' },
    }).catch(() => undefined);
    const until = Date.now() + 60_000;
    while ((await countResults(runId)) < 4000 && Date.now() < until) await new Promise((r) => setTimeout(r, 20));
    stop.abort();
    await sent;
    const settled = async (): Promise<number> => (await api.get(`/runs/${runId}`)).body.totals.attempts;
    while ((await settled()) < 4000 && Date.now() < until) await new Promise((r) => setTimeout(r, 20));
    expect(await settled()).toBe(4000);
    const headers = { 'content-type': 'application/x-ndjson' };
    const again = await api.post(`/runs/${runId}/results`, lines.join('\n'), { headers });
    expect(again.body).toMatchObject({ accepted: 1000, duplicates: 4000, rejected: [] });
    expect(await settled()).toBe(5000);
  }, 180_000);
});

describe('a run that nobody ends', () => {
  it('is aborted after the timeout, and may still be finished', async () => {
    const { runId } = (await api.post('/runs', run('silent'))).body;
    await api.post(`/runs/${runId}/results`, { results: rowsOf(3) });
    const runs = collection(api, 'Run');
    const sweeper = api.app.get(RunSweeper);
    const silentFor = (minutes: number): Promise<unknown> =>
      runs.updateOne({ externalId: 'silent' }, { $set: { updatedAt: new Date(Date.now() - minutes * 60_000) } });
    await silentFor(29);
    expect(await sweeper.sweep()).toEqual({ repaired: 0, aborted: 0 });
    await silentFor(31);
    expect(await sweeper.sweep()).toEqual({ repaired: 0, aborted: 1 });
    const { body } = await api.get(`/runs/${runId}`);
    expect(body).toMatchObject({ status: 'aborted', totals: { attempts: 3 } });
    expect(await kindsOf(runId)).toHaveLength(3);
    expect(
      (await api.post(`/runs/${runId}/results`, { results: [{ name: 'late', status: 'passed' }] })).body.accepted,
    ).toBe(1);
    expect((await api.post(`/runs/${runId}/finish`, {})).body).toMatchObject({
      status: 'finished',
      totals: { attempts: 4 },
    });
  });
});

describe('a run that is given back', () => {
  it('can be taken at once, also by whoever looks at it in that moment', async () => {
    const { runId } = (await api.post('/runs', run('given back'))).body;
    const leases = api.app.get(RunLeases, { strict: false });
    const take = async (): Promise<Lease> => {
      const lease = await leases.tryTake(runId);
      if (!lease) throw new Error('it is held by nobody, and was not given');
      return lease;
    };
    let lease = await take();
    expect(await leases.tryTake(runId)).toBeUndefined();
    const store = Reflect.get(leases, 'collection') as ReturnType<typeof collection>;
    const findOne = store.findOne.bind(store);
    // before and after the second look of whoever wants it
    for (const order of ['before', 'after']) {
      const look = jest.spyOn(store, 'findOne').mockImplementationOnce(async (...args: Parameters<typeof findOne>) => {
        if (order === 'before') await leases.release(lease);
        const found = await findOne(...args);
        if (order === 'after') await leases.release(lease);
        return found;
      });
      lease = await take();
      expect(look).toHaveBeenCalledTimes(1);
      look.mockRestore();
    }
    await leases.release(lease);
  });
});

describe('retention', () => {
  it('removes the results of old runs and keeps their figures', async () => {
    await createProject(api, 'kept', { retentionDays: 30 });
    const old = (await api.post('/runs', { ...run('old', { results: rowsOf(4) }), project: 'kept' })).body.runId;
    const recent = new Date(Date.now() - 86_400_000).toISOString();
    const young = (
      await api.post('/runs', { project: 'kept', externalId: 'young', startedAt: recent, results: rowsOf(4) })
    ).body.runId;
    expect(await api.app.get(RetentionService).sweep()).toBe(1);
    expect(await countResults(old)).toBe(0);
    expect(await countResults(young)).toBe(4);
    expect(await kindsOf(old)).toEqual(['results', 'expired']);
    expect((await api.get(`/runs/${old}`)).body).toMatchObject({ state: 'expired', totals: { attempts: 4 } });
    const late = await api.post(`/runs/${old}/results`, { results: rowsOf(1) });
    expect([late.status, late.body.code]).toEqual([409, 'run_expired']);
    const again = await api.post('/runs', { ...run('old', { results: rowsOf(4) }), project: 'kept' });
    expect([again.status, again.body.code]).toEqual([409, 'run_expired']);
    expect(await api.app.get(RetentionService).sweep()).toBe(0);
    expect((await api.request('DELETE', `/runs/${old}`)).status).toBe(204);
    expect(await kindsOf(old)).toEqual(['results', 'expired', 'deleted']);
  });
});

describe('retention that fails', () => {
  it('in one project goes on with the others, and with its other runs', async () => {
    for (const key of ['kept-1', 'kept-2']) {
      await createProject(api, key, { retentionDays: 30 });
      for (const externalId of ['a', 'b'])
        await api.post('/runs', { ...run(externalId, { results: rowsOf(2) }), project: key });
    }
    const retention = api.app.get(RetentionService);
    await failing('freeze', async () => expect(await retention.sweep()).toBe(3), 1);
    expect(await api.app.get(RunSweeper).sweep()).toMatchObject({ repaired: 1 });
    const { items } = (await api.get('/runs?project=kept-1&project=kept-2&limit=50')).body;
    expect(items.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('expired'));
    expect(await retention.sweep()).toBe(0);
  });

  it('as a whole in one project goes on with the others', async () => {
    const runs = api.app.get(RunsRepository);
    const real = runs.startedBefore.bind(runs);
    const asked: string[] = [];
    runs.startedBefore = (projectId, ...rest) => {
      asked.push(projectId);
      return asked.length === 1 ? Promise.reject(new Error('no answer')) : real(projectId, ...rest);
    };
    try {
      expect(await api.app.get(RetentionService).sweep()).toBe(0);
    } finally {
      runs.startedBefore = real;
    }
    expect(new Set(asked).size).toBeGreaterThan(1);
  });
});

describe('run-committed', () => {
  it('is emitted after the commit, with ids only', async () => {
    const seen: unknown[] = [];
    const stop = api.app.get(RunEvents).onRunCommitted((event) => seen.push(event));
    const { runId } = (await api.post('/runs', run('hint', { results: rowsOf(1) }))).body;
    stop();
    await api.post('/runs', run('no hint', { results: rowsOf(1) }));
    expect(seen).toEqual([
      { organization: 'demo', projectId: expect.any(String), runId, kind: 'results', position: expect.any(Number) },
    ]);
  });
});
