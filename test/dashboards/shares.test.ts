import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../alerts/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { collection } from '../executions/support.js';
import { aRun, create, daysAgo, ok, pointersOf, seed } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await seed(api, 3);
});
afterAll(() => api.close());

const nobody = { token: null };
const share = (id: string, body: object = { name: 'hall' }, options = {}) =>
  api.post(`/dashboards/${id}/shares`, body, options);
const open = (token: string, query = '') => api.get(`/shared/dashboards/${token}${query}`, nobody);
const engineer = async (sub: string, more: object = {}) => ({
  token: await api.token({ sub, roles: ['engineer'], ...more }),
});

/** An alert of web that somebody has taken with a note, and put off. */
const takenAlert = async (note: string): Promise<void> => {
  const rule = {
    name: 'Passes',
    metric: 'pass_rate',
    filter: { projects: ['web'] },
    condition: 'below',
    critical: 0.9,
  };
  await ok(api.post('/alerts', { ...rule, labels: { oncall: 'carl' } }));
  const results = [{ name: 'pays', status: 'failed', owner: 'olga' }];
  await ok(api.post('/runs', aRun(90, daysAgo(0.01), { results })));
  const { items } = await eventually(
    async () => (await api.get('/alerts/status?states=firing')).body,
    ({ items: firing }: Loose) => firing.length > 0,
  );
  const path = `/alerts/instances/${items[0].alertId}`;
  await ok(api.post(`${path}/acknowledge`, { note }));
  await ok(api.post(`${path}/snooze`, { for: '1h' }));
};

