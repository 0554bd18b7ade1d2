import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { setClock } from '../support/clock.js';
import { DAY_MS, daysAgo, expectNoNaN, NOW, postDays, type Day } from './support.js';

let api: TestApp;
let runIds: string[];

const DAYS = 60;
const STEP = 40;
/** 40 good days, then a step down; every weekday alike. Durations fall as the failures come. */
const stepped = Array.from({ length: DAYS }, (_, i): Day => {
  const failed = i < STEP ? 1 + (i % 2) : 8 + (i % 3);
  return { passed: 40 - failed, failed, duration: 1000 - failed * 10 };
});

const trends = async (query = ''): Promise<Loose> => {
  const { status, body } = await api.get(`/trends${query}`);
  expect({ status, problem: status === 200 ? '' : body }).toEqual({ status: 200, problem: '' });
  expectNoNaN(body);
  return body;
};
const only = async (query: string): Promise<Loose> => (await trends(query)).series[0];

beforeAll(async () => {
  api = await startApp();
  setClock(api, NOW);
  runIds = await postDays(api, 'stepped', stepped);
  await postDays(api, 'one', [{ passed: 3, failed: 1 }]);
  await postDays(
    api,
    'constant',
    Array.from({ length: 30 }, () => ({ passed: 25, failed: 0 })),
  );
  await postDays(
    api,
    'failing',
    Array.from({ length: 30 }, () => ({ passed: 0, failed: 25 })),
  );
  await postDays(
    api,
    'gaps',
    Array.from({ length: 45 }, (_, i) =>
      i % 3 === 1 || (i > 20 && i < 30) ? null : { passed: 20 + (i % 4), failed: 3 },
    ),
  );
  await api.post('/projects', { key: 'empty', name: 'empty' });
}, 120_000);
afterAll(() => api.close());

