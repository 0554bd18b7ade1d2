import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemScope } from '../../src/common/index.js';
import { DerivedMetricsService, type MetricQuery } from '../../src/metrics/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { seed } from './support.js';

let api: TestApp;
let derived: DerivedMetricsService;
const scope = systemScope('demo');

const query: MetricQuery = {
  filter: {},
  range: { from: new Date('2026-03-01T05:00Z'), to: new Date('2026-05-01T04:00Z'), timeZone: 'America/New_York' },
  interval: 'month',
  attempts: 'final',
};

beforeAll(async () => {
  api = await startApp();
  derived = api.app.get(DerivedMetricsService);
  await seed(api);
}, 60_000);
afterAll(() => api.close());

const valuesOf = async (ids: readonly string[], more: Partial<MetricQuery> = {}): Promise<Record<string, unknown>> => {
  const { values } = await derived.evaluate(scope, { ...query, ...more }, ids);
  return Object.fromEntries([...values].map(([id, points]) => [id, points.map(({ value }) => value)]));
};

describe('metrics of tests and runs', () => {
  it('follow tests from month to month', async () => {
    const ids = ['tests_known', 'tests_new', 'tests_vanished', 'tests_executed'];
    // 12 tests in each of 3 projects, last seen between 11 and 13 March: silent for 30 days by 13 April
    expect(await valuesOf(ids, { range: { ...query.range, to: new Date('2026-04-01T04:00Z') } })).toEqual({
      tests_known: [36],
      tests_new: [36],
      tests_vanished: [0],
      tests_executed: [36],
    });
  });

  it('put each run into one bucket, and average what runs sent', async () => {
    expect(await valuesOf(['runs', 'run_duration', 'run.coverage.lines', 'run.nothing'])).toEqual({
      runs: [12, 0],
      run_duration: [600_000, null],
      'run.coverage.lines': [75.5, null],
      'run.nothing': [null, null],
    });
    const web = await valuesOf(['runs', 'tests_known'], { filter: { projects: ['web'], suites: ['checkout/*'] } });
    expect((web.runs as number[])[0]).toBe(4);
    expect((web.tests_known as number[])[0]).toBe(6);
  });

  it('leave out what is no metric of theirs', async () => {
    expect(await valuesOf(['pass_rate', 'nonsense'])).toEqual({});
  });
});
