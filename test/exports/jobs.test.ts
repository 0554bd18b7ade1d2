import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { startApp, type TestApp } from '../support/app.js';
import { RANGE, seed } from '../reports/support.js';
import { create, exported, finished, storedFiles, until } from './support.js';

jest.setTimeout(400_000);

let api: TestApp;
let runIds: string[];

beforeAll(async () => {
  api = await startApp();
  runIds = await seed(api);
});
afterAll(() => api.close());

const results = { source: { kind: 'results' }, format: 'csv', filter: { timeRange: RANGE } };
const rowsOf = (text: string): Record<string, string>[] => parse(text, { columns: true });

describe('a job', () => {
  it('becomes a whole file whose rows are those of the query', async () => {
    const { job, text, bytes } = await exported(api, { ...results, name: 'Überblick' });
    expect(job).toMatchObject({
      status: 'completed',
      name: 'Überblick',
      progress: { percent: 100 },
      file: { name: 'Überblick.csv', length: bytes.length, truncated: false },
      attempts: 1,
      createdBy: 'tester',
      projects: ['api', 'lib', 'web'],
      timeRange: { timeZone: 'America/New_York' },
    });
    const rows = rowsOf(text);
    const { body } = await api.post('/reports/generate', {
      type: 'summary',
      attempts: 'all',
      filter: { timeRange: RANGE },
    });
    expect(rows).toHaveLength(body.totals.executions);
    expect(job.progress).toEqual({ done: rows.length, total: rows.length, percent: 100 });
    expect(job.asOf).toBe(body.asOf);
    for (const status of ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'])
      expect(rows.filter((row) => row.status === status)).toHaveLength(body.totals[status]);
    const times = rows.map(({ startedAt }) => Date.parse(startedAt!));
    expect(times).toEqual([...times].sort((a, b) => b - a));
  });

  it('holds for each row what the API says of the result', async () => {
    const keys = ['resultId', 'runId', 'suite', 'name', 'status', 'attempt', 'durationMs', 'startedAt', 'errorType'];
    const columns = [...keys, 'errorMessage', 'tags', 'owner', 'branch', 'environment', 'steps', 'triggeredBy'];
    const body = { ...results, source: { kind: 'results', attempts: 'all' }, columns, timeZone: 'UTC' };
    const { text } = await exported(api, body);
    expect(text.split('\r\n')[0]).toBe(columns.join(','));
    const rows = new Map(rowsOf(text).map((row) => [row.resultId, row]));
    for (const runId of runIds.slice(0, 3)) {
      const { body: page } = await api.get(`/runs/${runId}/results?limit=200`);
      for (const item of page.items) {
        const { body: detail } = await api.get(`/results/${item.resultId}`);
        expect(rows.get(item.resultId)).toMatchObject({
          runId,
          suite: item.suite,
          name: item.name,
          status: item.status,
          attempt: String(item.attempt),
          durationMs: String(item.durationMs),
          startedAt: item.startedAt,
          errorType: item.error?.type ?? '',
          errorMessage: item.error?.message ?? '',
          tags: item.tags.join(', '),
          owner: item.owner ?? '',
          steps: String(detail.steps.length),
          triggeredBy: 'ana',
        });
      }
    }
  });

  it('takes the filter, the attempts and the number of rows that were asked for', async () => {
    const filter = { statuses: ['failed'], suites: ['checkout/*'], branches: ['main'], timeRange: RANGE };
    const body = { ...results, filter, source: { kind: 'results', attempts: 'final' } };
    const { body: estimate } = await api.post('/exports/estimate', body);
    const { text, job } = await exported(api, body);
    const rows = rowsOf(text);
    expect(rows.length).toBeGreaterThan(2);
    expect(estimate).toEqual({ rows: rows.length, exact: true, maxRecords: 5_000_000, withinLimit: true });
    for (const row of rows) expect(row).toMatchObject({ status: 'failed', branch: 'main' });
    expect(job.file?.truncated).toBe(false);
    const some = await exported(api, { ...body, maxRecords: 2 });
    expect(rowsOf(some.text)).toEqual(rows.slice(0, 2));
    expect(some.job).toMatchObject({ file: { rows: 2, truncated: true }, progress: { done: 2, total: 2 } });
  });

  it('is empty, with its heading, where nothing matches', async () => {
    const { text, job } = await exported(api, { ...results, filter: { owners: ['nobody'], timeRange: RANGE } });
    expect(rowsOf(text)).toEqual([]);
    expect(text).toMatch(/^startedAt,project,[\w,]+\r\n$/);
    expect(job.file?.rows).toBe(0);
  });

  it('exports runs, all of them and those that the filter admits', async () => {
    const runs = { source: { kind: 'runs' }, format: 'ndjson', filter: { timeRange: RANGE } };
    const { text } = await exported(api, runs);
    const rows = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => row.runId)).toEqual(runIds.toReversed());
    const { body: run } = await api.get(`/runs/${rows[0].runId}`);
    expect(rows[0]).toMatchObject({ executions: run.totals.executions, passed: run.totals.passed, status: run.status });
    const narrowed = {
      ...runs,
      filter: { branches: ['feature/*'], projects: ['!web'], suites: ['search\\*'], timeRange: RANGE },
    };
    const some = await exported(api, { ...narrowed, filter: { ...narrowed.filter, suites: undefined } });
    const wanted = rows.filter((row) => row.branch === 'feature/x' && row.project !== 'web');
    expect(wanted.length).toBeGreaterThan(0);
    expect(
      some.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(wanted);
    const named = await exported(api, { ...runs, source: { kind: 'runs', runIds: [runIds[3], runIds[1]] } });
    expect(
      named.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).runId),
    ).toEqual([runIds[3], runIds[1]]);
    const none = await exported(api, { ...runs, filter: { owners: ['nobody'], timeRange: RANGE } });
    expect(none.text).toBe('');
  });
});

describe('steering a job', () => {
  it('that is over is neither cancelled nor begun again; it is deleted with its file', async () => {
    const { job } = await exported(api, results);
    expect((await api.post(`/exports/${job.jobId}/cancel`)).body.code).toBe('export_over');
    expect((await api.post(`/exports/${job.jobId}/retry`)).body.code).toBe('not_retryable');
    const before = await storedFiles(api);
    expect((await api.request('DELETE', `/exports/${job.jobId}`)).status).toBe(204);
    expect((await api.get(`/exports/${job.jobId}/status`)).status).toBe(404);
    await until(
      () => storedFiles(api),
      (files) => files.length === before.length - 1,
    );
  });

  it('lists newest first, in pages, by status and owner', async () => {
    const mine = { token: await api.token({ sub: 'lister' }) };
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await create(api, { ...results, name: `list ${i}` }, mine)).jobId);
    const first = await api.get('/exports?mine=true&limit=2', mine);
    expect(first.body.items.map((item: { jobId: string }) => item.jobId)).toEqual(ids.slice(0, 2));
    const second = await api.get(`/exports?mine=true&limit=2&cursor=${first.body.nextCursor}`, mine);
    expect(second.body.items.map((item: { jobId: string }) => item.jobId)).toEqual(ids.slice(2));
    expect(second.body.nextCursor).toBeNull();
    for (const id of ids) await finished(api, id);
    const failed = await api.get('/exports?mine=true&status=failed', mine);
    expect(failed.body.items).toEqual([]);
    expect((await api.get('/exports?cursor=e30')).status).toBe(422);
  });
});
