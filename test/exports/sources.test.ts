import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/node';
import { WIDGET_TYPES } from '../../src/dashboards/widgets/widget-types.js';
import { AlertsWorld, eventually } from '../alerts/support.js';
import type { Loose, RequestOptions } from '../support/app.js';
import { cellText, exported, textOfPdf } from './support.js';

jest.setTimeout(400_000);

let world: AlertsWorld;
let ruleId = '';
let alertId = '';

const good = { pays: 'passed', finds: 'passed', buys: 'passed' };
const bad = { pays: 'failed', finds: 'passed', buys: 'passed' };

beforeAll(async () => {
  world = await AlertsWorld.start();
  world.reset();
  const { channelId } = await world.channel();
  await world.run(60, good);
  ({ ruleId } = await world.rule({ name: '=Pass rate', channels: [channelId], groupBy: ['project'] }));
  await world.run(5, bad);
  const [alert] = await world.until((items) => items[0]?.state === 'firing');
  alertId = alert.alertId;
  await world.must('POST', `/alerts/instances/${alertId}/acknowledge`, { note: 'on it' });
  await world.after(1);
  await world.told('first');
});
afterAll(() => world.app.close());

const as = async (claims: object = {}): Promise<RequestOptions> => ({
  token: await world.app.token({ org: world.org, ...claims }),
});
const rowsOf = async (body: object): Promise<Loose[]> =>
  JSON.parse((await exported(world.app, { format: 'json', ...body }, await as())).text).rows;
const refused = async (body: object, claims: object): Promise<unknown[]> => {
  const answer = await world.app.post('/exports', { format: 'csv', ...body }, await as(claims));
  return [answer.status, answer.body.code];
};
/** The same rows in every format of tables, read by parsers of others. */
const sameInAll = async (body: object, rows: readonly Loose[]): Promise<void> => {
  const csv = await exported(world.app, { format: 'csv', ...body }, await as());
  const read: Record<string, string>[] = parse(csv.text, { columns: true });
  const sheet = await readSheet((await exported(world.app, { format: 'excel', ...body }, await as())).bytes);
  const lines = await exported(world.app, { format: 'ndjson', ...body }, await as());
  const texts = rows.map((row) => Object.values(row).map(cellText));
  expect(read.map((row) => Object.values(row).map(plain))).toEqual(texts);
  expect(sheet.slice(1).map((row) => row.map((cell) => plain(cellText(cell))))).toEqual(texts);
  expect(
    lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(rows);
};
const plain = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text);

