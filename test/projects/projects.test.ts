import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answer, startApp, type TestApp } from '../support/app.js';

const BANDS = { excellent: 95, good: 90, fair: 80, poor: 50 };
const LIMITS = { minimumScore: 80, minimumPassRate: 0.95, maximumFlakiness: 0.02, maximumMttrHours: 24 };
const WEIGHTS = { passRate: 40, stability: 30, durationStability: 20, recovery: 10 };

describe('projects', () => {
  let app: TestApp;
  let org = '';
  let count = 0;
  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(() => {
    count += 1;
    org = `org-${count}`;
  });
  afterAll(() => app.close());

  const as = async (claims = {}): Promise<{ token: string }> => ({ token: await app.token({ org, ...claims }) });
  const post = async (body: unknown, claims = {}): Promise<Answer> => app.post('/projects', body, await as(claims));
  const patch = async (key: string, body: unknown, claims = {}): Promise<Answer> =>
    app.request('PATCH', `/projects/${key}`, body, await as(claims));
  const get = async (path: string, claims = {}): Promise<Answer> => app.get(path, await as(claims));

  it('are created with their settings, or the defaults', async () => {
    const settings = {
      key: 'web-shop',
      name: 'Web shop',
      description: 'The shop',
      team: 'checkout',
      timeZone: 'Europe/Berlin',
      retentionDays: 730,
      qualityWeights: WEIGHTS,
      qualityBands: BANDS,
      qualityLimits: LIMITS,
    };
    const full = await post(settings);
    expect(full.status).toBe(201);
    expect(full.body).toMatchObject({ ...settings, createdBy: 'tester' });
    expect((await get('/projects/web-shop')).body).toEqual(full.body);
    const bare = await post({ key: 'bare', name: 'Bare' });
    expect(bare.body).toMatchObject({ timeZone: 'UTC', team: null, retentionDays: null, qualityWeights: null });
    expect(bare.body).toMatchObject({ qualityBands: null, qualityLimits: null });
  });

  it('are 409 a second time, also when two come at once; another organization has its own', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => post({ key: 'web', name: 'Web' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe('project_exists');
    expect((await post({ key: 'web', name: 'Web' }, { org: `${org}-other` })).status).toBe(201);
  });

  it('change in the fields that are sent; null sets one back', async () => {
    await post({ key: 'web', name: 'Web', team: 'core', qualityWeights: WEIGHTS, retentionDays: 30 });
    const changed = await patch('web', {
      timeZone: 'Asia/Kolkata',
      team: null,
      qualityWeights: { ...WEIGHTS, recovery: 0 },
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      name: 'Web',
      team: null,
      timeZone: 'Asia/Kolkata',
      retentionDays: 30,
      qualityWeights: { ...WEIGHTS, recovery: 0 },
    });
    const cleared = await patch('web', { qualityWeights: null, retentionDays: null });
    expect(cleared.body).toMatchObject({ qualityWeights: null, retentionDays: null });
    expect((await patch('web', {})).body).toEqual(cleared.body);
    expect((await get('/projects/web')).body).toEqual(cleared.body);
  });

  it('have bands and limits of quality that are replaced as a whole', async () => {
    await post({ key: 'web', name: 'Web', qualityBands: BANDS, qualityLimits: LIMITS });
    const changed = await patch('web', {
      qualityBands: { poor: 0, fair: 1, good: 2, excellent: 3 },
      qualityLimits: { maximumMttrHours: 8 },
    });
    expect(changed.body.qualityBands).toEqual({ excellent: 3, good: 2, fair: 1, poor: 0 });
    expect(changed.body.qualityLimits).toEqual({ maximumMttrHours: 8 });
    expect((await get('/projects/web')).body).toEqual(changed.body);
    const cleared = await patch('web', { qualityBands: null, qualityLimits: null });
    expect(cleared.body).toMatchObject({ qualityBands: null, qualityLimits: null });
  });

  it('are 404 to other organizations and to callers who are confined to other projects', async () => {
    await post({ key: 'web', name: 'Web' });
    for (const claims of [{ org: 'stranger' }, { projects: ['app'] }, { projects: [] }]) {
      expect((await get('/projects/web', claims)).status).toBe(404);
      expect((await patch('web', { name: 'Mine' }, claims)).status).toBe(404);
      expect((await get('/projects', claims)).body.items).toEqual([]);
    }
    expect((await get('/projects/web')).body.name).toBe('Web');
    const outside = await post({ key: 'new', name: 'New' }, { projects: ['web'] });
    expect([outside.status, outside.body.code]).toEqual([403, 'project_not_yours']);
  });

  it('are read by viewers and engineers, changed by managers', async () => {
    await post({ key: 'web', name: 'Web' }, { roles: ['manager'] });
    for (const roles of [['viewer'], ['engineer']]) {
      expect((await get('/projects/web', { roles })).status).toBe(200);
      expect((await post({ key: 'x', name: 'X' }, { roles })).status).toBe(403);
      expect((await patch('web', { name: 'X' }, { roles })).status).toBe(403);
    }
  });

  it('come in pages by key, filtered by team', async () => {
    for (const key of ['e', 'b', 'd', 'a', 'c'])
      await post({ key, name: key, team: 'abc'.includes(key) ? 'one' : 'two, too' });
    const keys: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(`/projects?limit=2${cursor}`);
      keys.push(...body.items.map((item: { key: string }) => item.key));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(keys).toEqual(['a', 'b', 'c', 'd', 'e']);
    const ofTeam = async (query: string): Promise<string> =>
      (await get(`/projects?${query}`)).body.items.map((item: { key: string }) => item.key).join('');
    expect(await ofTeam('team=one')).toBe('abc');
    expect(await ofTeam('team=one,nobody')).toBe('abc');
    expect(await ofTeam('team=one&team=nobody')).toBe('abc');
    expect(await ofTeam('team=nobody')).toBe('');
  });

  it.each<[string, unknown]>([
    ['key', undefined],
    ['key', null],
    ['key', 7],
    ['key', ''],
    ['key', 'Web'],
    ['key', 'a b'],
    ['key', 'a/b'],
    ['key', '../etc'],
    ['key', '__proto__'],
    ['key', 'x'.repeat(65)],
    ['key', 'a\0'],
    ['key', { $gt: '' }],
    ['key', ['web']],
    ['name', undefined],
    ['name', null],
    ['name', 7],
    ['name', ' '],
    ['name', 'a\0b'],
    ['name', '\ud800'],
    ['name', 'x'.repeat(201)],
    ['name', { $gt: '' }],
    ['description', 7],
    ['description', 'x'.repeat(2001)],
    ['team', 7],
    ['team', ''],
    ['team', 'a\0b'],
    ['team', ['core']],
    ['timeZone', null],
    ['timeZone', 'Mars/Olympus'],
    ['timeZone', '+02:00'],
    ['timeZone', 2],
    ['retentionDays', 0],
    ['retentionDays', 1.5],
    ['retentionDays', '30'],
    ['retentionDays', 1e9],
    ['retentionDays', true],
    ['qualityWeights', 7],
    ['qualityWeights', []],
    ['qualityWeights', 'even'],
    ['qualityWeights', {}],
    ['qualityWeights', { ...WEIGHTS, recovery: -1 }],
    ['qualityWeights', { ...WEIGHTS, recovery: '10' }],
    ['qualityWeights', { ...WEIGHTS, $where: 'sleep(1)' }],
    ['qualityWeights', { passRate: 0, stability: 0, durationStability: 0, recovery: 0 }],
    ['qualityBands', 7],
    ['qualityBands', []],
    ['qualityBands', { ...BANDS, good: 95 }],
    ['qualityBands', { ...BANDS, poor: 85 }],
    ['qualityBands', { ...BANDS, excellent: 101 }],
    ['qualityBands', { ...BANDS, poor: -1 }],
    ['qualityBands', { ...BANDS, poor: '50' }],
    ['qualityBands', { ...BANDS, poor: undefined }],
    ['qualityBands', { ...BANDS, critical: 0 }],
    ['qualityLimits', 'strict'],
    ['qualityLimits', { minimumScore: 101 }],
    ['qualityLimits', { minimumPassRate: 95 }],
    ['qualityLimits', { maximumFlakiness: -0.1 }],
    ['qualityLimits', { maximumMttrHours: '24' }],
    ['qualityLimits', { maximumMttrHours: null }],
    ['qualityLimits', { maximumScore: 1 }],
    ['$where', 'sleep(1000)'],
    ['org', 'stranger'],
    ['definitionVersion', 9],
    ['constructor', { prototype: { admin: true } }],
  ])('are not made with %s %j', async (field, value) => {
    const { status, body } = await post({ key: 'web', name: 'Web', [field]: value });
    // the JSON parser refuses what would reach a prototype, before any DTO
    expect([status, body.code]).toEqual(field === 'constructor' ? [400, 'forbidden_key'] : [422, 'validation_failed']);
    if (status === 422) expect(body.errors[0].pointer.split('/')[1]).toBe(field);
    expect((await get('/projects')).body.items).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['key', 'other'],
    ['name', null],
    ['name', ''],
    ['timeZone', null],
    ['timeZone', 'Mars/Olympus'],
    ['retentionDays', '30'],
    ['team', { $set: 1 }],
    ['qualityWeights', { passRate: 1 }],
    ['qualityBands', { excellent: 90 }],
    ['qualityLimits', { minimumScore: -1 }],
    ['org', 'stranger'],
  ])('are not changed to %s %j', async (field, value) => {
    await post({ key: 'web', name: 'Web' });
    const before = (await get('/projects/web')).body;
    const { status, body } = await patch('web', { [field]: value });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect((await get('/projects/web')).body).toEqual(before);
  });

  it.each(['[]', 'null', '7', '"web"', '', '{', '{"key":"web","name":"Web","__proto__":{"admin":true}}'])(
    'are not made of the body %s',
    async (text) => {
      const { token } = await as();
      const headers = { 'content-type': 'application/json' };
      const { status } = await app.post('/projects', text, { token, headers });
      expect([400, 422]).toContain(status);
      expect(({} as Record<string, unknown>).admin).toBeUndefined();
    },
  );

  it.each(['__proto__', '%00', '$where', '..%2f', 'X', 'a'.repeat(300)])('are 404 at /projects/%s', async (key) => {
    expect((await get(`/projects/${key}`)).status).toBe(404);
    expect((await patch(key, { name: 'x' })).status).toBe(404);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'cursor=W10', 'team=', 'team[$ne]=x', 'order=key'])(
    'are not listed with ?%s',
    async (query) => {
      expect((await get(`/projects?${query}`)).status).toBe(422);
    },
  );
});
