import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Types } from 'mongoose';
import type { Socket } from 'socket.io-client';
import { TokenVerifier } from '../../src/auth/index.js';
import { DomainError } from '../../src/common/index.js';
import { LEASE_OWNER } from '../../src/executions/index.js';
import { ExportSweeper } from '../../src/exports/export-sweeper.js';
import { ExportProgress } from '../../src/exports/export-progress.js';
import { ExportJobsRepository } from '../../src/exports/persistence/export-jobs.repository.js';
import { ExportLeases } from '../../src/exports/persistence/export-leases.js';
import type { ExportSource } from '../../src/exports/sources/export-source.js';
import { ResultsSource } from '../../src/exports/sources/results-source.js';
import { ExportSources } from '../../src/exports/sources/export-sources.js';
import { FileLinks } from '../../src/schedules/file-links.js';
import { ScheduledJobs } from '../../src/schedules/index.js';
import { ScheduleSweeper } from '../../src/schedules/schedule-sweeper.js';
import { ask, collect, connected, feedRead, socketTo } from '../realtime/support.js';
import { RANGE, seed } from '../reports/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import {
  create,
  database,
  type Export,
  exported,
  finished,
  jobsIn,
  linkOn,
  pretend,
  statusOf,
  storedFiles,
  until,
} from './support.js';

jest.setTimeout(400_000);

const HOUR_MS = 3_600_000;
const body = { source: { kind: 'results' }, format: 'csv', filter: { timeRange: RANGE } };

let api: TestApp;
let done: Export;

beforeAll(async () => {
  api = await startApp();
  await feedRead(api);
  await seed(api, 3);
  done = (await exported(api, body)).job;
});
afterAll(() => api.close());

const sweep = (): Promise<void> => api.app.get(ExportSweeper).sweep();
const inAnHour = (): Date => new Date(Date.now() + HOUR_MS);
const byId = (jobId: string) => ({ _id: new Types.ObjectId(jobId) });
const begun = (jobId: string): Promise<Export> =>
  until(
    () => statusOf(api, jobId),
    ({ status }) => status === 'in_progress',
  );

/** A test sets `rows` of it, in place of what its class does. */
const results = (): ExportSource => api.app.get(ExportSources).get('results');
const asEver: ExportSource['rows'] = (context, keys) => ResultsSource.prototype.rows.call(results(), context, keys);
afterEach(() => {
  results().rows = asEver;
});

/** The file stands still after its first rows until it is told to go on. */
const holdRows = (): (() => void) => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  results().rows = async function* (context, keys) {
    for await (const batch of asEver(context, keys)) {
      yield batch;
      await promise;
      context.signal.throwIfAborted();
    }
  };
  return () => resolve(undefined);
};

