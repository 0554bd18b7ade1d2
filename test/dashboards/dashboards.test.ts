import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Types } from 'mongoose';
import { collection } from '../executions/support.js';
import { type Loose, type RequestOptions, startApp, type TestApp } from '../support/app.js';
import { create, ok, pointersOf, seed } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await seed(api, 2);
});
afterAll(() => api.close());

const as = async (
  sub: string,
  roles: ('viewer' | 'engineer' | 'admin')[] = ['engineer'],
  more = {},
): Promise<RequestOptions> => ({
  token: await api.token({ sub, roles, ...more }),
});
const put = (id: string, body: object, etag?: string, options: RequestOptions = {}) =>
  api.request('PUT', `/dashboards/${id}`, body, {
    ...options,
    headers: etag === undefined ? {} : { 'if-match': etag },
  });
const etagOf = async (id: string, options: RequestOptions = {}): Promise<string> =>
  (await api.get(`/dashboards/${id}`, options)).headers.get('etag')!;

describe('a dashboard', () => {
  it('is created with its data, at version 1, private', async () => {
    const { status, body, headers } = await api.post('/dashboards', {
      name: 'Release',
      widgets: [{ type: 'execution_summary' }, { id: 'text', type: 'text', title: 'Hi', options: { markdown: '*x*' } }],
      layout: { lg: [{ widgetId: 'text', x: 11, y: 4, w: 4, h: 2 }] },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ version: 1, visibility: 'private', owner: 'tester', widgetCount: 2, mayEdit: true });
    expect(body.widgets).toMatchObject([
      {
        id: expect.stringMatching(/^w-/),
        type: 'execution_summary',
        title: null,
        data: { totals: { executions: 36 } },
      },
      { id: 'text', title: 'Hi', data: { html: '<p><em>x</em></p>' } },
    ]);
    expect(body.layout.lg).toContainEqual({ widgetId: 'text', x: 8, y: 0, w: 4, h: 2 });
    expect(Object.values<Loose[]>(body.layout).map((grid) => grid.length)).toEqual([2, 2, 2, 2]);
    expect(headers.get('etag')).toMatch(/^"1\.[\w-]{22}"$/);
    expect(headers.get('location')).toBe(`/api/v1/execution-reporting/dashboards/${body.dashboardId}`);
    expect((await api.get(`/dashboards/${body.dashboardId}`)).body).toEqual(body);
  });

  it('keeps what a change leaves out, and every version', async () => {
    const made = await create(api, { description: 'old', refreshIntervalSeconds: 30, filter: { projects: ['web'] } });
    const id: string = made.dashboardId;
    const first = await etagOf(id);
    const { status, body, headers } = await put(id, { name: 'New', description: null }, first);
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 2, name: 'New', description: null, refreshIntervalSeconds: 30 });
    expect(body.filter).toEqual({ projects: ['web'] });
    expect(headers.get('etag')).toMatch(/^"2\./);
    await ok(put(id, { widgets: [{ id: 'b', type: 'mttr' }] }, headers.get('etag')!));
    const { items } = (await api.get(`/dashboards/${id}/versions`)).body;
    expect(items).toMatchObject([
      { version: 3, name: 'New', isCurrent: true },
      { version: 2, name: 'New' },
      { version: 1, name: 'Board' },
    ]);
    const page = await ok(api.get(`/dashboards/${id}/versions?limit=2`));
    const rest = await ok(api.get(`/dashboards/${id}/versions?cursor=${page.nextCursor}`));
    expect([page.items.length, rest.items.length, rest.nextCursor]).toEqual([2, 1, null]);
    expect((await ok(api.get(`/dashboards/${id}/versions/1`))).dashboard).toMatchObject({
      name: 'Board',
      description: 'old',
    });
    const restored = await api.post(`/dashboards/${id}/versions/1/restore`, undefined, {
      headers: { 'if-match': '"3"' },
    });
    expect(restored.body).toMatchObject({ version: 4, name: 'Board', description: 'old', widgets: [{ id: 'a' }] });
    for (const path of ['versions/9', 'versions/x', 'versions/0'])
      expect((await api.get(`/dashboards/${id}/${path}`)).status).toBe(404);
  });

  it('lists of its versions those alone that name nothing which the viewer may not see', async () => {
    const { dashboardId: id } = await create(api, { visibility: 'organization', filter: { projects: ['web'] } });
    await ok(put(id, { filter: { projects: ['api'] } }, await etagOf(id)));
    const versionsFor = async (options?: RequestOptions): Promise<number[]> =>
      (await ok(api.get(`/dashboards/${id}/versions`, options))).items.map(({ version }: Loose) => version);
    const confined = await as('bob', ['viewer'], { projects: ['api'] });
    expect(await versionsFor()).toEqual([2, 1]);
    expect(await versionsFor(confined)).toEqual([2]);
    expect((await api.get(`/dashboards/${id}/versions/1`, confined)).status).toBe(404);
  });

  it('lets one of two editors at once win, and the other lose nothing', async () => {
    const { dashboardId: id } = await create(api);
    const etag = await etagOf(id);
    const answers = await Promise.all(['one', 'two', 'three'].map((name) => put(id, { name }, etag)));
    const [won] = answers.filter(({ status }) => status === 200);
    const lost = answers.filter(({ status }) => status === 412);
    expect(lost).toHaveLength(2);
    for (const { body } of lost) expect(body).toMatchObject({ code: 'stale_version', current: { version: 2 } });
    expect((await put(id, { name: 'again' }, await etagOf(id))).status).toBe(200);
    const { items } = (await api.get(`/dashboards/${id}/versions`)).body;
    expect(items.map(({ name }: Loose) => name)).toEqual(['again', won!.body.name, 'Board']);
  });

  it('wants to know which version is changed', async () => {
    const { dashboardId: id } = await create(api);
    expect((await put(id, { name: 'x' })).body).toMatchObject({ status: 428, code: 'if_match_missing' });
    for (const stale of ['"2.x"', '"nonsense"', '"0"']) expect((await put(id, { name: 'x' }, stale)).status).toBe(412);
    expect((await put(id, { name: 'x' }, 'W/"1.old-data"')).status).toBe(200);
    expect((await put(id, { name: 'y' }, '*')).body.version).toBe(3);
    expect((await api.post(`/dashboards/${id}/versions/1/restore`)).status).toBe(428);
    expect((await put('0'.repeat(24), { name: 'x' }, '"1"')).status).toBe(404);
  });

  it('is unchanged until data or definition move', async () => {
    const { dashboardId: id } = await create(api);
    const etag = await etagOf(id);
    const again = await api.get(`/dashboards/${id}`, { headers: { 'if-none-match': etag } });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, '', etag]);
    await ok(api.post('/runs', { project: 'web', externalId: 'later', results: [{ name: 'n', status: 'passed' }] }));
    const moved = await api.get(`/dashboards/${id}`, { headers: { 'if-none-match': etag } });
    expect(moved.status).toBe(200);
    expect(moved.headers.get('etag')).toMatch(/^"1\./);
    expect((await put(id, { name: 'x' }, etag)).status).toBe(200);
  });

  it('is cloned, exported, imported and deleted', async () => {
    const made = await create(api, { visibility: 'organization', filter: { timeRange: { lastDays: 7 } } });
    const id: string = made.dashboardId;
    const bob = await as('bob');
    const copy = await ok(api.post(`/dashboards/${id}/clone`, {}, bob));
    expect(copy).toMatchObject({ name: 'Board (copy)', owner: 'bob', visibility: 'private', version: 1 });
    const file = await ok(api.get(`/dashboards/${id}/export`, bob));
    expect(file.dashboard).toMatchObject({ name: 'Board', filter: { timeRange: { lastDays: 7 } } });
    const imported = await ok(api.post('/dashboards/import', { ...file, name: 'Mine' }, bob));
    expect(imported).toMatchObject({ name: 'Mine', owner: 'bob', filter: made.filter, layout: made.layout });
    const bad = await api.post('/dashboards/import', {
      ...file,
      dashboard: { ...file.dashboard, widgets: [{ type: 'text' }] },
    });
    expect([bad.status, pointersOf(bad.body)]).toEqual([422, ['/dashboard/widgets/0/options/markdown']]);
    expect((await api.post('/dashboards/import', { ...file, format: 'x' })).status).toBe(422);
    expect((await api.request('DELETE', `/dashboards/${id}`, undefined, bob)).body).toMatchObject({
      code: 'not_your_dashboard',
    });
    expect((await api.request('DELETE', `/dashboards/${id}`)).status).toBe(204);
    expect((await api.get(`/dashboards/${id}`)).status).toBe(404);
    expect((await api.request('DELETE', `/dashboards/${id}`)).status).toBe(404);
  });

  it('is imported from its export after a widget has gone, as its versions are', async () => {
    const widgets = [
      { id: 'a', type: 'mttr' },
      { id: 'b', type: 'mttr' },
    ];
    const places = widgets.map(({ id }, i) => ({ widgetId: id, x: 6 * i, y: 0, w: 6, h: 2 }));
    const { dashboardId: id } = await create(api, { widgets, layout: { lg: places } });
    await ok(put(id, { widgets: widgets.slice(0, 1) }, '"1"'));
    const isImported = async (file: object): Promise<void> => {
      const { status, body } = await api.post('/dashboards/import', file);
      expect([status, pointersOf(body)]).toEqual([201, []]);
      expect(body.layout.lg).toEqual(places.slice(0, 1));
    };
    const dashboards = collection(api, 'Dashboard');
    const stored = { _id: new Types.ObjectId(id) };
    const content = JSON.parse(String((await dashboards.findOne(stored))!.content));
    expect(content.layout).toEqual({ lg: places.slice(0, 1) });
    await isImported(await ok(api.get(`/dashboards/${id}/export`)));
    // as it was stored before places went with their widgets
    await dashboards.updateOne(stored, { $set: { content: JSON.stringify({ ...content, layout: { lg: places } }) } });
    await isImported(await ok(api.get(`/dashboards/${id}/export`)));
    await ok(put(id, { name: 'Newer' }, '"2"'));
    await isImported(await ok(api.get(`/dashboards/${id}/versions/2`)));
  });

  it('is made from a template', async () => {
    const { items } = await ok(api.get('/dashboards/templates'));
    expect(items.map(({ templateId }: Loose) => templateId)).toEqual([
      'qa_engineer',
      'test_manager',
      'development_lead',
      'product_owner',
    ]);
    for (const { templateId } of items) {
      const made = await ok(
        api.post('/dashboards/from-template', { templateId, projects: ['web'], visibility: 'organization' }),
      );
      expect(made.widgets.filter(({ error }: Loose) => error)).toEqual([]);
      expect(made.filter.projects).toEqual(['web']);
    }
    expect((await api.post('/dashboards/from-template', { templateId: 'x' })).status).toBe(422);
    expect(
      (await api.post('/dashboards/from-template', { templateId: 'qa_engineer', projects: ['none'] })).status,
    ).toBe(404);
  });

  it('leaves a trail of its changes', async () => {
    const { dashboardId: id } = await create(api);
    await put(id, { name: 'x' }, '"1"');
    await api.request('DELETE', `/dashboards/${id}`);
    const { items } = (await api.get('/audit-log?limit=200')).body;
    const actions = items.filter(({ target }: Loose) => target.id === id).map(({ action }: Loose) => action);
    expect(actions).toEqual(['dashboard.deleted', 'dashboard.updated', 'dashboard.created']);
  });
});

