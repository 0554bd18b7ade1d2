import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, utimesSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, systemScope } from '../../src/common/index.js';
import { AppConfig } from '../../src/config/index.js';
import { countsOf, MetricsService, SealerService, VerifyService } from '../../src/metrics/index.js';
import { RunSummariesRepository } from '../../src/metrics/persistence/run-summaries.repository.js';
import { collection } from '../executions/support.js';
import { startApp, type TestApp } from '../support/app.js';

const PATIENCE_MS = 60_000;
const DAY_MS = 86_400_000;
const NEW_YEAR = Date.UTC(2026, 0, 1);

let api: TestApp;
/** How often a project's days were read to be sealed. */
const readings = new Map<string, number>();

/** One result on each of so many days from the new year on. */
const postRun = async (project: string, days: number, org = 'demo'): Promise<{ runId: string; projectId: string }> => {
  const results = Array.from({ length: days }, (_, day) => ({
    name: `test ${day}`,
    status: 'passed',
    startedAt: new Date(NEW_YEAR + day * DAY_MS).toISOString(),
  }));
  const body = { project, startedAt: '2026-01-01T00:00:00Z', externalId: project, results };
  const answer = await api.post('/runs', body, { token: await api.token({ org }) });
  expect(answer.status).toBe(201);
  const { runId } = answer.body;
  const summary = await summaries().findOne({ _id: runId });
  return { runId, projectId: String(summary?.p) };
};

/** No day comes to rest, and so none is sealed, while a test prepares it. */
const restless = async <T>(prepare: () => Promise<T>): Promise<T> => {
  const clock = api.app.get(Clock);
  const now = clock.now();
  clock.now = () => now;
  try {
    return await prepare();
  } finally {
    clock.now = () => new Date();
  }
};

const summaries = () => collection(api, 'RunSummary');
const dirtyDays = (projectId: string): Promise<number> =>
  collection(api, 'Day')
    .find({ dirty: true })
    .toArray()
    .then((days) => days.filter(({ p }) => String(p) === projectId).length);

const untilSealed = async (projectId: string): Promise<void> => {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    if ((await dirtyDays(projectId)) === 0) return;
    await sleep(100);
  }
  throw new Error(`not sealed within ${PATIENCE_MS} ms`);
};

beforeAll(async () => {
  api = await startApp();
  const repository = api.app.get(RunSummariesRepository, { strict: false });
  const read = repository.partsOfDays.bind(repository);
  repository.partsOfDays = (projectId, days) => {
    readings.set(projectId, (readings.get(projectId) ?? 0) + 1);
    return read(projectId, days);
  };
}, 60_000);
afterAll(() => api.close());

describe('sealing', () => {
  it('goes on behind a day that cannot be sealed, and does not try that one all the time', async () => {
    const startedAt = Date.now();
    const broken = await restless(async () => {
      const run = await postRun('broken', 1);
      await summaries().updateOne({ _id: run.runId as never }, { $set: { 'parts.0.rows': Buffer.from([99]) } });
      return run;
    });
    const { projectId } = await postRun('behind', 1, 'other');
    await untilSealed(projectId);
    await sleep(3_000);
    expect(await dirtyDays(broken.projectId)).toBe(1);
    const tried = readings.get(broken.projectId);
    expect(tried).toBeGreaterThanOrEqual(1);
    // at once and after 1, 3, 7 ... seconds
    expect(tried).toBeLessThanOrEqual(1 + Math.log2(1 + (Date.now() - startedAt) / 1_000));
    await summaries().deleteOne({ _id: broken.runId as never });
  }, 120_000);

  it('goes on behind days that wait for a batch, and seals them when it is through', async () => {
    const setPending = (update: object): Promise<unknown> =>
      collection(api, 'Run').updateOne({ externalId: 'waiting' }, update);
    const waiting = await restless(async () => {
      const run = await postRun('waiting', 40);
      await setPending({ $set: { pending: true } });
      return run;
    });
    const { projectId } = await postRun('after', 1);
    await untilSealed(projectId);
    expect(await dirtyDays(waiting.projectId)).toBe(40);
    await setPending({ $unset: { pending: '' } });
    await api.app.get(SealerService).sealAll();
    expect(await dirtyDays(waiting.projectId)).toBe(0);
  }, 120_000);

  it('leaves a day that is too large to its run summaries until it changes', async () => {
    const wide = (index: number): object => ({ suite: `${'漢'.repeat(990)}${index}`, name: 'x', status: 'passed' });
    const results = Array.from({ length: 3_000 }, (_, index) => wide(index));
    const run = { project: 'wide', externalId: 'wide', startedAt: '2026-01-01T10:00:00Z', results };
    const { body } = await api.post('/runs', run);
    const projectId = String((await summaries().findOne({ _id: body.runId }))?.p);
    const tried = async (times: number): Promise<void> => {
      const until = Date.now() + PATIENCE_MS;
      while ((readings.get(projectId) ?? 0) < times && Date.now() < until) await sleep(100);
      await sleep(2_000);
      expect(readings.get(projectId)).toBe(times);
      expect(await dirtyDays(projectId)).toBe(1);
    };
    await tried(1);
    const range = { from: new Date(NEW_YEAR), to: new Date(NEW_YEAR + DAY_MS), timeZone: 'UTC' };
    const query = { filter: { projects: ['wide'] }, range, attempts: 'final' as const };
    const { totals } = await api.app.get(MetricsService).query(systemScope('demo'), query);
    expect(countsOf(totals).executions).toBe(3_000);
    const report = await api.app.get(VerifyService).verify({ projectId, maxDifferences: 5 });
    expect(report).toMatchObject({ unsealed: 1, differences: [] });
    const before = readings.get(projectId)!;
    await api.post('/runs', { ...run, externalId: 'more', results: [wide(0)] });
    await tried(before + 1);
  }, 180_000);
});

describe('the health check of the worker', () => {
  const [, script = ''] =
    /\n {2}worker:[\s\S]*?- -e\n +- >-\n +(.+)\n/.exec(readFileSync('docker-compose.yml', 'utf8')) ?? [];
  const check = (dataDir: string): number | null =>
    spawnSync(process.execPath, ['-e', script], { env: { DATA_DIR: dataDir } }).status;
  const fileIn = (dataDir: string): string => join(dataDir, `worker.${hostname()}.alive`);

  it('is content while the worker seals, and not when it has stopped doing so', () => {
    const { dataDir } = api.app.get(AppConfig);
    expect(check(dataDir)).toBe(0);
    const before = new Date(Date.now() - 61_000);
    utimesSync(fileIn(dataDir), before, before);
    expect(check(dataDir)).toBe(1);
  });

  it('is not content with a process that is no worker, or has ended', async () => {
    const node = await startApp({}, 'api');
    expect(check(node.app.get(AppConfig).dataDir)).toBe(1);
    await node.close();
    const worker = await startApp();
    const { dataDir } = worker.app.get(AppConfig);
    for (const until = Date.now() + PATIENCE_MS; check(dataDir) !== 0 && Date.now() < until;) await sleep(100);
    expect(check(dataDir)).toBe(0);
    await worker.close();
    expect(existsSync(fileIn(dataDir))).toBe(false);
    expect(check(dataDir)).toBe(1);
  }, 120_000);
});
