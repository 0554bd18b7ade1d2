import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { systemScope } from '../../src/common/index.js';
import { MetricsService } from '../../src/metrics/index.js';
import type { Assessment } from '../../src/quality/assessments/assessment.js';
import { AssessmentsService } from '../../src/quality/assessments/assessments.service.js';
import { startApp, type TestApp } from '../support/app.js';
import { lastWednesday, setClock } from '../support/clock.js';

const DAY_MS = 86_400_000;
const NOW = lastWednesday().getTime();
const RANGE = { from: new Date(NOW - 20 * DAY_MS), to: new Date(NOW - DAY_MS), timeZone: 'UTC' };

let api: TestApp;
let counted: { mock: { calls: unknown[] }; mockClear(): unknown };
beforeAll(async () => {
  // without loops, that would read attempts too
  api = await startApp({}, 'api');
  setClock(api, new Date(NOW));
  counted = jest.spyOn(api.app.get(MetricsService), 'scanRows');
}, 60_000);
afterAll(() => api.close());

/** A run so many days ago, of 30 tests of which the first `failed` fail. */
const post = async (project: string, daysAgo: number, failed = 0): Promise<void> => {
  const results = Array.from({ length: 30 }, (_, i) => ({ name: `t${i}`, status: i < failed ? 'failed' : 'passed' }));
  const startedAt = new Date(NOW - daysAgo * DAY_MS).toISOString();
  expect((await api.post('/runs', { project, branch: 'main', startedAt, results })).status).toBe(201);
};

/** The assessment of the window, and whether attempts were read for it. */
const assess = async (project: string): Promise<{ assessment: Assessment; isRead: boolean }> => {
  counted.mockClear();
  const request = { filter: { projects: [project] }, range: RANGE };
  const assessment = await api.app.get(AssessmentsService).assess(systemScope('demo'), request);
  return { assessment, isRead: counted.mock.calls.length > 0 };
};

describe('an assessment that is kept', () => {
  it('stands for newer positions until its own days or their definitions change', async () => {
    await post('kept', 10);
    const first = await assess('kept');
    expect(first).toMatchObject({ isRead: true, assessment: { outcomes: 30 } });

    await post('kept', 40, 30);
    await post('kept', 0, 30);
    const later = await assess('kept');
    expect(later.isRead).toBe(false);
    expect(later.assessment.tests).toBe(first.assessment.tests);
    expect(later.assessment.asOf).toBe(first.assessment.asOf + 2);

    await post('kept', 5, 1);
    expect(await assess('kept')).toMatchObject({ isRead: true, assessment: { outcomes: 60 } });

    const { body } = await api.get('/tests?projects=kept&search=t7');
    const quarantine = {
      testId: body.items[0].testId,
      reason: 'flaky',
      owner: 'team-web',
      expiresAt: new Date(NOW + DAY_MS),
    };
    expect((await api.post('/quarantine', quarantine)).status).toBe(201);
    expect((await assess('kept')).isRead).toBe(true);
    expect((await assess('kept')).isRead).toBe(false);
  });

  it('is made anew with every run where the outage rule has looked at runs before the window', async () => {
    for (const daysAgo of [50, 45, 40, 35, 30]) await post('outage', daysAgo);
    await post('outage', 10, 29);
    const { assessment } = await assess('outage');
    expect(assessment).toMatchObject({ usedEarlierRuns: true, outages: [{ failed: 29 }] });
    expect((await assess('outage')).isRead).toBe(false);
    for (const daysAgo of [25, 24, 23, 22, 21.5, 21.2]) await post('outage', daysAgo, 29);
    expect(await assess('outage')).toMatchObject({ isRead: true, assessment: { outages: [] } });
  });
});

