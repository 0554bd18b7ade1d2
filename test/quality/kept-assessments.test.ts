import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { systemScope } from '../../src/common/index.js';
import { MetricsService } from '../../src/metrics/index.js';
import type { Assessment } from '../../src/quality/assessments/assessment.js';
import { AssessmentsService } from '../../src/quality/assessments/assessments.service.js';
import { startApp, type TestApp } from '../support/app.js';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const RANGE = { from: new Date(NOW - 20 * DAY_MS), to: new Date(NOW - DAY_MS), timeZone: 'UTC' };

let api: TestApp;
let counted: { mock: { calls: unknown[] }; mockClear(): unknown };
beforeAll(async () => {
  api = await startApp();
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