describe('alerts', () => {
  it('are those that GET /alerts/status tells of', async () => {
    const source = { kind: 'alerts' };
    const columns = [
      ...['alertId', 'ruleId', 'rule', 'group', 'state', 'severity', 'level', 'value', 'critical', 'n', 'since'],
      ...['firingSince', 'acknowledgedBy', 'acknowledgedAt', 'runId', 'error', 'labels', 'entryAt'],
    ];
    const rows = await rowsOf({ source, columns });
    const [alert] = (await world.status()).items;
    expect(rows).toEqual([
      {
        ...{ alertId, ruleId, rule: '=Pass rate', group: alert.groupText, state: 'firing', severity: alert.severity },
        ...{ level: 'critical', value: alert.value, critical: 0.9, n: alert.n },
        ...{ since: alert.since, firingSince: alert.firingSince },
        ...{ acknowledgedBy: alert.acknowledged.by, acknowledgedAt: alert.acknowledged.at },
        ...{ runId: alert.culprit.runId, error: alert.culprit.error },
        labels: JSON.stringify(alert.labels),
        entryAt: null,
      },
    ]);
    await sameInAll(
      { source, columns: columns.slice(0, 10) },
      rows.map((row) => pick(row, columns.slice(0, 10))),
    );
  });

  it('have their timelines, entry by entry, with history', async () => {
    const source = { kind: 'alerts', history: true };
    const columns = ['alertId', 'entryAt', 'entryKind', 'entryBy', 'entryEpisode', 'entryDetails'];
    const rows = await rowsOf({ source, columns });
    const { timeline } = await world.must('GET', `/alerts/instances/${alertId}`);
    expect(rows.map(({ entryKind }) => entryKind)).toEqual(
      expect.arrayContaining(['moved', 'acknowledged', 'notified']),
    );
    expect(rows).toEqual(
      timeline.map(({ at, kind, by, episode, details }: Loose) => ({
        ...{ alertId, entryAt: at, entryKind: kind, entryBy: by, entryEpisode: episode },
        entryDetails: JSON.stringify(details),
      })),
    );
    const [first] = await rowsOf({ source });
    expect(Object.keys(first).slice(0, 3)).toEqual(['entryAt', 'rule', 'group']);
  });

  it('are those that were on in the range, of the states and projects asked for', async () => {
    const source = { kind: 'alerts' };
    const before = { from: '2020-01-01', to: '2020-02-01' };
    expect(await rowsOf({ source, filter: { timeRange: before } })).toEqual([]);
    expect(await rowsOf({ source: { ...source, history: true }, filter: { timeRange: before } })).toEqual([]);
    expect(await rowsOf({ source: { ...source, states: ['resolved'] } })).toEqual([]);
    expect(await rowsOf({ source: { ...source, states: ['acknowledged'] } })).toHaveLength(1);
    expect(await rowsOf({ source: { ...source, severities: ['low'] } })).toEqual([]);
    await world.must('POST', '/projects', { key: 'lib', name: 'lib' });
    expect(await rowsOf({ source, filter: { projects: ['web'] } })).toHaveLength(1);
    expect(await rowsOf({ source, filter: { projects: ['lib'] } })).toEqual([]);
  });

  it('are a document, too', async () => {
    const { bytes } = await exported(world.app, { source: { kind: 'alerts' }, format: 'pdf' }, await as());
    const text = textOfPdf(bytes);
    const [{ value }] = (await world.status()).items;
    // of 5 of 6, and no 0.8
    for (const part of ['Alerts', 'Firing or recovering', '=Pass rate', 'firing', value.toPrecision(3), 'Page 1 of'])
      expect(text).toContain(part);
  });
});

describe('deliveries', () => {
  const source = { kind: 'deliveries' };
  const columns = [
    'deliveryId',
    'kind',
    'severity',
    'channelKind',
    'state',
    'attempts',
    'outcome',
    'projects',
    'createdAt',
  ];

  it('are the log, newest first, with the last attempt of each', async () => {
    const items = await eventually(
      async () => (await world.get('/notifications/deliveries')).body.items as Loose[],
      (all) => all.length > 0 && all.every(({ state }) => state === 'delivered'),
    );
    const rows = await rowsOf({ source, columns });
    expect(rows).toEqual(
      items.map(({ attempts, attemptCount, ...item }) => ({
        ...pick(item, ['deliveryId', 'kind', 'severity', 'channelKind', 'state']),
        ...{ attempts: attemptCount, outcome: attempts.at(-1)?.outcome ?? null },
        ...pick(item, ['projects', 'createdAt']),
      })),
    );
    expect(rows.length).toBeGreaterThan(0);
    await sameInAll(
      { source, columns: columns.slice(0, 8) },
      rows.map((row) => pick(row, columns.slice(0, 8))),
    );
  });

  it('are those of the range, the states and the projects asked for; none is an empty file', async () => {
    const all = await rowsOf({ source });
    expect(await rowsOf({ source, filter: { timeRange: { from: '2020-01-01', to: '2020-02-01' } } })).toEqual([]);
    expect(await rowsOf({ source: { ...source, states: ['failed', 'disabled'] } })).toEqual([]);
    expect(await rowsOf({ source: { ...source, states: ['delivered'] } })).toHaveLength(all.length);
    expect(await rowsOf({ source, filter: { projects: ['web'] } })).toHaveLength(all.length);
    expect(await rowsOf({ source, filter: { projects: ['lib'] } })).toEqual([]);
    const estimate = await world.must('POST', '/exports/estimate', { source, format: 'csv' });
    expect(estimate).toMatchObject({ rows: all.length, exact: true });
  });

  it('are a document, too', async () => {
    const text = textOfPdf((await exported(world.app, { source, format: 'pdf' }, await as())).bytes);
    for (const part of ['Deliveries', 'Delivered', 'inbox']) expect(text).toContain(part);
  });
});