describe('an export of an organization that has others under way', () => {
  it('waits for its turn, and can be cancelled and begun again meanwhile', async () => {
    const lease = { fence: 1, owner: LEASE_OWNER, until: inAnHour(), fileId: new Types.ObjectId().toHexString() };
    const others: string[] = [];
    for (let i = 0; i < 2; i++)
      others.push(await pretend(api, done.jobId, { status: 'in_progress', lease, file: null, expiresAt: inAnHour() }));
    const { jobId } = await create(api, body);
    const cancelled = await api.post<Export>(`/exports/${jobId}/cancel`);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect((await api.post(`/exports/${jobId}/cancel`)).body).toMatchObject({ status: 409, code: 'export_over' });
    const fenceBefore = (await jobsIn(api).findOne(byId(jobId)))?.fence as number;
    const again = await api.post<Export>(`/exports/${jobId}/retry`);
    expect([again.status, again.body.status, again.body.progress.done]).toEqual([202, 'pending', 0]);
    const wasPostponed = ({ fence = 0, status = '' }: Loose): boolean => fence > fenceBefore && status === 'pending';
    await until(async () => (await jobsIn(api).findOne(byId(jobId))) ?? {}, wasPostponed);
    for (const other of others) await jobsIn(api).deleteOne(byId(other));
    await jobsIn(api).updateOne(byId(jobId), { $unset: { hintedAt: 1 } });
    const over = await finished(api, jobId);
    expect(over).toMatchObject({ status: 'completed', attempts: 1, file: { sha256: done.file?.sha256 } });
  });

  it('does not stand back for those that were taken after it', async () => {
    const leases = api.app.get(ExportLeases);
    // nobody else takes them before their time
    const waiting = { o: 'at-once', status: 'pending', notBefore: inAnHour(), file: null };
    const taken = [];
    for (const after of [1, 2, 2]) {
      const jobId = await pretend(api, done.jobId, waiting);
      taken.push((await leases.take(jobId, new Date(waiting.notBefore.getTime() + after)))!);
    }
    expect(await Promise.all(taken.map((one) => leases.othersAtWork(one)))).toEqual([0, 1, 2]);
    const lease = { fence: 1, owner: LEASE_OWNER, until: inAnHour(), fileId: new Types.ObjectId().toHexString() };
    const working = { ...waiting, status: 'in_progress', startedAt: new Date(0), lease };
    const lasting = await pretend(api, done.jobId, working);
    expect(await leases.othersAtWork(taken[0]!)).toBe(1);
    for (const jobId of [lasting, ...taken.map(({ job }) => job.jobId)]) await jobsIn(api).deleteOne(byId(jobId));
  });

  it('is refused where too many wait, or where its files take all that they may', async () => {
    const crowded = { token: await api.token({ org: 'crowded' }) };
    const far = { o: 'crowded', status: 'pending', notBefore: inAnHour(), file: null };
    for (let i = 0; i < 100; i++) await pretend(api, done.jobId, far);
    const refused = await api.post('/exports', body, crowded);
    expect([refused.status, refused.body.code]).toEqual([429, 'too_many_exports']);
    expect(refused.headers.get('retry-after')).toBe('30');
    await jobsIn(api).deleteMany({ o: 'crowded' });
    const large = { o: 'crowded', status: 'completed', file: { length: 10_240 * 1024 * 1024 }, expiresAt: inAnHour() };
    const kept = await pretend(api, done.jobId, large);
    const full = await api.post('/exports', body, crowded);
    expect([full.status, full.body.code]).toEqual([409, 'export_quota_exceeded']);
    expect((await api.request('DELETE', `/exports/${kept}`, undefined, crowded)).status).toBe(204);
    expect((await finished(api, (await create(api, body, crowded)).jobId, crowded)).status).toBe('completed');
  });
});

describe('an export that is tried again after a while', () => {
  it('is not told of before its time by the end of another: the queue would be told again much later only', async () => {
    const notBefore = inAnHour();
    const jobId = await pretend(api, done.jobId, { o: 'later', status: 'pending', notBefore, file: null });
    const idsAt = async (now: Date): Promise<string[]> =>
      (await api.app.get(ExportLeases).waiting('later', now, 2)).map((hint) => hint.jobId);
    expect(await idsAt(new Date(notBefore.getTime() - 1))).toEqual([]);
    expect(await idsAt(notBefore)).toEqual([jobId]);
    await jobsIn(api).deleteOne(byId(jobId));
  });
});

