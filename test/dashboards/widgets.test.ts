import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Types } from 'mongoose';
import { eventually } from '../alerts/support.js';
import { collection } from '../executions/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { aRun, create, daysAgo, ok, seed } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await seed(api);
});
afterAll(() => api.close());

/** The data of one widget of a new dashboard. */
const dataOf = async (type: string, options: object = {}, filter: object = {}, board: object = {}): Promise<Loose> => {
  const { widgets } = await create(api, { widgets: [{ type, options, filter }], ...board });
  expect({ type, error: widgets[0].error }).toEqual({ type, error: undefined });
  return widgets[0].data;
};
const follow = async (href: string): Promise<Loose> => {
  const answer = await fetch(api.origin + href, { headers: { authorization: `Bearer ${await api.token()}` } });
  expect({ href, status: answer.status }).toEqual({ href, status: 200 });
  return answer.json();
};
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const web = { projects: ['web'] };

describe('types of widgets', () => {
  it('all have an example that is a widget with data, and schemas in the document', async () => {
    const { items } = await ok(api.get('/dashboards/widget-types'));
    expect(items.length).toBeGreaterThanOrEqual(23);
    const made = await create(api, { widgets: items.map(({ example }: Loose) => example), filter: web });
    expect(made.widgets.map(({ type, error }: Loose) => [type, error])).toEqual(
      items.map(({ type }: Loose) => [type, undefined]),
    );
    const document = (await api.get('//docs-json', { token: null })).body;
    const schemaOf = (ref: string): Loose => document.components.schemas[ref.split('/').at(-1)!];
    for (const { optionsSchema, dataSchema, type } of items)
      expect({ type, there: [schemaOf(optionsSchema), schemaOf(dataSchema)].every(Boolean) }).toEqual({
        type,
        there: true,
      });
    const { oneOf, discriminator } = schemaOf('CreateDashboardDto').properties.widgets.items;
    expect(oneOf).toHaveLength(items.length);
    expect(Object.keys(discriminator.mapping)).toEqual(items.map(({ type }: Loose) => type));
    for (const [type, ref] of Object.entries<string>(discriminator.mapping))
      expect(schemaOf(ref).properties.type.enum).toEqual([type]);
  });

  it('answer with nothing where there is nothing, and not with NaN', async () => {
    const { items } = await ok(api.get('/dashboards/widget-types'));
    const empty = { filter: { timeRange: { from: '2001-01-01', to: '2001-02-01' } } };
    const made = await create(api, { widgets: items.map(({ example }: Loose) => example), ...empty });
    expect(made.widgets.filter(({ error }: Loose) => error)).toEqual([]);
    const summary = made.widgets.find(({ type }: Loose) => type === 'execution_summary').data;
    expect(summary.totals).toMatchObject({ executions: 0, passRate: { value: null, status: 'insufficient_data' } });
  });
});