describe('who may see a dashboard', () => {
  const sees = async (id: string, options: RequestOptions): Promise<number> =>
    (await api.get(`/dashboards/${id}`, options)).status;

  it.each([
    [{ visibility: 'private' }, { bob: 404, eve: 404 }],
    [
      { visibility: 'users', users: ['bob'] },
      { bob: 200, eve: 404 },
    ],
    [
      { visibility: 'private', editors: ['bob'] },
      { bob: 200, eve: 404 },
    ],
    [{ visibility: 'organization' }, { bob: 200, eve: 200 }],
    [
      { visibility: 'project', project: 'web' },
      { bob: 200, eve: 200 },
    ],
  ])('with %j: %j', async (access, expected) => {
    const { dashboardId: id } = await create(api, { ...access, name: 'access' }, await as('ann'));
    for (const [sub, status] of Object.entries(expected)) {
      const caller = await as(sub, ['viewer']);
      expect(await sees(id, caller)).toBe(status);
      const { items } = await ok(api.get('/dashboards?limit=200', caller));
      expect(items.some(({ dashboardId }: Loose) => dashboardId === id)).toBe(status === 200);
    }
    expect(await sees(id, await as('boss', ['admin']))).toBe(200);
    expect(await sees(id, await as('ann', ['admin'], { org: 'rival' }))).toBe(404);
    const confined = await as('bob', ['viewer'], { projects: ['api'] });
    expect(await sees(id, confined)).toBe('project' in access ? 404 : expected.bob);
  });

  it('depends on every project that it names', async () => {
    const { dashboardId: id } = await create(api, {
      visibility: 'organization',
      widgets: [{ type: 'mttr', filter: { projects: ['!web'] } }],
    });
    expect(await sees(id, await as('bob', ['admin'], { projects: ['api'] }))).toBe(404);
    expect(await sees(id, await as('bob', ['viewer'], { projects: ['api', 'web'] }))).toBe(200);
    const foreign = { name: 'x', widgets: [], filter: { projects: ['web'] } };
    expect((await api.post('/dashboards', foreign, await as('bob', ['engineer'], { projects: ['api'] }))).status).toBe(
      404,
    );
  });

  it('is decided by the owner; editors change the rest', async () => {
    const ann = await as('ann');
    const { dashboardId: id } = await create(api, { visibility: 'organization', editors: ['bob'] }, ann);
    const [bob, eve] = [await as('bob'), await as('eve')];
    expect((await put(id, { name: 'by bob' }, '"1"', bob)).status).toBe(200);
    expect((await put(id, { visibility: 'private' }, '"2"', bob)).body.code).toBe('not_your_dashboard');
    expect((await put(id, { name: 'by eve' }, '"2"', eve)).body.code).toBe('not_your_dashboard');
    expect((await put(id, { visibility: 'private' }, '"2"', ann)).status).toBe(200);
    expect((await put(id, { name: 'by eve' }, '"3"', eve)).status).toBe(404);
    expect((await put(id, { name: 'x' }, '"3"', await as('bob', ['viewer']))).status).toBe(403);
    expect((await api.post('/dashboards', { name: 'x', widgets: [] }, await as('bob', ['viewer']))).status).toBe(403);
    expect((await api.get(`/dashboards/${id}`, { token: null })).status).toBe(401);
  });
});