describe('a dashboard', () => {
  const widgets = [
    { id: 'sum', type: 'execution_summary', title: 'All of it', options: { compare: false } },
    { id: 'rate', type: 'metric_number', options: { metric: 'pass_rate', sparkline: false, compare: false } },
    { id: 'text', type: 'text', title: 'What for', options: { markdown: '## For *Monday*\n\n1 < 2 & more' } },
    { id: 'alerts', type: 'alert_status', title: 'What is wrong', options: {} },
    { id: 'suites', type: 'suite_table', title: 'Suites', options: {} },
    { id: 'runs', type: 'recent_executions', title: 'Runs', options: {} },
  ];
  const make = (more: object = {}): Promise<Loose> =>
    world.must('POST', '/dashboards', { name: 'Release 7', visibility: 'organization', widgets, ...more });

  it('is every figure and text that its widgets have', async () => {
    const { dashboardId } = await make();
    const source = { kind: 'dashboard', dashboardId };
    const rows = await rowsOf({ source });
    const { widgets: shown } = (await world.get(`/dashboards/${dashboardId}`)).body;
    const byId = new Map<string, Loose>(shown.map(({ id, data }: Loose) => [id, data]));
    const valueOf = (widget: string, figure: string): Loose =>
      rows.find((row) => row.widget === widget && row.figure === figure);
    const { totals } = byId.get('sum');
    expect(valueOf('sum', 'totals.executions')).toMatchObject({ title: 'All of it', value: totals.executions });
    expect(valueOf('sum', 'totals.passRate.value').value).toBe(totals.passRate.value);
    expect(valueOf('rate', 'figure.value')).toMatchObject({ value: byId.get('rate').figure.value, title: 'Number' });
    expect(valueOf('text', 'html').text).toContain('<em>Monday</em>');
    expect(valueOf('suites', 'rows[0].suite').text).toBe('shop');
    expect(new Set(rows.map(({ widget }) => widget))).toEqual(new Set(widgets.map(({ id }) => id)));
    expect(rows.some(({ figure }) => /(^|\.)href$/.test(figure))).toBe(false);
    const few = { source, columns: ['widget', 'figure', 'value'] };
    await sameInAll(few, await rowsOf(few));
  });

  it('is a document with a part for each widget', async () => {
    const { dashboardId } = await make({ name: 'Release 8', filter: { projects: ['web'] } });
    const source = { kind: 'dashboard', dashboardId };
    const { bytes, job } = await exported(world.app, { source, format: 'pdf' }, await as());
    const text = textOfPdf(bytes);
    for (const part of ['Release 8', 'All of it', 'For Monday', '1 < 2 & more', '=Pass rate', 'shop', 'as of commit'])
      expect(text).toContain(part);
    expect(job).toMatchObject({ name: 'Release 8', projects: ['web'], filter: { projects: ['web'] } });
  });

  it('draws every type of widgets', async () => {
    const every = WIDGET_TYPES.map(({ type, example }, i) => ({ id: `w${i}`, type, ...example }));
    const { dashboardId } = await make({ name: 'All types', widgets: every });
    const source = { kind: 'dashboard', dashboardId };
    const rows = await rowsOf({ source });
    expect(rows.filter(({ figure }) => figure.startsWith('error'))).toEqual([]);
    const text = textOfPdf((await exported(world.app, { source, format: 'pdf' }, await as())).bytes);
    for (const { title } of every) expect(text).toContain(title);
    expect(text).not.toMatch(/undefined|\[object|NaN/);
  });

  it('without widgets is an empty file, and a document that says what it is', async () => {
    const { dashboardId } = await make({ name: 'Nothing yet', widgets: [] });
    const source = { kind: 'dashboard', dashboardId };
    expect(await rowsOf({ source })).toEqual([]);
    const { bytes } = await exported(world.app, { source, format: 'pdf' }, await as());
    expect(textOfPdf(bytes)).toContain('Nothing yet');
  });

  it('has a filter of its own, and takes no other', async () => {
    const { dashboardId } = await make();
    const source = { kind: 'dashboard', dashboardId };
    expect(await refused({ source, filter: { projects: ['web'] } }, {})).toEqual([422, 'filter_not_offered']);
  });

  it('that is private is exported by who sees it, and its file is seen by nobody else', async () => {
    const { dashboardId } = await make({ visibility: 'private' });
    const source = { kind: 'dashboard', dashboardId };
    expect(await refused({ source }, { sub: 'other', roles: ['engineer'] })).toEqual([404, 'not_found']);
    const { job } = await exported(world.app, { source, format: 'csv' }, await as());
    const other = await as({ sub: 'other', roles: ['manager'] });
    expect((await world.app.get(`/exports/${job.jobId}/status`, other)).status).toBe(404);
    expect((await world.app.get(`/exports/${job.jobId}/download`, other)).status).toBe(404);
    const listed = (await world.app.get('/exports', other)).body.items.map(({ jobId }: Loose) => jobId);
    expect(listed.length).toBeGreaterThan(0);
    expect(listed).not.toContain(job.jobId);
    expect((await world.app.get(`/exports/${job.jobId}/status`, await as({ sub: 'root' }))).status).toBe(200);
  });
});

describe('who may export them', () => {
  it.each([
    ['alerts', 'alerts:read'],
    ['deliveries', 'notifications:read'],
    ['dashboard', 'dashboards:read'],
  ])('%s: needs %s besides, and a project that the caller may see', async (kind, permission) => {
    const { dashboardId } = await world.must('POST', '/dashboards', {
      ...{ name: 'x', visibility: 'organization', filter: { projects: ['web'] } },
      widgets: [{ id: 'a', type: 'execution_summary' }],
    });
    const source = kind === 'dashboard' ? { kind, dashboardId } : { kind };
    const { key } = await world.must('POST', '/api-keys', {
      name: kind,
      permissions: ['exports:write', 'exports:read'],
    });
    const withKey = { token: null, headers: { 'x-api-key': key } };
    const lacking = await world.app.post('/exports', { source, format: 'csv' }, withKey);
    expect([lacking.status, lacking.body.code, lacking.body.detail]).toEqual([
      ...[403, 'permission_missing', `This needs the permission ${permission}`],
    ]);
    expect(await refused({ source }, { roles: ['viewer'] })).toEqual([403, 'permission_missing']);
    if (kind === 'dashboard') {
      expect(await refused({ source }, { org: 'rival' })).toEqual([404, 'not_found']);
      expect(await refused({ source }, { projects: ['lib'] })).toEqual([404, 'not_found']);
    } else
      expect(await refused({ source, filter: { projects: ['web'] } }, { projects: ['lib'] })).toEqual([
        404,
        'not_found',
      ]);
  });

  it('what is about no project is seen by who is confined to none', async () => {
    const { job } = await exported(world.app, { source: { kind: 'alerts' }, format: 'csv' }, await as());
    const confined = await as({ projects: ['lib', 'web'] });
    expect((await world.app.get(`/exports/${job.jobId}/status`, confined)).status).toBe(404);
    const own = await exported(world.app, { source: { kind: 'alerts' }, format: 'ndjson' }, confined);
    expect(own.text.trim().split('\n')).toHaveLength(1);
    const elsewhere = await exported(
      world.app,
      { source: { kind: 'alerts' }, format: 'ndjson' },
      await as({ projects: ['lib'] }),
    );
    expect(elsewhere.text).toBe('');
  });
});

const pick = (row: Loose, keys: readonly string[]): Loose => Object.fromEntries(keys.map((key) => [key, row[key]]));
