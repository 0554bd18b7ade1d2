import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { generate, postRun, RANGE, type Report, seed } from './support.js';

let api: TestApp;

beforeAll(async () => {
  api = await startApp();
  await seed(api);
}, 60_000);
afterAll(() => api.close());

const TYPES = ['summary', 'detailed', 'trend_analysis', 'quality_metrics', 'failure_analysis', 'performance_analysis'];

describe('POST /reports/generate', () => {
  it.each(TYPES)('makes a report of type %s', async (type) => {
    const report = await generate(api, { type, top: 3, comparePrevious: true });
    expect(report).toMatchObject({ type, cached: false, plan: 'rollup', attempts: 'final' });
    expect(report.totals.executions).toBe(144);
    const { passed, failed, broken, timeout, skipped, cancelled, passRate } = report.totals;
    expect(passed + failed + broken + timeout + skipped + cancelled).toBe(144);
    expect(passRate).toMatchObject({ numerator: passed, denominator: passed + failed + broken + timeout });
    expect(passRate.low).toBeLessThan(passRate.value!);
    expect(report.asOf).toBeGreaterThan(0);
    expect(report.dataFreshnessSeconds).toBeGreaterThanOrEqual(0);
    expect(report.failingTests).toHaveLength(3);
    expect(report.slowestTests.map((test) => test.name)).toEqual(['test 11', 'test 11', 'test 11']);
    expect(new Set(report.slowestTests.map((test) => test.projectKey)).size).toBe(3);
    expect(report.efficiency).toMatchObject({ runs: 12, finishedRuns: 12, wallTimeMs: 12 * 600_000 });
    expect(report.efficiency.retries).toBeGreaterThan(0);
    expect(report.efficiency.parallelism).toBe(report.efficiency.testTimeMs / report.efficiency.wallTimeMs);
    expect(report.resources.cpuPercent).toEqual({ n: 12, average: 55.5, min: 50, max: 61 });
    expect(report.runMetrics['coverage.lines']).toMatchObject({ n: 12, min: 70, max: 81 });
    expect(report.previous.totals.executions).toBe(0);
    expect(report.previous.change.passRate).toEqual({ value: null, low: null, high: null });
    const sum = report.rows.reduce((n, row) => n + row.cell.executions, 0);
    expect(sum).toBe(type === 'summary' ? 0 : 144);
  });

  it('groups by local days and dimensions, and puts them in order', async () => {
    const report = await generate(api, { type: 'summary', interval: 'day', groupBy: ['project', 'branch'] });
    const keys = report.rows.map((row) => [row.bucket.from, row.group.project, row.group.branch].join());
    expect(keys).toEqual([...keys].sort());
    expect(report.rows[0]!.bucket.from).toBe('2026-03-01T05:00:00.000Z');
    expect(report.rows.every((row) => row.bucket.to > row.bucket.from)).toBe(true);
  });

  it('says clusters with what is new', async () => {
    const { failureClusters } = await generate(api, { type: 'failure_analysis' });
    expect(failureClusters).toHaveLength(2);
    expect(failureClusters[0]).toMatchObject({ isNew: true, example: { type: 'AssertionError' } });
    expect(failureClusters[0]!.suites.length).toBeGreaterThan(1);
    const later = await generate(api, {
      type: 'failure_analysis',
      filter: { timeRange: { ...RANGE, from: '2026-03-08' } },
    });
    expect(later.failureClusters.every((cluster) => !cluster.isNew)).toBe(true);
  });

  it('compares with the period before, row by row', async () => {
    const report = await generate(api, {
      type: 'summary',
      groupBy: ['suite'],
      comparePrevious: true,
      filter: { timeRange: { ...RANGE, from: '2026-03-08' } },
    });
    expect(report.previous.timeRange.from).toBe('2026-03-01T05:00:00.000Z');
    const row = report.rows[0]!;
    const before = report.previous.rows.find((other) => other.group!.suite === row.group.suite)!;
    expect(row.change.executions).toBe(row.cell.executions - before.cell.executions);
    expect(report.previous.change.passRate.low).toBeLessThan(report.previous.change.passRate.value!);
  });

  it('does not call a part of the outcomes the parallelism of their runs', async () => {
    const filtered = async (filter: object): Promise<Report['efficiency']> =>
      (await generate(api, { type: 'summary', top: 1, filter: { timeRange: RANGE, ...filter } })).efficiency;
    expect((await filtered({ suites: ['checkout/*'] })).parallelism).toBeNull();
    expect((await filtered({ branches: ['feature/*'] })).parallelism).toBeGreaterThan(0);
  });

  it('answers nothing with zeros and nulls', async () => {
    const timeRange = { from: '2020-01-01', to: '2020-02-01' };
    for (const type of TYPES) {
      const report = await generate(api, { type, filter: { timeRange }, top: 5, interval: 'week' });
      expect(report.totals).toMatchObject({ executions: 0, passRate: { value: null, status: 'insufficient_data' } });
      expect(report.totals.durationMs).toEqual({ n: 0, average: null, p50: null, p95: null, p99: null, total: 0 });
      expect(report).toMatchObject({ rows: [], failingTests: [], slowestTests: [], failureClusters: [] });
      expect(report.efficiency).toMatchObject({ runs: 0, parallelism: null, retryShare: null });
    }
  });

  it('filters', async () => {
    const count = async (filter: object): Promise<number> =>
      (await generate(api, { type: 'summary', filter: { timeRange: RANGE, ...filter } })).totals.executions;
    expect(await count({ projects: ['web'] })).toBe(48);
    expect(await count({ projects: ['!web'] })).toBe(96);
    expect(await count({ teams: ['shop'] })).toBe(48);
    expect(await count({ teams: ['(none)'] })).toBe(48);
    expect(await count({ branches: ['feature/*'] })).toBe(72);
    expect(await count({ environments: ['(none)'] })).toBe(36);
    expect(await count({ suites: ['checkout/*'] })).toBe(72);
    expect(await count({ suites: ['!checkout/*'] })).toBe(72);
    expect(await count({ tags: ['slow'] })).toBe(72);
    expect(await count({ tagsAll: ['slow', 'x'] })).toBe(0);
    expect(await count({ owners: ['core'] })).toBe(48);
    expect(await count({ users: ['!ana'] })).toBe(0);
    expect(await count({ kinds: ['batch'] })).toBe(0);
    const failed = await count({ statuses: ['failed'] });
    expect(failed).toBeGreaterThan(0);
    const { failingTests } = await generate(api, { type: 'failure_analysis', top: 1 });
    const one = await generate(api, {
      type: 'summary',
      filter: { timeRange: RANGE, tests: [failingTests[0]!.testId] },
    });
    expect(one.totals.executions).toBe(failingTests[0]!.cell.executions);
    expect(one.plan).toBe('rows');
  });

  it('gives the stored report for the same request, until something changes', async () => {
    const request = {
      type: 'summary',
      groupBy: ['suite'],
      filter: { timeRange: RANGE, branches: ['main', 'x', 'main'] },
    };
    const first = await generate(api, request);
    const again = await generate(api, { ...request, filter: { branches: ['x', 'main'], timeRange: RANGE } });
    expect(again).toMatchObject({ reportId: first.reportId, cached: true, totals: first.totals });
    const viewer = await api.token({ sub: 'somebody', roles: ['viewer'], projects: ['web', 'api', 'lib'] });
    const theirs = await api.post('/reports/generate', request, { token: viewer });
    expect(theirs.body.reportId).toBe(first.reportId);
    const confined = await api.token({ roles: ['viewer'], projects: ['web'] });
    const other = await api.post('/reports/generate', request, { token: confined });
    expect(other.body.reportId).not.toBe(first.reportId);
    expect(other.body.projects).toEqual(['web']);
    await postRun(api, 12, { at: '2025-01-01T00:00:00Z' });
    const fresh = await generate(api, request);
    expect(fresh.cached).toBe(false);
  });

  it('refuses more than 20,000 cells', async () => {
    const { status, body } = await api.post('/reports/generate', {
      type: 'summary',
      interval: 'hour',
      filter: { timeRange: { from: '2023-01-01', to: '2026-03-01' } },
    });
    expect(status).toBe(422);
    expect(body.code).toBe('too_many_cells');
  });

  it('says 404 for a project that is not there', async () => {
    const { status } = await api.post('/reports/generate', { type: 'summary', filter: { projects: ['nope'] } });
    expect(status).toBe(404);
  });

  const bad: readonly (readonly [pointer: string, body: object])[] = [
    ['/type', {}],
    ['/type', { type: 'poem' }],
    ['/type', { type: null }],
    ['/name', { name: 'a\0b' }],
    ['/name', { name: 7 }],
    ['/templateId', { templateId: 'x' }],
    ['/interval', { interval: 'fortnight' }],
    ['/interval', { interval: { days: 0 } }],
    ['/interval', { interval: { days: 1, weeks: 2 } }],
    ['/groupBy', { groupBy: ['colour'] }],
    ['/groupBy', { groupBy: ['suite', 'project', 'owner'] }],
    ['/groupBy', { groupBy: ['suite', 'suite'] }],
    ['/groupBy', { groupBy: 'suite' }],
    ['/attempts', { attempts: 'some' }],
    ['/comparePrevious', { comparePrevious: 'yes' }],
    ['/top', { top: 101 }],
    ['/top', { top: '5' }],
    ['/filter', { filter: [] }],
    ['/filter', { filter: 'all' }],
    ['/filter/colour', { filter: { colour: ['red'] } }],
    ['/filter/projects', { filter: { projects: ['A B'] } }],
    ['/filter/projects', { filter: { projects: 'web' } }],
    ['/filter/teams', { filter: { teams: [''] } }],
    ['/filter/suites', { filter: { suites: [7] } }],
    ['/filter/suites', { filter: { suites: Array(201).fill('a') } }],
    ['/filter/suites', { filter: { suites: ['a'.repeat(1002)] } }],
    ['/filter/tests', { filter: { tests: ['!0f1e2d3c4b5a69788796a5b4'] } }],
    ['/filter/types', { filter: { types: [{}] } }],
    ['/filter/tags', { filter: { tags: ['a\0'] } }],
    ['/filter/tagsAll', { filter: { tagsAll: [null] } }],
    ['/filter/branches', { filter: { branches: { $gt: '' } } }],
    ['/filter/environments', { filter: { environments: [[]] } }],
    ['/filter/owners', { filter: { owners: [true] } }],
    ['/filter/users', { filter: { users: [1] } }],
    ['/filter/kinds', { filter: { kinds: ['robot'] } }],
    ['/filter/statuses', { filter: { statuses: ['good'] } }],
    ['/filter/timeRange', { filter: { timeRange: 'today' } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: 'yesterday' } } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '+275760-09-13T00:00:00Z' } } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '2026-02-30' } } }],
    ['/filter/timeRange/to', { filter: { timeRange: { to: 1767225600000 } } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '2026-01-02', to: '2026-01-01' } } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '2010-01-01', to: '2026-01-01' } } }],
    ['/filter/timeRange/timeZone', { filter: { timeRange: { timeZone: 'Mars/Olympus' } } }],
    ['/filter/timeRange/timeZone', { filter: { timeRange: { timeZone: '+02:00' } } }],
    ['/filter/timeRange/lastDays', { filter: { timeRange: { lastDays: 0 } } }],
    ['/filter/timeRange/lastDays', { filter: { timeRange: { lastDays: true } } }],
    ['/filter/timeRange/lastDays', { filter: { timeRange: { lastDays: 3, from: '2026-01-01' } } }],
    ['/extra', { extra: 1 }],
  ];
  it.each(bad)('refuses at %s: %j', async (pointer, body) => {
    const { status, body: problem } = await api.post(
      '/reports/generate',
      pointer === '/type' ? body : { type: 'summary', ...body },
    );
    expect(status).toBe(422);
    expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });
});

