import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DemoLoader } from '../../src/demo/index.js';
import { ReportScoresService } from '../../src/reports/report-scores.service.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { lastWednesday, setClock, stopClock } from '../support/clock.js';
import { postRun } from './support.js';

const NOW = lastWednesday();
const PLAN = { seed: 5, days: 40, now: NOW };
const PATIENCE_MS = 60_000;
const last = (days: number) => ({ projects: ['demo'], timeRange: { lastDays: days } });

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  setClock(api, NOW);
  await api.app.get(DemoLoader).load(PLAN);
}, 240_000);
afterAll(() => api.close());

const generate = async (request: object): Promise<Loose> => {
  const { status, body } = await api.post('/reports/generate', { type: 'summary', filter: last(30), ...request });
  expect({ status, body: status === 200 ? {} : body }).toEqual({ status: 200, body: {} });
  return body;
};

/** The report once its scores are there. */
const untilScored = async (node: TestApp, reportId: string): Promise<Answer> => {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    const read = await node.get(`/reports/${reportId}`);
    if (read.body.totals.qualityScore.status !== 'pending' || Date.now() > until) return read;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('scores of the totals', () => {
  it('are those of GET /quality-metrics over the same filter and range', async () => {
    const { totals, asOf } = await generate({});
    const { body } = await api.get('/quality-metrics?projects=demo&lastDays=30');
    const { definition, value, band, parts } = body.score;
    expect(totals.qualityScore).toMatchObject({ definition, status: 'ok', value, band, parts, asOf });
    expect(totals.qualityScore.n).toBe(body.passRate.denominator);
    const { low, high, tests, n } = body.flakiness;
    expect(totals.flakinessIndex).toMatchObject({ value: body.flakiness.value, low, high, tests, n, asOf });
    expect(totals.flakinessIndex.low).toBeLessThanOrEqual(totals.flakinessIndex.value);
    expect(totals.executions).toBeGreaterThan(1000);
  });

  it('stand in every type, and are insufficient_data where there is nothing', async () => {
    for (const type of ['detailed', 'failure_analysis', 'performance_analysis'])
      expect((await generate({ type })).totals.qualityScore.status).toBe('ok');
    const { totals } = await generate({ filter: { ...last(30), suites: ['nowhere'] } });
    expect(totals.flakinessIndex).toMatchObject({ status: 'insufficient_data', value: null, n: 0 });
    expect(totals.qualityScore).toMatchObject({ status: 'insufficient_data', value: null, band: null });
  });

  it('are made anew when a project weighs otherwise', async () => {
    const before = await generate({});
    expect((await generate({})).cached).toBe(true);
    const qualityWeights = { passRate: 100, stability: 0, durationStability: 0, recovery: 0 };
    expect((await api.request('PATCH', '/projects/demo', { qualityWeights })).status).toBe(200);
    const after = await generate({});
    expect(after.cached).toBe(false);
    expect(after.totals.qualityScore.value).not.toBe(before.totals.qualityScore.value);
    expect((await api.request('PATCH', '/projects/demo', { qualityWeights: null })).status).toBe(200);
  });

  it('are filled in afterwards where they are much work, and waited for by who asks for that', async () => {
    const scores = api.app.get(ReportScoresService);
    const { judgedAtOnce } = scores;
    // however long this takes, what it leads to is of the last minute
    const goOn = stopClock(api);
    scores.judgedAtOnce = 10;
    const first = await api.post('/reports/generate', { type: 'summary', filter: last(21) });
    expect(first.body.totals.flakinessIndex).toMatchObject({ status: 'pending', value: null });
    const { reportId } = first.body;
    const etag = first.headers.get('etag') ?? '';
    const filled = await untilScored(api, reportId);
    expect(filled.body.totals.qualityScore.status).toBe('ok');
    expect(filled.body.totals.executions).toBe(first.body.totals.executions);
    expect(filled.headers.get('etag')).not.toBe(etag);
    expect((await api.get(`/reports/${reportId}`, { headers: { 'if-none-match': etag } })).status).toBe(200);
    const again = { headers: { 'if-none-match': filled.headers.get('etag') ?? '' } };
    expect((await api.get(`/reports/${reportId}`, again)).status).toBe(304);

    const waited = await generate({ filter: last(22), waitForScores: true });
    expect(waited.totals.flakinessIndex.status).toBe('ok');
    await generate({ filter: last(23) });
    const completed = await generate({ filter: last(23), waitForScores: true });
    expect(completed).toMatchObject({ cached: true, totals: { qualityScore: { status: 'ok' } } });

    // an API process leaves them to the worker, which the first application is here
    const only = await startApp({}, 'api');
    setClock(only, NOW);
    only.app.get(ReportScoresService).judgedAtOnce = 10;
    const left = await only.post('/reports/generate', { type: 'summary', filter: last(24) });
    expect(left.body.totals.qualityScore.status).toBe('pending');
    const read = await untilScored(only, left.body.reportId);
    expect(read.body.totals.qualityScore.status).toBe('ok');
    await only.close();

    // data comes in: figures of the last minute serve, with the position that they stand for
    await postRun(api, 0);
    await api.post('/runs', { project: 'demo', results: [{ name: 'a test of today', status: 'passed' }] });
    const stale = await generate({ filter: last(22) });
    expect(stale.cached).toBe(false);
    expect(stale.totals.qualityScore.asOf).toBe(waited.asOf);
    expect(stale.asOf).toBeGreaterThan(waited.asOf);
    scores.judgedAtOnce = judgedAtOnce;
    goOn();
  }, 240_000);
});

describe('sections', () => {
  it('trend_analysis holds what GET /trends says', async () => {
    const { trends, rows, omitted } = await generate({ type: 'trend_analysis' });
    const { body } = await api.get(
      '/trends?projects=demo&lastDays=30&metric=pass_rate,flaky_rate,duration_p95&forecast=14',
    );
    expect(trends.series.map(({ metric }: { metric: string }) => metric)).toEqual([
      'pass_rate',
      'flaky_rate',
      'duration_p95',
    ]);
    expect(trends.series[0].points).toEqual(body.series[0].points);
    expect(trends.series[0].forecast.points).toHaveLength(14);
    expect(trends.series[0].direction).toBe(body.series[0].direction);
    expect(rows).toHaveLength(30);
    expect(omitted).toBeUndefined();
  });

  it('a series of too many points is left out and said, the report stands', async () => {
    const { trends, omitted, rows } = await generate({ type: 'trend_analysis', interval: 'hour', filter: last(365) });
    expect(trends).toBeUndefined();
    expect(omitted).toMatchObject([{ part: 'trends', code: 'query_too_broad' }]);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('quality_metrics holds what GET /quality-metrics says', async () => {
    const { quality, totals } = await generate({ type: 'quality_metrics' });
    const { body } = await api.get('/quality-metrics?scope=project&projects=demo&lastDays=30');
    expect(quality.tests).toEqual(body.tests);
    expect(quality.groups).toEqual(body.groups);
    expect(quality.score.value).toBe(totals.qualityScore.value);
  });
});

describe('the bytes of a report', () => {
  it('are the same as gzip, and say so', async () => {
    const body = JSON.stringify({ type: 'detailed', filter: last(14), waitForScores: true });
    const headers = { authorization: `Bearer ${await api.token()}`, 'content-type': 'application/json' };
    const ask = (encoding: string) =>
      fetch(`${api.url}/reports/generate`, {
        method: 'POST',
        body,
        headers: { ...headers, 'accept-encoding': encoding },
      });
    await (await ask('identity')).arrayBuffer();
    const plain = await ask('identity');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('content-type')).toMatch(/^application\/json/);
    const zipped = await ask('br, gzip');
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(zipped.headers.get('vary')).toContain('accept-encoding');
    const expected = (await plain.json()) as object;
    expect(await zipped.json()).toMatchObject({ ...expected, dataFreshnessSeconds: expect.any(Number) });
    expect((await ask('gzip;q=0')).headers.get('content-encoding')).toBeNull();
  });
});