describe('what users choose', () => {
  it('are favourites, found in lists', async () => {
    const { dashboardId: id } = await create(api, { name: 'Findable 100%', visibility: 'organization' });
    const bob = await as('bob', ['viewer']);
    for (let i = 0; i < 2; i++)
      expect((await api.request('PUT', `/dashboards/${id}/favourite`, undefined, bob)).status).toBe(204);
    const find = async (query: string): Promise<string[]> =>
      (await ok(api.get(`/dashboards?${query}`, bob))).items.map(({ dashboardId }: Loose) => dashboardId);
    expect(await find('favourite=true')).toEqual([id]);
    expect(await find('search=able%20100%25')).toEqual([id]);
    expect(await find('search=.*')).toEqual([]);
    expect(await find('owner=me')).not.toContain(id);
    expect((await api.get(`/dashboards/${id}`, bob)).body.isFavourite).toBe(true);
    expect((await api.get(`/dashboards/${id}`)).body.isFavourite).toBe(false);
    expect((await api.request('DELETE', `/dashboards/${id}/favourite`, undefined, bob)).status).toBe(204);
    expect((await api.request('DELETE', `/dashboards/${id}/favourite`, undefined, bob)).status).toBe(404);
    expect(await find('favourite=true')).toEqual([]);
  });

  it('are pages, none of which loses a dashboard', async () => {
    const eve = await as('pager');
    for (let i = 0; i < 5; i++) await create(api, { name: `p${i}` }, eve);
    const names: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Loose = await ok(api.get(`/dashboards?owner=me&limit=2${cursor && `&cursor=${cursor}`}`, eve));
      names.push(...page.items.map(({ name }: Loose) => name));
      cursor = page.nextCursor;
    }
    expect(names).toEqual(['p4', 'p3', 'p2', 'p1', 'p0']);
    expect((await api.get('/dashboards?cursor=x')).status).toBe(422);
  });

  it('are preferences and a dashboard to begin with', async () => {
    const bob = await as('chooser', ['viewer']);
    expect((await api.get('/dashboards/default', bob)).status).toBe(404);
    const { dashboardId: id } = await create(api, { visibility: 'organization' });
    const set = (body: object) => api.request('PUT', '/dashboards/preferences', body, bob);
    expect((await set({ theme: 'dark', timeZone: 'Europe/Berlin', defaultDashboardId: id })).status).toBe(200);
    expect((await set({ theme: null, density: 'compact' })).body).toEqual({
      density: 'compact',
      timeZone: 'Europe/Berlin',
      defaultDashboardId: id,
    });
    const first = await ok(api.get('/dashboards/default', bob));
    expect(first).toMatchObject({
      dashboardId: id,
      timeZone: 'Europe/Berlin',
      widgets: [{ range: { timeZone: 'Europe/Berlin' } }],
    });
    expect((await ok(api.get('/dashboards/default?timeZone=Asia/Tokyo', bob))).widgets[0].range.timeZone).toBe(
      'Asia/Tokyo',
    );
    expect((await set({ defaultDashboardId: '0'.repeat(24) })).status).toBe(404);
    for (const [field, value] of Object.entries({
      theme: 'x',
      density: 1,
      timeZone: '+01:00',
      refreshIntervalSeconds: 1,
    }))
      expect(pointersOf((await set({ [field]: value })).body)).toEqual([`/${field}`]);
  });
});