describe('clusters of failures', () => {
  const clusters = async (project: string) => {
    counted.mockClear();
    const request = { filter: { projects: [project] }, range: RANGE };
    const window = await api.app.get(AssessmentsService).clusters(systemScope('demo'), request);
    return { window, isRead: counted.mock.calls.length > 0 };
  };
  const post = async (project: string, daysAgo: number): Promise<void> => {
    const error = { type: 'Error', message: `boom in ${project}` };
    const startedAt = new Date(NOW - daysAgo * DAY_MS).toISOString();
    const body = { project, startedAt, results: [{ name: 't', status: 'failed', error }] };
    expect((await api.post('/runs', body)).status).toBe(201);
  };

  it('are read once, stand while their days do, and are those of the assessment', async () => {
    await post('clustered', 10);
    const first = await clusters('clustered');
    expect(first.isRead).toBe(true);
    expect([...first.window.clusters.values()]).toMatchObject([{ failures: 1 }]);
    await post('clustered', 40);
    const later = await clusters('clustered');
    expect(later).toMatchObject({ isRead: false, window: { asOf: first.window.asOf + 1 } });
    await post('clustered', 5);
    const { assessment } = await assess('clustered');
    const { isRead, window } = await clusters('clustered');
    expect(isRead).toBe(false);
    expect(window.clusters).toBe(assessment.clusters);
    expect([...window.clusters.values()]).toMatchObject([{ failures: 2 }]);
  });
});

describe('a window that is too broad', () => {
  const isOf = (call: unknown, from: Date): boolean =>
    (call as [unknown, { range: { from: Date } }])[1].range.from.getTime() === from.getTime();
  const broad = { status: 422, code: 'query_too_broad' };

  it('is refused before its attempts are read, with the count and the limit', async () => {
    const assessments = api.app.get(AssessmentsService);
    const { mostAttempts } = assessments;
    for (const daysAgo of [10, 5]) await post('broad', daysAgo);
    assessments.mostAttempts = 59;
    counted.mockClear();
    const window = `projects=broad&from=${RANGE.from.toISOString()}&to=${RANGE.to.toISOString()}`;
    for (const path of [
      '/quality-metrics?',
      '/quality-metrics/tests?suites=none&',
      '/outages?',
      '/failure-clusters?',
    ]) {
      const { body } = await api.get(path + window);
      expect(body).toMatchObject({ ...broad, detail: '60 attempts would have to be judged, more than 59' });
    }
    // the window before is empty, and may be read
    const read = counted.mock.calls.filter((call) => isOf(call, RANGE.from));
    expect(read).toEqual([]);
    // nor is it in the way of a narrow one that another project would be too broad for a comparison
    const { body: narrow } = await api.get('/quality-metrics?projects=broad&lastDays=6');
    expect(narrow.tests.total).toBe(30);
    assessments.mostAttempts = 60;
    expect((await api.get(`/quality-metrics?${window}`)).status).toBe(200);
    assessments.mostAttempts = mostAttempts;
  });

  it('leaves a report without its scores, and refuses one of quality', async () => {
    const assessments = api.app.get(AssessmentsService);
    const { mostAttempts } = assessments;
    for (const daysAgo of [10, 5]) await post('broad-report', daysAgo);
    assessments.mostAttempts = 59;
    const filter = { projects: ['broad-report'], timeRange: { lastDays: 20 } };
    const { body } = await api.post('/reports/generate', { type: 'summary', filter });
    const nothing = { status: 'too_broad', value: null, asOf: null };
    expect(body.totals).toMatchObject({ executions: 60, qualityScore: nothing, flakinessIndex: nothing });
    expect((await api.post('/reports/generate', { type: 'quality_metrics', filter })).body).toMatchObject(broad);
    assessments.mostAttempts = mostAttempts;
  });

  it('is refused where rollups cannot answer, unless who reads it stops when he has enough', async () => {
    const metrics = api.app.get(MetricsService);
    const { mostRows } = metrics;
    for (const daysAgo of [10, 5]) await post('many-rows', daysAgo);
    const timeRange = { lastDays: 20 };
    const filter = { projects: ['many-rows'], timeRange };
    metrics.mostRows = 59;
    const generate = (request: object) => api.post('/reports/generate', { type: 'summary', filter, ...request });
    expect((await generate({ groupBy: ['suite'] })).status).toBe(200);
    for (const request of [{ groupBy: ['test'] }, { top: 3 }])
      expect((await generate(request)).body).toMatchObject({
        ...broad,
        detail: 'More than 59 attempts would have to be read one by one',
      });
    const query = { filter: { projects: ['many-rows'] }, range: RANGE, attempts: 'final' } as const;
    let rows = 0;
    for await (const day of metrics.scanRows(systemScope('demo'), query, { newestFirst: true }))
      rows += day.rows.length;
    expect(rows).toBe(60);
    metrics.mostRows = mostRows;
  });
});
