import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemScope } from '../../src/common/index.js';
import { RetentionService } from '../../src/executions/index.js';
import {
  countsOf,
  durationsOf,
  MetricsService,
  SealerService,
  VerifyService,
  type MetricQuery,
} from '../../src/metrics/index.js';
import type { UsageDto } from '../../src/metrics/http/usage.dto.js';
import { startApp, type TestApp } from '../support/app.js';

let app: TestApp;
let metrics: MetricsService;
const scope = systemScope('demo');

const query = (over: Partial<MetricQuery> = {}): MetricQuery => ({
  filter: { projects: ['web'] },
  range: { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-01-03T00:00:00Z'), timeZone: 'UTC' },
  interval: 'day',
  attempts: 'final',
  ...over,
});

const postRun = async (externalId: string, results: readonly object[]): Promise<string> => {
  const startedAt = '2026-01-01T10:00:00Z';
  const { status, body } = await app.post('/runs', { project: 'web', externalId, branch: 'main', startedAt, results });
  expect(status).toBeLessThan(300);
  return body.runId;
};

const result = (name: string, status: string, more: object = {}): object => ({
  name,
  suite: 'checkout',
  status,
  durationMs: 100,
  startedAt: '2026-01-01T10:00:00Z',
  ...more,
});

beforeAll(async () => {
  app = await startApp();
  metrics = app.app.get(MetricsService);
}, 60_000);
afterAll(() => app.close());

describe('the read model on real servers', () => {
  it('answers what was posted, at once, sealed or not', async () => {
    const runId = await postRun('engine-1', [
      result('adds', 'failed', { attempt: 1 }),
      result('adds', 'passed', { attempt: 2, startedAt: '2026-01-02T00:10:00Z' }),
      result('pays', 'broken'),
      result('finds', 'skipped'),
    ]);
    const open = await metrics.query(scope, query());
    expect(open.rows.map((row) => [row.bucket, countsOf(row.aggregate).executions])).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(countsOf(open.totals)).toMatchObject({ passed: 1, broken: 1, skipped: 1, judged: 2 });
    expect(open.totals).toMatchObject({ flaky: 1, retried: 1, retries: 1, retryDurationUs: 100_000 });
    expect(durationsOf(open.totals)).toMatchObject({ n: 2, average: 100, total: 200 });
    expect(open.pins).toEqual([]);
    await app.app.get(SealerService).sealAll();
    const sealed = await metrics.query(scope, query());
    expect(sealed.rows).toEqual(open.rows);
    expect(sealed.totals).toEqual(open.totals);
    const byRun = await metrics.query(scope, query({ interval: undefined, groupBy: ['run'] }));
    expect(byRun.rows.map((row) => row.group)).toEqual([[runId]]);
  });

  it('answers the past as it stood, however much came in or went since', async () => {
    const before = await metrics.query(scope, query({ groupBy: ['suite'] }));
    const asOf = { position: before.asOf, pins: before.pins };
    const late = await postRun('engine-1', [result('pays', 'passed', { attempt: 2 })]);
    await postRun('engine-2', [result('adds', 'failed')]);
    const after = await metrics.query(scope, query({ groupBy: ['suite'] }));
    expect(countsOf(after.totals).executions).toBe(4);
    const past = await metrics.queryAsOf(scope, query({ groupBy: ['suite'] }), asOf);
    expect(past.rows).toEqual(before.rows);
    expect(past.asOf).toBe(before.asOf);
    const now = { position: after.asOf, pins: after.pins };
    expect((await app.request('DELETE', `/runs/${late}`)).status).toBeLessThan(300);
    expect(countsOf((await metrics.query(scope, query())).totals).executions).toBe(1);
    expect((await metrics.queryAsOf(scope, query({ groupBy: ['suite'] }), now)).rows).toEqual(after.rows);
    expect(await metrics.removedIn(scope, query(), now)).toEqual({ deleted: 3, expired: 0 });
  });

  it.each(['deleted', 'expired'] as const)('answers the past of a run that grew since and is %s now', async (state) => {
    const project = `grown-${state}`;
    await app.post('/projects', { key: project, name: project });
    const post = async (results: readonly object[]): Promise<string> => {
      const run = { project, externalId: 'grown', branch: 'main', startedAt: '2026-01-01T10:00:00Z', results };
      return (await app.post('/runs', run)).body.runId;
    };
    const asked = query({ filter: { projects: [project] }, groupBy: ['suite'] });
    await post([result('adds', 'failed', { attempt: 1 }), result('pays', 'broken')]);
    const before = await metrics.query(scope, asked);
    await post([
      result('adds', 'passed', { attempt: 2, startedAt: '2026-01-02T00:10:00Z' }),
      result('finds', 'passed', { suite: 'search' }),
    ]);
    const after = await metrics.query(scope, asked);
    const runId = await post([result('pays', 'passed', { attempt: 2 })]);
    if (state === 'deleted') await app.request('DELETE', `/runs/${runId}`);
    else {
      await app.request('PATCH', `/projects/${project}`, { retentionDays: 1 });
      await app.app.get(RetentionService).sweep();
    }
    for (const then of [before, after]) {
      const asOf = { position: then.asOf, pins: then.pins };
      expect((await metrics.queryAsOf(scope, asked, asOf)).rows).toEqual(then.rows);
      const removed = { deleted: 0, expired: 0, [state]: countsOf(then.totals).executions };
      expect(await metrics.removedIn(scope, asked, asOf)).toEqual(removed);
    }
    // what expired still counts, and below are figures of all projects
    await app.request('DELETE', `/runs/${runId}`);
  });

  it('finds nothing to object to in its own rollups', async () => {
    await app.app.get(SealerService).sealAll();
    const report = await app.app.get(VerifyService).verify({ maxDifferences: 10 });
    expect(report.differences).toEqual([]);
    expect(report.days).toBeGreaterThan(0);
  });

  it('hides what is not in scope', async () => {
    await expect(metrics.query(systemScope('other'), query())).rejects.toMatchObject({ code: 'not_found' });
    expect((await metrics.query(systemScope('other'), query({ filter: {} }))).rows).toEqual([]);
  });
});

describe('usage', () => {
  const RANGE = 'from=2026-01-01&to=2026-01-03';

  it('counts runs and attempts by project and local day, deleted runs left out', async () => {
    const totalsOf = async (): Promise<UsageDto['totals']> => (await app.get<UsageDto>(`/usage?${RANGE}`)).body.totals;
    const before = await totalsOf();
    const runId = await postRun('usage-1', [
      result('pays', 'failed', { attempt: 1 }),
      result('pays', 'passed', { attempt: 2 }),
    ]);
    const { status, body } = await app.get(`/usage?${RANGE}&timeZone=Pacific/Auckland`);
    expect(status).toBe(200);
    expect(body.totals).toEqual({ runs: before.runs + 1, results: before.results + 2 });
    expect(body.projects).toEqual([{ project: 'web', ...body.totals }]);
    // 10:00 UTC is 23:00 of the same day there, which begins at 11:00 UTC of the day before
    expect(body.days).toEqual([{ day: '2025-12-31T11:00:00.000Z', ...body.totals }]);
    await app.request('DELETE', `/runs/${runId}`);
    expect(await totalsOf()).toEqual(before);
  });

  it('shows nothing of another organization or project, and asks for a manager', async () => {
    const get = async (claims: object): Promise<{ status: number; body: { totals?: object } }> =>
      app.get(`/usage?${RANGE}`, { token: await app.token(claims) });
    const nothing = { runs: 0, results: 0 };
    expect((await get({ org: 'other' })).body.totals).toEqual(nothing);
    expect((await get({ projects: ['else'] })).body.totals).toEqual(nothing);
    expect((await get({ roles: ['engineer'] })).status).toBe(403);
    expect((await app.get('/usage', { token: null })).status).toBe(401);
    expect((await app.get('/usage?from=never')).status).toBe(422);
  });
});