describe('an export that is being written', () => {
  it('tells how far it is, in its room too, and leaves nothing behind when it is cancelled', async () => {
    const before = await storedFiles(api);
    const goOn = holdRows();
    const { jobId } = await create(api, body);
    const running = await begun(jobId);
    expect(running.links.download).toBeUndefined();
    const socket: Socket = socketTo(api.origin, { token: await api.token() });
    expect(await connected(socket)).toBeUndefined();
    const deltas = collect(socket, 'delta');
    const joined = await ask(socket, 'subscribe', { room: `export:${jobId}` });
    expect(joined.snapshot).toMatchObject({ jobId, status: 'in_progress' });
    await until(
      () => statusOf(api, jobId),
      ({ progress }) => progress.done > 0 && progress.total !== null && (progress.percent ?? 100) < 100,
    );
    expect((await api.post(`/exports/${jobId}/cancel`)).status).toBe(200);
    await until(
      () => Promise.resolve(deltas),
      (all) => all.some(({ data }: Loose) => data.status === 'cancelled'),
    );
    socket.disconnect();
    goOn();
    await until(
      () => storedFiles(api),
      (files) => files.length === before.length,
    );
    expect((await statusOf(api, jobId)).status).toBe('cancelled');
    expect((await api.get(`/exports/${jobId}/download`)).body.code).toBe('export_not_ready');
  });

  it('ends in its room as it ended, though an older state of it is told late', async () => {
    const socket: Socket = socketTo(api.origin, { token: await api.token() });
    expect(await connected(socket)).toBeUndefined();
    const deltas = collect(socket, 'delta');
    expect((await ask(socket, 'subscribe', { room: `export:${done.jobId}` })).problem).toBeUndefined();
    const jobs = api.app.get(ExportJobsRepository);
    const { find } = jobs;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let looks = 0;
    jobs.find = async (scope, jobId) => {
      const isFirst = looks++ === 0;
      const job = await find.call(jobs, scope, jobId);
      if (isFirst) await promise;
      return job && isFirst ? { ...job, status: 'in_progress' } : job;
    };
    try {
      const announce = (): void => api.app.get(ExportProgress).announce({ jobId: done.jobId, organization: 'demo' });
      announce();
      await until(
        () => Promise.resolve(looks),
        (all) => all > 0,
      );
      announce();
      await until(
        () => Promise.resolve(deltas),
        (all) => all.length > 0,
      );
      resolve(undefined);
      await until(
        () => Promise.resolve(deltas),
        (all) => all.length > 1 && all.at(-1).data.status === 'completed',
      );
    } finally {
      jobs.find = find;
      socket.disconnect();
    }
  });

  it('has a room for those only who may see it', async () => {
    for (const [claims, code] of [
      [{ org: 'rival' }, 'not_found'],
      [{ projects: ['web'] }, 'not_found'],
    ] as const) {
      const socket = socketTo(api.origin, { token: await api.token(claims) });
      expect(await connected(socket)).toBeUndefined();
      expect((await ask(socket, 'subscribe', { room: `export:${done.jobId}` })).problem).toMatchObject({ code });
      socket.disconnect();
    }
  });

  it('is tried again after a failure, and fails at once where trying again is no use', async () => {
    let calls = 0;
    results().rows = async function* (context, keys) {
      calls += 1;
      if (calls === 1) throw new Error('a moment of weakness');
      yield* asEver(context, keys);
    };
    const { jobId } = await create(api, body);
    expect(await finished(api, jobId)).toMatchObject({ status: 'completed', attempts: 2, asOf: done.asOf });
    results().rows = () => {
      throw new DomainError('not_found', 'not_found', 'It is gone');
    };
    const failed = await finished(api, (await create(api, body)).jobId);
    expect(failed).toMatchObject({ status: 'failed', attempts: 1, error: { code: 'not_found', detail: 'It is gone' } });
    results().rows = asEver;
    expect((await api.post(`/exports/${failed.jobId}/retry`)).status).toBe(202);
    const over = await finished(api, failed.jobId);
    expect(over).toMatchObject({ status: 'completed', file: { sha256: done.file?.sha256 } });
    expect(over.error).toBeUndefined();
  });
});