describe('stored reports', () => {
  it('are listed, newest first, page by page', async () => {
    const made = [];
    for (const top of [1, 2, 3])
      made.push((await generate(api, { type: 'quality_metrics', top, name: `q${top}` })).reportId);
    const first = await api.get('/reports?type=quality_metrics&limit=2');
    expect(first.body.items.map((item: { reportId: string }) => item.reportId)).toEqual([made[2], made[1]]);
    expect(first.body.items[0]).toMatchObject({ name: 'q3', projects: ['api', 'lib', 'web'] });
    const second = await api.get(`/reports?type=quality_metrics&limit=2&cursor=${first.body.nextCursor}`);
    expect(second.body.items[0].reportId).toBe(made[0]);
    expect((await api.get('/reports?type=poem')).status).toBe(422);
    expect((await api.get('/reports?cursor=abc')).status).toBe(422);
  });

  it('come back as they were, with an ETag and 304', async () => {
    const report = await generate(api, { type: 'detailed' });
    const { body, headers } = await api.get(`/reports/${report.reportId}`);
    expect({ ...body, cached: false, dataFreshnessSeconds: 0 }).toEqual({ ...report, dataFreshnessSeconds: 0 });
    const etag = headers.get('etag')!;
    expect(etag).toMatch(/^W\/"/);
    const again = await api.get(`/reports/${report.reportId}`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.body).toBe('');
    const plain = await api.get(`/reports/${report.reportId}`, { headers: { 'accept-encoding': 'identity' } });
    for (const answer of [again, plain, { headers }])
      expect([answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([
        'private, no-cache',
        'accept-encoding',
      ]);
  });

  it('are deleted by who made them, and by who may write reports', async () => {
    const token = await api.token({ sub: 'vera', roles: ['viewer'] });
    const request = { type: 'summary', name: 'mine', filter: { timeRange: RANGE } };
    const { reportId } = (await api.post('/reports/generate', request, { token })).body;
    const other = await api.token({ sub: 'victor', roles: ['viewer'] });
    const refused = await api.request('DELETE', `/reports/${reportId}`, undefined, { token: other });
    expect([refused.status, refused.body.code]).toEqual([403, 'not_your_report']);
    expect((await api.request('DELETE', `/reports/${reportId}`, undefined, { token })).status).toBe(204);
    expect((await api.get(`/reports/${reportId}`)).status).toBe(404);
    const second = (await api.post('/reports/generate', request, { token })).body.reportId;
    expect(second).not.toBe(reportId);
    const engineer = await api.token({ sub: 'emil', roles: ['engineer'] });
    expect((await api.request('DELETE', `/reports/${second}`, undefined, { token: engineer })).status).toBe(204);
  });

  it('are not there for others', async () => {
    const { reportId } = await generate(api, { type: 'summary' });
    const foreign = { token: await api.token({ org: 'rival' }) };
    const confined = { token: await api.token({ projects: ['web'] }) };
    for (const options of [foreign, confined]) {
      expect((await api.get(`/reports/${reportId}`, options)).status).toBe(404);
      expect((await api.get(`/reports/${reportId}/drilldown`, options)).status).toBe(404);
      expect((await api.request('DELETE', `/reports/${reportId}`, undefined, options)).status).toBe(404);
    }
    expect((await api.get('/reports', foreign)).body.items).toEqual([]);
    expect(
      (await api.post('/reports/generate', { type: 'summary', filter: { projects: ['web'] } }, foreign)).status,
    ).toBe(404);
    expect(
      (await api.get('/reports', confined)).body.items.every(
        (item: { projects: string[] }) => item.projects.join() === 'web',
      ),
    ).toBe(true);
    const none = { token: null };
    expect((await api.get('/reports', none)).status).toBe(401);
    expect((await api.post('/reports/generate', { type: 'summary' }, none)).status).toBe(401);
    expect((await api.get(`/reports/${reportId}/drilldown`, none)).status).toBe(401);
    expect((await api.get('/reports/not-an-id')).status).toBe(404);
  });
});

describe('GET /metrics-catalogue', () => {
  it('lists every metric, and those that runs sent', async () => {
    const { status, body } = await api.get('/metrics-catalogue');
    expect(status).toBe(200);
    const ids = body.items.map((metric: { id: string }) => metric.id);
    expect(ids).toEqual(
      expect.arrayContaining(['pass_rate', 'duration_p95', 'tests_new', 'runs', 'run.coverage.lines']),
    );
    expect(body.items.find((metric: { id: string }) => metric.id === 'pass_rate')).toMatchObject({
      unit: 'ratio',
      goodDirection: 'up',
    });
    expect((await api.get('/metrics-catalogue', { token: null })).status).toBe(401);
  });
});