describe('figures', () => {
  it('count what the run model counts, and lead to it', async () => {
    const { totals, failureRate, previous } = await dataOf('execution_summary', {}, {}, { filter: web });
    expect(totals).toMatchObject({
      executions: 288,
      failed: 6,
      skipped: 5,
      flaky: 12,
      passRate: { numerator: 277, denominator: 283 },
    });
    expect(failureRate).toMatchObject({ numerator: 6, denominator: 283 });
    expect(previous).toMatchObject({ verdict: 'insufficient_data', figure: { n: 0 } });
    expect((await follow(totals.href)).total).toBe(288);
    const all = await dataOf('execution_summary', { attempts: 'all' }, {}, { filter: web });
    expect(all.totals.executions).toBe(300);
    expect((await follow(all.totals.href)).total).toBe(300);
    const { slices } = await dataOf('status_breakdown', {}, {}, { filter: web });
    const failed = slices.find(({ status }: Loose) => status === 'failed');
    expect([failed.share.numerator, (await follow(failed.href)).total]).toEqual([6, 6]);
    expect(slices.find(({ status }: Loose) => status === 'broken').href).toBeNull();
  });

  it('are told apart by suites, branches and days', async () => {
    const { rows, total } = await dataOf('suite_table', { top: 2 }, {}, { filter: web });
    expect(total).toBe(4);
    expect(rows.map(({ project, suite, cell }: Loose) => [project, suite, cell.failed])).toEqual([
      ['web', 'checkout/pay', 6],
      ['web', 'account', 0],
    ]);
    expect((await follow(rows[0].cell.href)).total).toBe(72);
    const branches = await dataOf('pass_rate_by', { dimension: 'branch' }, {}, { filter: web });
    expect(branches.rows.map(({ group, cell }: Loose) => [group, cell.executions])).toEqual([
      ['main', 192],
      ['feature/x', 96],
    ]);
    const heat = await dataOf('quality_heatmap', { top: 1 }, {}, { filter: web });
    const [row] = heat.rows;
    expect([row.group, row.cells.length, heat.columns.length]).toEqual(['checkout/pay', 30, 30]);
    const at = row.cells.findIndex((cell: Loose) => cell?.value < 1);
    const { from, to } = heat.columns[at];
    const query = new URLSearchParams({ from, to }).toString();
    const [path, rest] = row.href.split('?');
    const cell = await follow(
      `${path}?${new URLSearchParams([...new URLSearchParams(rest)].filter(([name]) => !['from', 'to'].includes(name))).toString()}&${query}`,
    );
    expect(cell.total).toBe(row.cells[at].n);
  });

  it('of any metric, with a sparkline and thresholds', async () => {
    const rate = await dataOf(
      'metric_number',
      { metric: 'pass_rate', warning: 0.99, critical: 0.5 },
      {},
      { filter: web },
    );
    expect(rate).toMatchObject({ figure: { value: 277 / 283, n: 283 }, state: 'warning', metric: { unit: 'ratio' } });
    expect(rate.sparkline).toHaveLength(30);
    expect((await follow(rate.href)).series[0].metric).toBe('pass_rate');
    const runs = await dataOf(
      'metric_number',
      { metric: 'runs', compare: false, sparkline: false },
      {},
      { filter: web },
    );
    expect(Object.keys(runs).sort()).toEqual(['figure', 'href', 'metric', 'state']);
    expect(runs.figure.value).toBe(24);
    for (const metric of ['quality_score', 'stability', 'flakiness', 'tests_known'])
      expect((await dataOf('metric_number', { metric }, {}, { filter: web })).figure.n).toBeGreaterThan(0);
    const gauge = await dataOf('performance_metrics', { critical: 1 }, {}, { filter: web });
    expect(gauge).toMatchObject({ state: 'critical', metric: { metric: 'duration_p95' }, durationMs: { n: 283 } });
    const bars = await dataOf('duration_distribution', { bars: 5 }, {}, { filter: web });
    expect(sumOf(bars.bars.map(({ n }: Loose) => n))).toBe(283);
  });

  it('of tests, clusters and runs', async () => {
    const flaky = await dataOf('flaky_tests', {}, {}, { filter: web });
    expect(flaky.items.map(({ name, label }: Loose) => [name, label])).toEqual([['test 0', 'confirmed']]);
    expect((await follow(flaky.items[0].href)).testId).toBe(flaky.items[0].testId);
    const failing = await dataOf('failing_tests', { top: 1 }, {}, { filter: web });
    expect([failing.items[0].name, failing.items[0].failures]).toEqual(['test 1', 6]);
    const slow = await dataOf('slowest_tests', { top: 2 }, {}, { filter: web });
    expect(slow.items.map(({ name }: Loose) => name)).toEqual(['test 11', 'test 10']);
    const clusters = await dataOf('failure_analysis', {}, {}, { filter: web });
    expect(clusters).toMatchObject({ counts: { new: 1 }, items: [{ failures: 6, testCount: 1 }] });
    const recent = await dataOf('recent_executions', { top: 3 }, { branches: ['main'] }, { filter: web });
    expect(recent.items.map(({ branch, commit }: Loose) => [branch, commit])).toEqual([
      ['main', 'c0'],
      ['main', 'c1'],
      ['main', 'c3'],
    ]);
    expect((await follow(recent.items[0].href)).runId).toBe(recent.items[0].runId);
    const comparison = await dataOf('run_comparison', {}, {}, { filter: web });
    expect(comparison).toMatchObject({ head: { commit: 'c0' }, base: { commit: 'c1' }, counts: { stillFailing: 1 } });
    expect(comparison.tests).toContainEqual(expect.objectContaining({ change: 'stillFailing', name: 'test 1' }));
    expect((await follow(comparison.href)).counts).toEqual(comparison.counts);
  });

  it('over time: trends, forecast, growth, quality', async () => {
    const chart = await dataOf(
      'trend_chart',
      { metrics: ['pass_rate', 'executions'], forecast: 3 },
      {},
      { filter: web },
    );
    expect(chart.series.map(({ metric, points }: Loose) => [metric, points.length])).toEqual([
      ['pass_rate', 30],
      ['executions', 30],
    ]);
    const ahead = await dataOf('forecast', { horizon: 2 }, {}, { filter: web });
    expect(ahead.forecast.points.length === 2 || ahead.forecast.status === 'insufficient_data').toBe(true);
    const growth = await dataOf('test_growth', { period: 'month' }, {}, { filter: web });
    expect(growth.series.map(({ metric }: Loose) => metric.metric)).toEqual([
      'tests_known',
      'tests_new',
      'tests_vanished',
    ]);
    const quality = await dataOf('quality_metrics', { scope: 'suite' }, {}, { filter: web });
    expect(quality).toMatchObject({ score: { status: 'ok' }, tests: { confirmed: 1, total: 12 } });
    expect(quality.groups).toHaveLength(4);
    const grid = await dataOf(
      'custom',
      { metrics: ['executions', 'pass_rate'], interval: 'month', groupBy: 'suite', top: 2 },
      {},
      { filter: web },
    );
    expect([grid.groups, new Set(grid.rows.map(({ group }: Loose) => group)).size]).toEqual([4, 2]);
    expect(sumOf(grid.rows.map(({ figures }: Loose) => figures[0].value))).toBe(144);
    const single = await dataOf('custom', { metrics: ['runs', 'pass_rate'], interval: 'day' }, {}, { filter: web });
    expect(single.rows).toHaveLength(30);
    const byTest = await dataOf('custom', { metrics: ['executions'], groupBy: 'test' }, {}, { filter: web });
    expect(byTest.rows.map(({ label }: Loose) => label).sort()).toEqual(
      Array.from({ length: 12 }, (_, i) => `test ${i}`).sort(),
    );
    expect((await follow(`/api/v1/execution-reporting/tests/${byTest.rows[0].group}`)).name).toBe(byTest.rows[0].label);
  });
});