describe('the sweep', () => {
  it('lets a file expire, forgets the job later, and begins it anew where somebody asks for it', async () => {
    const { job, bytes } = await exported(api, body);
    const link = linkOn(api, job.downloadUrl ?? '');
    const before = await storedFiles(api);
    await jobsIn(api).updateOne(byId(job.jobId), { $set: { expiresAt: new Date() } });
    await sweep();
    expect(await statusOf(api, job.jobId)).toMatchObject({ status: 'expired', progress: { percent: 100 } });
    await until(
      () => storedFiles(api),
      (files) => files.length === before.length - 1,
    );
    expect((await fetch(link)).status).toBe(403);
    expect((await api.get(`/exports/${job.jobId}/download`)).body).toMatchObject({
      status: 409,
      code: 'export_expired',
    });
    expect((await api.post(`/exports/${job.jobId}/links`)).status).toBe(409);
    expect((await api.post(`/exports/${job.jobId}/retry`)).status).toBe(202);
    const again = await finished(api, job.jobId);
    const fresh = await fetch(linkOn(api, again.downloadUrl ?? ''));
    expect(Buffer.from(await fresh.arrayBuffer()).equals(bytes)).toBe(true);
    for (let i = 0; i < 2; i++) {
      await jobsIn(api).updateOne(byId(job.jobId), { $set: { expiresAt: new Date() } });
      await sweep();
    }
    await until(
      async () => (await api.get(`/exports/${job.jobId}/status`)).status,
      (status) => status === 404,
    );
  });

  it('takes back what a worker that is gone had in hand, and gives up after the fifth', async () => {
    const fileId = new Types.ObjectId();
    const chunk = { files_id: fileId, n: 0, data: Buffer.from('half a file') };
    await database(api).collection('exports.chunks').insertOne(chunk);
    const lease = { fence: 1, owner: 'another machine 1 x', until: new Date(0), fileId: fileId.toHexString() };
    const lost = { status: 'in_progress', lease, fence: 1, file: null, expiresAt: inAnHour() };
    const [again, over] = [
      await pretend(api, done.jobId, { ...lost, attempts: 1 }),
      await pretend(api, done.jobId, { ...lost, attempts: 5 }),
    ];
    await sweep();
    await until(
      () => storedFiles(api),
      (files) => !files.includes(fileId.toHexString()),
    );
    expect(await finished(api, over)).toMatchObject({ status: 'failed', error: { code: 'worker_lost' } });
    const finishedAgain = await finished(api, again);
    expect(finishedAgain).toMatchObject({ status: 'completed', attempts: 2, file: { sha256: done.file?.sha256 } });
  });

  it('removes chunks that no job knows, and no others', async () => {
    const orphan = new Types.ObjectId();
    const chunk = { files_id: orphan, n: 0, data: Buffer.from('nobody wants me') };
    await database(api).collection('exports.chunks').insertOne(chunk);
    const before = await storedFiles(api);
    await api.app.get(ExportSweeper).removeOrphans();
    expect((await storedFiles(api)).sort()).toEqual(before.filter((id) => id !== orphan.toHexString()).sort());
  });
});