describe('a dashboard that is wrong', () => {
  const widget = { id: 'a', type: 'metric_number', options: { metric: 'pass_rate' } };
  it.each<[string, object]>([
    ['/name', { name: ' ' }],
    ['/name', { name: undefined }],
    ['/visibility', { visibility: 'public' }],
    ['/project', { visibility: 'project' }],
    ['/users/0', { users: [''] }],
    ['/refreshIntervalSeconds', { refreshIntervalSeconds: 1 }],
    ['/filter/timeRange/lastDays', { filter: { timeRange: { lastDays: 0 } } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '2026-02-01', to: '2026-01-01' } } }],
    ['/widgets', { widgets: undefined }],
    ['/widgets', { widgets: null }],
    ['/widgets', { widgets: Array.from({ length: 51 }, () => ({ type: 'mttr' })) }],
    ['/widgets/0/type', { widgets: [{ type: 'pie' }] }],
    ['/widgets/0/id', { widgets: [{ ...widget, id: 'a b' }] }],
    ['/widgets/1/id', { widgets: [widget, widget] }],
    ['/widgets/0/options/metric', { widgets: [{ ...widget, options: { metric: 'nothing' } }] }],
    ['/widgets/1/options/metric', { widgets: [{ type: 'mttr' }, { ...widget, options: {} }] }],
    ['/widgets/0/options/colour', { widgets: [{ ...widget, options: { metric: 'pass_rate', colour: 'red' } }] }],
    ['/widgets/0/options/groupBy', { widgets: [{ type: 'custom', options: { metrics: ['mttr'], groupBy: 'suite' } }] }],
    ['/widgets/0/filter/projects', { widgets: [{ ...widget, filter: { projects: ['No'] } }] }],
    ['/widgets/0/filter/suites', { filter: { suites: ['a*'] }, widgets: [{ ...widget, filter: { suites: ['*b'] } }] }],
    ['/layout/lg/0/widgetId', { layout: { lg: [{ widgetId: 'z', x: 0, y: 0, w: 1, h: 1 }] } }],
    ['/layout/md/0/x', { layout: { md: [{ widgetId: 'a', x: -1, y: 0, w: 1, h: 1 }] } }],
    ['/layout/xl', { layout: { xl: [] } }],
    ['/owner', { owner: 'bob' }],
  ])('is refused at %s: %j', async (pointer, more) => {
    const { status, body } = await api.post('/dashboards', { name: 'x', widgets: [widget], ...more });
    expect([
      status,
      pointersOf(body).some(
        (found) => found === pointer || found.startsWith(`${pointer}/`) || pointer.startsWith(found),
      ),
    ]).toEqual([422, true]);
  });
});