describe('filters', () => {
  it('of the dashboard are inherited, and narrowed by those of a widget', async () => {
    const executions = async (filter: object, board: object): Promise<number> =>
      (await dataOf('execution_summary', {}, filter, { filter: board })).totals.executions;
    expect(await executions({}, {})).toBe(300);
    expect(await executions({}, { branches: ['feature/x'] })).toBe(96);
    expect(await executions({ environments: ['staging'] }, { branches: ['feature/x'] })).toBe(48);
    expect(await executions({ projects: ['api'] }, web)).toBe(0);
    expect(await executions({ suites: ['checkout/cart'] }, { ...web, suites: ['checkout/*'] })).toBe(72);
    expect(await executions({ timeRange: { lastDays: 3 } }, { ...web, timeRange: { lastDays: 30 } })).toBeLessThan(96);
  });

  it('lead exactly to what they admit, contradictions to nothing', async () => {
    const { totals } = await dataOf('execution_summary', {}, { projects: ['api'] }, { filter: web });
    expect((await follow(totals.href)).total).toBe(0);
    const narrow = await dataOf(
      'execution_summary',
      {},
      { environments: ['staging'] },
      { filter: { branches: ['feature/x'] } },
    );
    expect((await follow(narrow.totals.href)).total).toBe(48);
    const link = await ok(api.get(`/dashboards/drilldown?redirect=false&projects=web`));
    expect(link.href).toContain(link.reportId);
    expect((await api.get('/dashboards/drilldown?projects=none')).status).toBe(404);
    expect((await api.get('/dashboards/drilldown?from=x')).status).toBe(422);
  });
});

/** Alerts that fire: about web, about api, about everything. */
const threeAlerts = async (): Promise<void> => {
  for (const [name, projects] of [['of web', ['web']], ['of api', ['api']], ['of all']] as const) {
    const rule = { metric: 'pass_rate', window: '30d', condition: 'below', critical: 0.999 };
    await ok(api.post('/alerts', { name, ...rule, ...(projects && { filter: { projects } }) }));
  }
  await eventually(
    async () => (await api.get('/alerts/status?states=firing')).body,
    ({ items }: Loose) => items.length === 3,
  );
};