describe('a schedule', () => {
  const options = { source: { kind: 'results' }, format: 'csv', filter: { projects: ['web'], timeRange: RANGE } };

  it('makes the file, which stands in its history', async () => {
    const schedule = {
      name: 'Nightly rows',
      timing: { every: 'day', at: '06:00' },
      target: { kind: 'export', options },
    };
    const { body: made, status } = await api.post('/schedules', schedule);
    expect([status, made.code]).toEqual([201, undefined]);
    const { body: shown } = await api.get(`/schedules/${made.scheduleId}/preview`);
    expect(JSON.stringify(shown)).toContain('rows as CSV');
    expect((await api.post(`/schedules/${made.scheduleId}/run`)).status).toBe(202);
    await api.app.get(ScheduleSweeper).sweep();
    const [run] = (await api.get(`/schedules/${made.scheduleId}/runs`)).body.items;
    expect([run.status, run.error]).toEqual(['succeeded', null]);
    const { bytes } = await exported(api, options);
    const [file] = run.files;
    expect(file).toMatchObject({ name: 'Nightly rows.csv', bytes: bytes.length });
    const read = await fetch(`${api.origin}${file.href}`, {
      headers: { authorization: `Bearer ${await api.token()}` },
    });
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('hands the file of a private dashboard to nobody else who sees the schedule', async () => {
    const widgets = [{ id: 'a', type: 'execution_summary' }];
    const board = { name: 'Mine', visibility: 'private', filter: { projects: ['web'] }, widgets };
    const { dashboardId } = (await api.post('/dashboards', board)).body;
    const source = { kind: 'dashboard', dashboardId };
    const target = { kind: 'export', options: { source, format: 'csv' } };
    const schedule = { name: 'Mine, nightly', timing: { every: 'day', at: '06:00' }, target };
    const { scheduleId } = (await api.post('/schedules', schedule)).body;
    await api.post(`/schedules/${scheduleId}/run`);
    await api.app.get(ScheduleSweeper).sweep();
    const others = { token: await api.token({ sub: 'other', roles: ['viewer'] }) };
    const [run] = (await api.get(`/schedules/${scheduleId}/runs`, others)).body.items;
    expect([run.status, run.error]).toEqual(['succeeded', null]);
    const path = run.files[0].href.replace('/api/v1/execution-reporting', '');
    expect((await api.get(path)).status).toBe(200);
    expect((await api.get(path, others)).status).toBe(404);
  });

  it('sends a link that is void once the links of the export are revoked', async () => {
    const schedule = {
      name: 'Mailed rows',
      timing: { every: 'day', at: '06:00' },
      target: { kind: 'export', options },
    };
    const { scheduleId } = (await api.post('/schedules', schedule)).body;
    await api.post(`/schedules/${scheduleId}/run`);
    await api.app.get(ScheduleSweeper).sweep();
    const [run] = (await api.get(`/schedules/${scheduleId}/runs`)).body.items;
    const place = { scheduleId, runId: run.runId, index: 0 };
    const link = linkOn(api, api.app.get(FileLinks).linkOf('demo', place));
    const part = await fetch(link, { headers: { range: 'bytes=0-3' } });
    const jobId = run.links[0].href.split('/').at(-2);
    const { bytes, job } = await exported(api, options);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(0, 4))).toBe(true);
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 0-3/${bytes.length}`]);
    const tag = (await fetch(linkOn(api, job.downloadUrl ?? ''))).headers.get('etag');
    expect(part.headers.get('etag')).toBe(tag);

    const files = database(api).collection('schedule_runs');
    const stored = { _id: new Types.ObjectId(String(run.runId)) };
    // as it was stored before links could be revoked
    await files.updateOne(stored, { $set: { 'outcome.files.0.ref': jobId } });
    expect((await fetch(link)).status).toBe(200);
    await files.updateOne(stored, { $set: { 'outcome.files.0.ref': `${jobId}.0` } });
    expect((await api.request('DELETE', `/exports/${jobId}/links`)).status).toBe(204);
    const refused = await fetch(link);
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'link_invalid' }]);
    const read = await api.get(run.files[0].href.replace('/api/v1/execution-reporting', ''));
    expect([read.status, read.body]).toEqual([200, bytes.toString()]);
    await files.updateOne(stored, { $set: { 'outcome.files.0.ref': jobId } });
    expect((await fetch(link)).status).toBe(403);
  });

  it('makes one export of an occurrence, however often it is tried', async () => {
    const job = api.app.get(ScheduledJobs).get('export');
    const principal = await api.app.get(TokenVerifier).verifyToken(await api.token());
    const context = {
      ...{ principal, options, occurrenceId: 'occurrence-1', plannedAt: new Date(), timeZone: 'UTC' },
      schedule: { scheduleId: 's', name: 'Rows' },
      signal: AbortSignal.timeout(90_000),
    };
    const [first, second] = await Promise.all([job.run(context), job.run(context)]);
    const third = await job.run(context);
    const refs = [first, second, third].map(({ files }) => files?.[0]?.ref);
    expect(new Set(refs).size).toBe(1);
    const [ref = ''] = refs;
    await expect(job.open!(principal, ref, 'link')).resolves.toMatchObject({ etag: expect.stringMatching(/^"\w+"$/) });
    await api.request('DELETE', `/exports/${ref.split('.')[0]}`);
    await expect(job.open!(principal, ref, 'link')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('takes what POST /exports takes, and no report is made for the check', async () => {
    const target = (more: object) => ({
      ...{ name: 'x', timing: { every: 'day', at: '06:00' } },
      target: { kind: 'export', options: { ...options, ...more } },
    });
    const { body: problem } = await api.post('/schedules', target({ format: 'exe' }));
    expect(problem.errors[0].pointer).toBe('/target/options/format');
    const { body: unknown } = await api.post('/schedules', target({ filter: { projects: ['nowhere'] } }));
    expect(unknown.status).toBe(404);
    const count = (): Promise<number> => database(api).collection('reports').countDocuments();
    const before = await count();
    const detailed = target({ source: { kind: 'report', type: 'detailed' }, format: 'pdf' });
    expect((await api.post('/schedules', detailed)).status).toBe(201);
    expect(await count()).toBe(before);
  });
});
