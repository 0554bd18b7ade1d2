import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ExportWorker } from '../../src/exports/export-worker.js';
import { rowsOf } from '../executions/support.js';
import { post } from '../reports/support.js';
import { startApp, TEST_SECRET, type TestApp } from '../support/app.js';
import { ensureBuilt, ROOT } from '../support/process.js';
import { servers } from '../support/servers.js';
import { create, database, type Export, finished, linkOn, statusOf, until } from './support.js';

jest.setTimeout(600_000);

const RUNS = 5;
const PER_RUN = 2_500;
/** Columns that are read from each document, so that a file takes a while. */
const body = {
  source: { kind: 'results' },
  format: 'csv',
  columns: ['startedAt', 'suite', 'name', 'status', 'durationMs', 'errorMessage', 'worker', 'steps'],
  filter: { timeRange: { from: '2026-03-01', to: '2026-03-20' } },
};

let api: TestApp;
const open: ChildProcess[] = [];

beforeAll(async () => {
  await ensureBuilt();
  api = await startApp();
  // this process only takes jobs in: the ones that the test kills write them
  await api.app.get(ExportWorker).beforeApplicationShutdown();
  await post(api, '/projects', { key: 'web', name: 'web' }, 201);
  for (let run = 0; run < RUNS; run++) {
    const startedAt = `2026-03-${String(run + 2).padStart(2, '0')}T10:00:00.000Z`;
    const results = rowsOf(PER_RUN, (i) => ({ worker: `w${i % 7}`, steps: [{ name: 'open', status: 'passed' }] }));
    await post(api, '/runs', { project: 'web', externalId: `run ${run}`, startedAt, results }, 201);
  }
});
afterEach(async () => {
  for (const child of open.splice(0)) {
    const writer = child.exitCode === null && child.signalCode === null ? writerOf(child) : undefined;
    if (writer !== undefined) process.kill(writer, 'SIGKILL');
    await kill(child);
  }
});
afterAll(() => api.close());

/** `worker.js`, which has the writer of rows as its child, or that one alone. */
const start = (script: 'worker.js' | 'export-worker.js', failpoints = ''): ChildProcess => {
  const { PATH = '', HOME = '' } = process.env;
  const { mongodbUri, redisUrl } = servers();
  const child = spawn(process.execPath, [join(ROOT, 'dist', script)], {
    env: {
      ...{ PATH, HOME, MONGODB_URI: mongodbUri, REDIS_URL: redisUrl, JWT_SECRET: TEST_SECRET, DEMO: 'off' },
      ...{ SECRET_KEYS: TEST_SECRET, LOG_LEVEL: 'error', FAILPOINTS: failpoints },
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  open.push(child);
  return child;
};

/** The process that a worker has rows written by; undefined while it has none. */
const writerOf = ({ pid = 0 }: ChildProcess): number | undefined => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean);
  return children
    .map(Number)
    .find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('export-worker.js'));
};

const kill = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/** Or over already, where this process stood still meanwhile. */
const begun = (jobId: string): Promise<Export> =>
  until(
    () => statusOf(api, jobId),
    ({ status, progress }) => status !== 'pending' && progress.total !== null,
  );

/** The file as it is served, whole: as long and with the rows and the hash that the job says. */
const wholeFileOf = async ({ jobId, file, status, error }: Export): Promise<string> => {
  expect({ status, error }).toEqual({ status: 'completed', error: undefined });
  const response = await fetch(linkOn(api, (await statusOf(api, jobId)).downloadUrl ?? ''));
  const text = await response.text();
  expect(text.trimEnd().split('\r\n')).toHaveLength(RUNS * PER_RUN + 1);
  expect(file).toMatchObject({
    rows: RUNS * PER_RUN,
    length: Buffer.byteLength(text),
    sha256: hash('sha256', text, 'hex'),
  });
  return text;
};

/** Each job has one file, and nothing is there that no job has. */
const oneFileFor = async (...jobs: readonly Export[]): Promise<void> => {
  const count = (name: string) => database(api).collection(name);
  await until(
    async () => [
      (await count('exports.files').distinct('_id')).length,
      (await count('exports.chunks').distinct('files_id')).length,
    ],
    ([files, chunks]) => files === jobs.length && chunks === jobs.length,
  );
};

describe('a process that is killed', () => {
  let first: Export;
  let rows: string;

  it('at each step of one job: the next one goes on, and the file is whole and the only one', async () => {
    const { jobId } = await create(api, body);
    for (const [attempt, failpoint] of ['export-begun', 'export-written', 'export-completed'].entries()) {
      const child = start('export-worker.js', `${failpoint}=kill@1`);
      await once(child, 'exit');
      expect([failpoint, child.signalCode]).toEqual([failpoint, 'SIGKILL']);
      const { status, attempts } = await statusOf(api, jobId);
      expect([status, attempts]).toEqual([failpoint === 'export-completed' ? 'completed' : 'in_progress', attempt + 1]);
    }
    first = await statusOf(api, jobId);
    rows = await wholeFileOf(first);
    await oneFileFor(first);
  });

  it('at any moment, the writer or the worker above it: the job finishes by itself or with the next worker', async () => {
    const worker = start('worker.js');
    const second = await create(api, body);
    await begun(second.jobId);
    await sleep(Math.random() * 400);
    const writer = writerOf(worker);
    expect(writer).toBeDefined();
    process.kill(writer!, 'SIGKILL');
    const survived = await finished(api, second.jobId);
    expect(await wholeFileOf(survived)).toBe(rows);

    const third = await create(api, body);
    await begun(third.jobId);
    await sleep(Math.random() * 400);
    await kill(worker);
    start('export-worker.js');
    const taken = await finished(api, third.jobId);
    expect(await wholeFileOf(taken)).toBe(rows);
    expect([survived.file?.sha256, taken.file?.sha256]).toEqual([first.file?.sha256, first.file?.sha256]);
    await oneFileFor(first, survived, taken);
  });
});