describe('filters of runs and alerts', () => {
  const alertsOf = async (filter: object, board: object = {}): Promise<[string[], number]> => {
    const { status } = await dataOf('alert_status', {}, filter, { filter: board });
    return [status.items.map(({ ruleName }: Loose) => ruleName).sort(), status.counts.total];
  };
  beforeAll(async () => {
    await threeAlerts();
    await ok(api.post('/projects', { key: 'lib', name: 'lib', team: 'core' }));
  });

  it.each<[object, object]>([
    [{ branches: ['feature/x'] }, { branches: ['main'] }],
    [{ environments: ['staging'] }, { environments: ['production'] }],
    [{ projects: ['api'] }, web],
    [{ teams: ['core'] }, { teams: ['shop'] }],
  ])('that contradict each other leave nothing: %j in %j', async (filter, board) => {
    const within = { filter: board };
    expect(await dataOf('recent_executions', {}, filter, within)).toEqual({ items: [] });
    expect(await dataOf('live_run', {}, filter, within)).toEqual({ run: null, progress: null, room: null });
    expect(await dataOf('run_comparison', {}, filter, within)).toMatchObject({ head: null, base: null });
    expect((await dataOf('metric_number', { metric: 'runs' }, filter, within)).figure.n).toBe(0);
    expect(await alertsOf(filter, board)).toEqual([[], 0]);
    const [newest] = (await dataOf('recent_executions', {}, board)).items;
    const widgets = [
      { type: 'recent_executions', filter },
      { type: 'live_run', options: { runId: newest.runId }, filter },
    ];
    const { dashboardId } = await create(api, { widgets, ...within });
    const { token } = await ok(api.post(`/dashboards/${dashboardId}/shares`, { name: 'x' }));
    expect((await ok(api.get(`/shared/dashboards/${token}`, { token: null }))).widgets).toMatchObject([
      { data: { items: [] } },
      { error: { code: 'not_found' } },
    ]);
  });

  it('leave out alerts of other projects', async () => {
    expect(await alertsOf({})).toEqual([['of all', 'of api', 'of web'], 3]);
    expect(await alertsOf(web)).toEqual([['of web'], 1]);
    expect(await alertsOf({ projects: ['api', 'lib'] })).toEqual([['of all', 'of api'], 2]);
    expect(await alertsOf({ teams: ['core'] })).toEqual([['of all', 'of api'], 2]);
    expect(await alertsOf({ teams: ['nobody'] })).toEqual([[], 0]);
  });

  it('find what they name exactly, however many newer runs there are', async () => {
    const busy = { token: await api.token({ org: 'busy' }) };
    await ok(api.post('/projects', { key: 'web', name: 'web' }, busy));
    const rare = { branch: 'rare', environment: 'lab', triggeredBy: 'zoe', kind: 'manual' };
    const { runId } = await ok(api.post('/runs', aRun(0, daysAgo(20), rare), busy));
    const runs = collection(api, 'Run');
    const { _id, ...one } = (await runs.findOne({ _id: new Types.ObjectId(String(runId)) }))!;
    const others = { branch: 'main', environment: 'staging', triggeredBy: 'ann', kind: 'ci' };
    await runs.insertMany(
      Array.from({ length: 510 }, (_, i) => ({
        ...{ ...one, ...others, key: `copy-${i}` },
        startedAt: new Date(daysAgo(10) + i * 1000),
      })),
    );
    const lists = [
      { branches: ['rare'] },
      { branches: ['none', 'rare', '!main'] },
      { environments: ['lab'] },
      { users: ['zoe'] },
      { kinds: ['manual'] },
      { branches: ['rare'], environments: ['lab'], users: ['zoe'], kinds: ['manual'] },
    ];
    const widgets = lists.map((filter) => ({ type: 'recent_executions', filter }));
    const made = await create(api, { widgets }, busy);
    const found = made.widgets.map(({ data }: Loose) => data.items.map((item: Loose) => item.runId));
    expect(found).toEqual(lists.map(() => [String(_id)]));
    const [refused, pattern] = (
      await create(
        api,
        {
          widgets: [
            { type: 'recent_executions', options: { top: 50 }, filter: { branches: ['rare', '!rare'] } },
            { type: 'recent_executions', options: { top: 50 }, filter: { branches: ['ma*'] } },
          ],
        },
        busy,
      )
    ).widgets;
    expect([refused.data.items.length, pattern.data.items.length]).toEqual([0, 50]);
  });
});