describe('GET /trends', () => {
  it('answers a bare call: pass rate by day, the last 30 days, all projects', async () => {
    const body = await trends();
    expect(body).toMatchObject({
      period: 'day',
      definition: { id: 'trends', version: 1 },
      range: { from: new Date(daysAgo(29)).toISOString(), to: new Date(daysAgo(-1)).toISOString(), timeZone: 'UTC' },
      correlations: [],
    });
    expect(body.asOf).toBeGreaterThan(0);
    expect(body.dataFreshnessSeconds).toBeGreaterThanOrEqual(0);
    expect(body.series).toHaveLength(1);
    const [series] = body.series;
    expect(series).toMatchObject({ metric: 'pass_rate', unit: 'ratio', goodDirection: 'up' });
    expect(series.points).toHaveLength(30);
    expect(series.forecast).toBeUndefined();
  });

  it('gives value, n and the Wilson interval of each point, and marks what is not over', async () => {
    const { points, statistics } = await only('?projects=stepped&lastDays=60');
    const day = points[2]!;
    expect(day).toMatchObject({ at: new Date(daysAgo(57)).toISOString(), value: 39 / 40, n: 40 });
    expect(day.low).toBeCloseTo(0.8712, 4);
    expect(day.high).toBeCloseTo(0.9956, 4);
    expect(day.partial).toBeUndefined();
    expect(points.at(-1)).toMatchObject({ partial: true });
    const values: number[] = points.map((point: Loose) => point.value);
    const mean = values.reduce((sum, x) => sum + x / values.length, 0);
    expect(statistics).toMatchObject({
      status: 'ok',
      n: 60,
      gaps: 0,
      min: Math.min(...values),
      max: Math.max(...values),
    });
    expect(statistics.mean).toBeCloseTo(mean, 12);
  });

  it('finds the step, with the runs and commits on either side, and says where it goes', async () => {
    const series = await only('?projects=stepped&lastDays=60');
    expect(series.direction).toBe('degrading');
    expect(series.slope.value).toBeLessThan(0);
    expect(series.slope.low).toBeLessThanOrEqual(series.slope.value);
    expect(series.slope.unit).toBe('ratio per day');
    expect(series.mannKendall).toMatchObject({ status: 'ok', significant: true });
    expect(series.correlationWithTime.pearson.value).toBeLessThan(-0.5);
    expect(series.changePoints).toHaveLength(1);
    const [change] = series.changePoints;
    expect(change).toMatchObject({ at: new Date(daysAgo(DAYS - 1 - STEP)).toISOString(), direction: 'degrading' });
    expect(change.before).toBeGreaterThan(change.after);
    expect(change.runsBefore).toMatchObject([{ runId: runIds[STEP - 1], project: 'stepped', branch: 'main' }]);
    expect(change.runsAfter).toMatchObject([{ runId: runIds[STEP] }]);
    expect(change.commitsAfter).toEqual([STEP.toString(16).padStart(40, 'c')]);
    expect(Date.parse(change.interval.from)).toBeLessThanOrEqual(Date.parse(change.at));
    expect(Date.parse(change.interval.to)).toBeGreaterThanOrEqual(Date.parse(change.at));
    expect(series.patterns.map((pattern: Loose) => pattern.kind)).toContain('step');
    expect(series.patterns[0].text).toMatch(/^Stepped down from \d+(\.\d+)? % to/);
  });

  it('forecasts so many periods after the series with nested intervals within 0..1', async () => {
    const { forecast } = await only('?projects=stepped&lastDays=60&forecast=14');
    expect(forecast).toMatchObject({ status: 'ok', accuracy: { n: 60 } });
    expect(['seasonal_naive', 'auto_ets', 'mstl_ets']).toContain(forecast.model);
    expect(forecast.points.map((point: Loose) => point.at)).toEqual(
      Array.from({ length: 14 }, (_, h) => new Date(daysAgo(-1 - h)).toISOString()),
    );
    for (const { value, low80, high80, low95, high95 } of forecast.points) {
      const order = [0, low95, low80, value, high80, high95, 1];
      expect([...order].sort((a, b) => a - b)).toEqual(order);
    }
    expect(forecast.accuracy).toHaveProperty('mase');
    expect(forecast.accuracy).toHaveProperty('coverage95');
  });

  it('answers several metrics at once, of cells, tests and runs, with the correlation of each pair', async () => {
    const metrics = ['pass_rate', 'duration_avg', 'tests_executed', 'runs', 'run.coverage.lines'];
    const body = await trends(`?projects=stepped&lastDays=60&metric=${metrics.join(',')}`);
    expect(body.series.map((series: Loose) => series.metric)).toEqual(metrics);
    expect(body.correlations).toHaveLength(10);
    const [first] = body.correlations;
    expect(first).toMatchObject({ status: 'ok', metrics: ['pass_rate', 'duration_avg'], n: 59 });
    expect(first.pearson.value).toBeCloseTo(1, 6);
    const coverage = body.series[4];
    expect(coverage.points[10]).toMatchObject({ value: 71, n: 1 });
    expect(body.series[2].points[10].value).toBe(40);
    const runs = body.correlations.find((pair: Loose) => pair.metrics[1] === 'runs');
    expect(runs).toMatchObject({ status: 'insufficient_data' });
  });

  it('does not hold a part of a period against whole ones where it adds up', async () => {
    const from = new Date(daysAgo(50)).toISOString();
    const { points, statistics } = await only(`?projects=stepped&metric=executions&period=week&from=${from}`);
    const whole = points.filter((point: Loose) => point.partial !== true);
    expect(new Set(whole.map((point: Loose) => point.value))).toEqual(new Set([280]));
    expect(statistics).toMatchObject({ n: whole.length, min: 280, max: 280 });
  });

  it('goes by every period, and by local days', async () => {
    for (const period of ['hour', 'day', 'week', 'month', 'quarter', 'year']) {
      const body = await trends(`?projects=stepped&lastDays=20&period=${period}&forecast=2&timeZone=Europe/Berlin`);
      const sum = body.series[0].points.reduce((total: number, { n }: { n: number }) => total + n, 0);
      expect([period, sum % 40]).toEqual([period, 0]);
      expect(sum).toBeGreaterThanOrEqual(19 * 40);
    }
  });

  it('tests a cycle that the client names', async () => {
    const { testedCycles, seasonality } = await only('?projects=constant&lastDays=30&cycle=sprint:10,5');
    expect(testedCycles.map(({ name, lag }: Loose) => [name, lag])).toEqual([
      ['day of week', 7],
      ['sprint', 10],
      ['every 5 periods', 5],
    ]);
    expect(seasonality).toEqual([]);
  });
});