describe('a share link', () => {
  it('shows the dashboard to whoever holds it: no names, no ways on', async () => {
    const { dashboardId } = await create(api, {
      editors: ['bob'],
      widgets: [
        { id: 'a', type: 'suite_table' },
        { id: 'b', type: 'recent_executions' },
      ],
    });
    const { token, href, ...made } = await ok(share(dashboardId));
    expect(made).toMatchObject({ name: 'hall', sharedBy: 'tester' });
    expect(href).toBe(`/api/v1/execution-reporting/shared/dashboards/${token}`);
    const { status, body, headers } = await open(token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ dashboardId, version: 1, widgets: [{ id: 'a', data: { total: 8 } }, { id: 'b' }] });
    for (const field of ['owner', 'users', 'editors', 'updatedBy', 'href']) expect(body).not.toHaveProperty(field);
    expect(JSON.stringify(body)).not.toMatch(/"href":"/);
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    const etag = headers.get('etag')!;
    const again = await api.get(`/shared/dashboards/${token}`, { ...nobody, headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await open(token, '?timeZone=Asia/Tokyo')).body.widgets[0].range.timeZone).toBe('Asia/Tokyo');
    expect((await open(token, '?forceRefresh=true')).status).toBe(422);
    expect((await ok(api.get(`/dashboards/${dashboardId}/shares`))).items).toEqual([made]);
  });

  it('does not come back in the answer to a link that opens nothing', async () => {
    const token = `ers_share_${'a'.repeat(43)}`;
    const { body } = await open(token);
    expect(body.instance).toBe('/api/v1/execution-reporting/shared/dashboards/ers_share_…');
    const unknown = await api.post(`/shared/dashboards/${token}`, {}, nobody);
    expect(unknown.body).toMatchObject({ status: 404, detail: expect.stringContaining('/ers_share_…') });
    expect(JSON.stringify([body, unknown.body])).not.toContain('aaaa');
  });

  it('is stored as a hash only', async () => {
    const { dashboardId } = await create(api);
    const { token } = await ok(share(dashboardId));
    const stored = await collection(api, 'DashboardShare').find({}).toArray();
    expect(JSON.stringify(stored)).not.toContain(token.slice(10));
  });

  it('opens nothing any more when it is revoked, over, or the dashboard is gone', async () => {
    const { dashboardId } = await create(api);
    const [one, two, three] = [
      await ok(share(dashboardId)),
      await ok(share(dashboardId)),
      await ok(share(dashboardId)),
    ];
    expect((await api.request('DELETE', `/dashboards/${dashboardId}/shares/${one.shareId}`)).status).toBe(204);
    expect((await open(one.token)).status).toBe(404);
    expect((await api.request('DELETE', `/dashboards/${dashboardId}/shares/${one.shareId}`)).status).toBe(404);
    await collection(api, 'DashboardShare').updateMany(
      { hash: { $exists: true }, name: 'hall' },
      { $set: { expiresAt: new Date(Date.now() - 1) } },
    );
    expect((await open(two.token)).body).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: 'Shared dashboard not found',
    });
    await collection(api, 'DashboardShare').updateMany({}, { $set: { expiresAt: new Date(Date.now() + 60_000) } });
    expect((await open(three.token)).status).toBe(200);
    await api.request('DELETE', `/dashboards/${dashboardId}`);
    expect((await open(three.token)).status).toBe(404);
    for (const token of ['x', `ers_share_${'a'.repeat(43)}`]) expect((await open(token)).status).toBe(404);
  });

  it('shows what its maker could see, and no more than the maker may see of the dashboard now', async () => {
    const confined = await engineer('ann', { projects: ['api'] });
    const { dashboardId } = await create(api, {}, confined);
    const { token } = await ok(share(dashboardId, { name: 'x' }, confined));
    expect((await open(token)).body.widgets[0].data.totals.executions).toBe(12);
    expect(
      (await api.get(`/dashboards/${dashboardId}`, await engineer('ann'))).body.widgets[0].data.totals.executions,
    ).toBe(48);
    const wider = { filter: { projects: ['web'] } };
    await ok(
      api.request('PUT', `/dashboards/${dashboardId}`, wider, {
        ...(await engineer('ann')),
        headers: { 'if-match': '"1"' },
      }),
    );
    expect((await open(token)).status).toBe(404);
  });

  it('is up to the owner', async () => {
    const { dashboardId } = await create(api, { visibility: 'organization', editors: ['bob'] }, await engineer('ann'));
    expect((await share(dashboardId, { name: 'x' }, await engineer('bob'))).body.code).toBe('not_your_dashboard');
    expect((await share(dashboardId, { name: 'x' }, await engineer('ann', { org: 'rival' }))).status).toBe(404);
    expect((await share(dashboardId, { name: 'x' }, { token: await api.token({ roles: ['viewer'] }) })).status).toBe(
      403,
    );
    expect((await share(dashboardId, { name: 'x' }, nobody)).status).toBe(401);
    const { shareId } = await ok(share(dashboardId));
    for (const caller of [await engineer('bob'), await engineer('eve')]) {
      expect((await api.get(`/dashboards/${dashboardId}/shares`, caller)).status).toBe(403);
      expect(
        (await api.request('DELETE', `/dashboards/${dashboardId}/shares/${shareId}`, undefined, caller)).status,
      ).toBe(403);
    }
    const { items } = (await api.get('/audit-log?limit=50')).body;
    expect(items[0]).toMatchObject({ action: 'dashboard.shared', target: { id: dashboardId }, details: { shareId } });
    expect(JSON.stringify(items)).not.toContain('ers_share_');
  });

  it('names nobody, tells nothing that somebody noted, and leads nowhere, whatever the widget', async () => {
    await takenAlert('it is the sandbox');
    const { items } = await ok(api.get('/dashboards/widget-types'));
    const { dashboardId, widgets } = await create(api, {
      filter: { users: ['ann'] },
      widgets: [
        ...items.map(({ example }: Loose) => example),
        { id: 'rates', type: 'pass_rate_by', options: { dimension: 'user' } },
        { id: 'grid', type: 'custom', options: { metrics: ['executions'], groupBy: 'owner' } },
        { id: 'heat', type: 'quality_heatmap', options: { rows: 'owner' }, filter: { owners: ['olga'] } },
      ],
    });
    const own = JSON.stringify(widgets);
    const secrets = ['"ann"', '"tester"', '"olga"', '"carl"', 'it is the sandbox', '/api/v1/', 'run:'];
    expect(secrets.filter((secret) => !own.includes(secret))).toEqual([]);
    const { body } = await open((await ok(share(dashboardId))).token);
    expect(body.widgets.filter(({ error }: Loose) => error)).toEqual([]);
    const shown = JSON.stringify(body);
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
    const dataOf = (id: string): Loose => body.widgets.find((widget: Loose) => widget.id === id).data;
    const groupsOf = (id: string): unknown[] => dataOf(id).rows.map(({ group }: Loose) => group);
    expect(groupsOf('rates')).toEqual(['user 1']);
    expect(groupsOf('grid')).toEqual(expect.arrayContaining([null, 'owner 1']));
    expect(groupsOf('heat')).toEqual(['owner 1']);
    const { status } = body.widgets.find(({ type }: Loose) => type === 'alert_status').data;
    expect(status).toMatchObject({
      counts: { byState: { acknowledged: 1, snoozed: 1 } },
      items: [{ acknowledged: { by: null, note: null }, snoozed: { by: null }, links: null, ruleName: 'Passes' }],
    });
  });

  it.each<[string, object]>([
    ['/name', {}],
    ['/name', { name: '' }],
    ['/expiresAt', { name: 'x', expiresAt: 'tomorrow' }],
    ['/expiresAt', { name: 'x', expiresAt: '2001-01-01T00:00:00Z' }],
    ['/expiresAt', { name: 'x', expiresAt: '2099-01-01T00:00:00Z' }],
    ['/token', { name: 'x', token: 'mine' }],
  ])('is refused at %s: %j', async (pointer, body) => {
    const { dashboardId } = await create(api);
    const answer = await share(dashboardId, body);
    expect([answer.status, pointersOf(answer.body)]).toEqual([422, [pointer]]);
  });
});