describe('a widget', () => {
  it('that fails leaves the others alone', async () => {
    const gone = '0'.repeat(24);
    const made = await create(api, {
      widgets: [
        { id: 'bad', type: 'live_run', options: { runId: gone } },
        { id: 'good', type: 'execution_summary' },
        {
          id: 'broad',
          type: 'trend_chart',
          options: { metrics: ['pass_rate'], period: 'hour' },
          filter: { timeRange: { lastDays: 3000 } },
        },
      ],
    });
    const { widgets } = await ok(api.get(`/dashboards/${made.dashboardId}`));
    expect(widgets).toMatchObject([
      { id: 'bad', error: { code: 'not_found', retryable: false } },
      { id: 'good', data: {} },
      { id: 'broad', error: { code: 'too_many_cells' } },
    ]);
    expect(widgets.map((widget: Loose) => 'data' in widget)).toEqual([false, true, false]);
  });

  it('is answered alone, and anew where that is wanted', async () => {
    const made = await create(api, {
      widgets: [
        { id: 'a', type: 'mttr' },
        { id: 'b', type: 'suite_table' },
      ],
    });
    const path = `/dashboards/${made.dashboardId}`;
    const part = await api.get(`${path}?widgets=b`);
    expect(part.body.widgets.map(({ id }: Loose) => id)).toEqual(['b']);
    expect(part.headers.get('etag')).not.toBe((await api.get(path)).headers.get('etag'));
    const etag = part.headers.get('etag')!;
    const forced = await api.get(`${path}?widgets=b&forceRefresh=true`, { headers: { 'if-none-match': etag } });
    expect([forced.status, forced.body]).toEqual([200, part.body]);
    expect((await api.get(`${path}?forceRefresh=maybe`)).status).toBe(422);
    expect((await api.get(`${path}?widgets=a%20b`)).status).toBe(422);
    expect((await api.get(`${path}?timeZone=Mars/Base`)).status).toBe(422);
  });

  it('shows totals of runs that are still being told, and does not keep them', async () => {
    const slow = { token: await api.token({ org: 'slow' }) };
    await ok(api.post('/projects', { key: 'web', name: 'web' }, slow));
    const { runId } = await ok(api.post('/runs', aRun(0, daysAgo(1)), slow));
    const runs = collection(api, 'Run');
    const own = { _id: new Types.ObjectId(String(runId)) };
    await runs.updateOne(own, { $inc: { generation: 1 }, $set: { 'totals.executions': 3 } });
    const types = ['recent_executions', 'live_run', 'run_comparison'];
    const made = await create(api, { widgets: types.map((type) => ({ type })) }, slow);
    const executionsOf = ({ widgets: [recent, live, comparison] }: Loose): number[] =>
      [recent.data.items[0], live.data.run, comparison.data.head].map(({ counts }) => counts.executions);
    expect(executionsOf(made)).toEqual([3, 3, 3]);
    await runs.updateOne(own, { $inc: { generation: -1 }, $set: { 'totals.executions': 12 } });
    expect(executionsOf(await ok(api.get(`/dashboards/${made.dashboardId}`, slow)))).toEqual([12, 12, 12]);
  });

  it('of a live run shows how far it is', async () => {
    await ok(api.post('/runs', aRun(100, daysAgo(0.1))));
    const { runId } = await ok(
      api.post('/runs', {
        project: 'web',
        externalId: 'live',
        branch: 'main',
        startedAt: new Date(daysAgo(0.05)).toISOString(),
      }),
    );
    await ok(
      api.post(`/runs/${runId}/results`, { results: [1, 2, 3].map((i) => ({ name: `test ${i}`, status: 'passed' })) }),
    );
    const live = await dataOf('live_run', {}, {}, { filter: web });
    expect(live).toMatchObject({
      run: { runId, status: 'running' },
      progress: { done: 3, expected: 12, share: 0.25 },
      room: `run:${runId}`,
    });
    await ok(api.post(`/runs/${runId}/finish`, {}));
    expect((await dataOf('live_run', { runId })).progress.share).toBe(1);
  });

  it('is compared with the one before it that the filter admits, and not with a shard of its build', async () => {
    await ok(api.post('/projects', { key: 'matrix', name: 'matrix' }));
    const run = (i: number, days: number, environment: string, build: object) =>
      ok(api.post('/runs', aRun(i, daysAgo(days), { project: 'matrix', branch: 'main', environment, build })));
    await run(1, 3, 'staging', { id: 'b1' });
    await run(2, 2, 'production', { id: 'b2' });
    await run(3, 1, 'staging', { id: 'b3', shard: 1, shards: 2 });
    await run(4, 0.9, 'staging', { id: 'b3', shard: 2, shards: 2 });
    const sides = async (filter: object): Promise<string[]> => {
      const { base, head } = await dataOf('run_comparison', {}, {}, { filter });
      return [base.commit, head.commit];
    };
    expect(await sides({ projects: ['matrix'], environments: ['staging'] })).toEqual(['c1', 'c4']);
    expect(await sides({ projects: ['matrix'] })).toEqual(['c2', 'c4']);
  });
});