describe('poor series', () => {
  it.each(['empty', 'one', 'constant', 'failing', 'gaps'])('answer honestly: %s', async (project) => {
    for (const metric of [
      'pass_rate',
      'executions',
      'duration_p95',
      'flaky_rate',
      'run_duration',
      'run.none',
      'tests_new',
    ])
      for (const lastDays of [1, 7, 45]) {
        const series = await only(`?projects=${project}&metric=${metric}&lastDays=${lastDays}&forecast=90&cycle=2`);
        expect(series.points).toHaveLength(lastDays);
        expect(['stable', 'improving', 'degrading', 'volatile', 'insufficient_data']).toContain(series.direction);
      }
  });

  it('say insufficient_data where nothing or one thing is there', async () => {
    const empty = await trends('?projects=empty&forecast=14');
    expect(empty.dataFreshnessSeconds).toBeNull();
    for (const project of ['empty', 'one']) {
      const series = await only(`?projects=${project}&forecast=14`);
      expect(series).toMatchObject({
        direction: 'insufficient_data',
        slope: { value: null, low: null, high: null },
        mannKendall: { status: 'insufficient_data' },
        correlationWithTime: { status: 'insufficient_data' },
        forecast: { status: 'insufficient_data', points: [] },
        changePoints: [],
        anomalies: [],
        seasonality: [],
      });
      expect(series.forecast.reason).toMatch(/a forecast needs/);
      expect(series.insufficientData.map(({ part }: Loose) => part)).toEqual([
        'trend',
        'changePoints',
        'anomalies',
        'seasonality',
      ]);
    }
    const one = await only('?projects=one');
    expect(one.statistics).toMatchObject({ status: 'ok', n: 1, mean: 0.75, sd: null });
  });

  it('are stable where nothing moves, at 1 and at 0', async () => {
    for (const [project, level] of [
      ['constant', 1],
      ['failing', 0],
    ] as const) {
      const series = await only(`?projects=${project}&forecast=7`);
      expect(series).toMatchObject({
        direction: 'stable',
        slope: { value: 0 },
        changePoints: [],
        anomalies: [],
        seasonality: [],
      });
      expect(series.statistics).toMatchObject({ mean: level, min: level, max: level, sd: 0 });
      expect(series.forecast).toMatchObject({ status: 'ok' });
      for (const point of series.forecast.points) expect(point.value).toBe(level);
    }
  });

  it('have null where there is a gap, and keep the place of the others', async () => {
    const series = await only('?projects=gaps&lastDays=45');
    expect(series.points[1]).toMatchObject({ value: null, n: 0, low: null, high: null });
    expect(series.points[2].value).toBeCloseTo(22 / 25, 12);
    const gaps = series.points.filter((point: Loose) => point.value === null).length;
    expect(series.statistics).toMatchObject({ n: 45 - gaps, gaps });
    expect(series.points.at(-1).at).toBe(new Date(daysAgo(0)).toISOString());
  });

  it('end at what has begun: the future is empty, and the forecast begins there', async () => {
    const to = new Date(daysAgo(-10)).toISOString();
    const series = await only(`?projects=stepped&from=${new Date(daysAgo(40)).toISOString()}&to=${to}&forecast=3`);
    expect(series.points).toHaveLength(50);
    expect(series.points.at(-1)).toMatchObject({ value: null, n: 0 });
    expect(series.statistics).toMatchObject({ n: 41, gaps: 0 });
    expect(series.forecast.points[0].at).toBe(new Date(daysAgo(-1)).toISOString());
    expect(Date.parse(series.forecast.points[2].at) - Date.parse(series.forecast.points[0].at)).toBe(2 * DAY_MS);
  });
});

describe('versions', () => {
  it('answers 304 to the ETag until data comes in', async () => {
    const path = '/trends?projects=one';
    const first = await api.get(path);
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^W\/"/);
    const again = await api.get(path, { headers: { 'if-none-match': etag } });
    expect([again.status, again.body]).toEqual([304, '']);
    expect((await api.get('/trends?projects=one&period=hour', { headers: { 'if-none-match': etag } })).status).toBe(
      200,
    );
    await api.post('/runs', { project: 'one', externalId: 'more', results: [{ name: 'x', status: 'passed' }] });
    const changed = await api.get(path, { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.body.asOf).toBeGreaterThan(first.body.asOf);
    expect(changed.body.series[0].points.at(-1).n).toBe(5);
  });
});

describe('rights', () => {
  it('lets viewers read, and nobody without a token', async () => {
    const viewer = await api.token({ roles: ['viewer'] });
    expect((await api.get('/trends', { token: viewer })).status).toBe(200);
    expect((await api.get('/trends', { token: null })).status).toBe(401);
  });

  it('shows nothing of another organization or project', async () => {
    const other = await api.token({ org: 'other' });
    expect((await api.get('/trends?projects=stepped', { token: other })).status).toBe(404);
    const bare = await api.get('/trends', { token: other });
    expect(bare.status).toBe(200);
    expect(bare.body.series[0].statistics.n).toBe(0);
    const confined = await api.token({ roles: ['viewer'], projects: ['one'] });
    expect((await api.get('/trends?projects=stepped', { token: confined })).status).toBe(404);
    const own = await api.get('/trends', { token: confined });
    expect(own.body.series[0].statistics.n).toBe(1);
  });
});

describe('the OpenAPI document', () => {
  it('has the route with its target time, every parameter and every problem', async () => {
    const { body } = await api.get('//docs-json', { token: null });
    const route = body.paths['/api/v1/execution-reporting/trends'].get;
    expect(route['x-target-ms']).toBe(300);
    expect(Object.keys(route.responses)).toEqual(
      expect.arrayContaining(['200', '304', '401', '403', '404', '422', '429', '500', '503']),
    );
    const names: string[] = route.parameters.map((parameter: Loose) => parameter.name);
    expect(names).toEqual(
      expect.arrayContaining([
        'metric',
        'period',
        'from',
        'to',
        'lastDays',
        'timeZone',
        'forecast',
        'cycle',
        'projects',
      ]),
    );
    for (const parameter of route.parameters) expect([parameter.name, parameter.description]).not.toContain(undefined);
  });
});

describe('what is refused', () => {
  it.each([
    ['metric=nonsense', 'unknown_metric', '/metric'],
    ['metric=a%00b', 'validation_failed', '/metric'],
    [`metric=${Array.from({ length: 11 }, (_, i) => `run.m${i}`).join(',')}`, 'validation_failed', '/metric'],
    ['period=minute', 'validation_failed', '/period'],
    ['forecast=0', 'validation_failed', '/forecast'],
    ['forecast=91', 'validation_failed', '/forecast'],
    ['forecast=1.5', 'validation_failed', '/forecast'],
    ['forecast=many', 'validation_failed', '/forecast'],
    ['cycle=sprint', 'validation_failed', '/cycle'],
    ['cycle=1', 'validation_failed', '/cycle'],
    ['cycle=2,3,4,5,6,7', 'validation_failed', '/cycle'],
    ['timeZone=Mars', 'validation_failed', '/timeZone'],
    ['from=2026-02-01&to=2026-01-01', 'invalid_time_range', '/from'],
    ['kinds=robot', 'validation_failed', '/kinds'],
    ['colour=red', 'validation_failed', '/colour'],
    ['period=hour&lastDays=800', 'query_too_broad', '/period'],
  ])('%s', async (query, code, pointer) => {
    const { status, body } = await api.get(`/trends?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 422, code });
    expect(body.errors.some((error: Loose) => error.pointer.startsWith(pointer))).toBe(true);
  });

  it('a project that is not there', async () => {
    expect((await api.get('/trends?projects=nowhere')).status).toBe(404);
  });
});
