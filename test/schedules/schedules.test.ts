import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { daily, prepare, Probe } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
let org = '';
let count = 0;
let now = new Date();
const probe = new Probe();
beforeAll(async () => {
  api = await startApp({}, 'api');
  prepare(api, probe, () => now);
});
beforeEach(() => {
  org = `schedules-${++count}`;
  now = new Date('2026-05-04T12:00:00Z');
});
afterAll(() => api.close());

const send = async (method: string, path: string, body?: unknown, claims = {}, headers = {}): Promise<Answer> =>
  api.request(method, path, body, { token: await api.token({ org, sub: 'ana', name: 'Ana', ...claims }), headers });
const create = async (body: object, claims = {}): Promise<Loose> => {
  const answer = await send('POST', '/schedules', body, claims);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};

describe('schedules', () => {
  it('are created in one form, read, listed by name and found by state, kind and owner', async () => {
    const made = await create(
      daily('b', {
        description: 'for me',
        timing: { every: 'week', weekdays: ['monday'], at: '06:30', timeZone: 'Europe/Berlin' },
      }),
    );
    expect(made).toMatchObject({
      timing: { cron: '30 6 * * 1', timeZone: 'Europe/Berlin', description: 'Every Monday at 06:30 (Europe/Berlin)' },
      nextRunAt: '2026-05-11T04:30:00.000Z',
      state: 'active',
      owner: { subject: 'ana', name: 'Ana' },
      catchUp: { policy: 'once', max: 10 },
      onFailure: { alertAfter: 1, channels: [], pauseAfter: null },
      delivery: { channels: [], notifyOwner: false, attachFiles: true },
      version: 1,
      lastRun: null,
    });
    await create(daily('a', { paused: true }), { sub: 'ben' });
    await create(daily('c', { timing: { cron: '0  7 * * mon-fri' } }));
    const page = await send('GET', '/schedules?limit=2');
    expect(page.body.items.map(({ name }: Loose) => name)).toEqual(['a', 'b']);
    expect(page.body.items[1]).toEqual(made);
    const rest = await send('GET', `/schedules?cursor=${page.body.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ name: 'c', timing: { cron: '0 7 * * MON-FRI' } }], nextCursor: null });
    const names = async (query: string): Promise<string[]> =>
      (await send('GET', `/schedules?${query}`)).body.items.map(({ name }: Loose) => name);
    expect(await names('state=paused')).toEqual(['a']);
    expect(await names('owner=ben')).toEqual(['a']);
    expect(await names('kind=report')).toEqual([]);
    expect((await send('POST', '/schedules', daily('a'))).body.code).toBe('schedule_exists');
    const kinds = (await send('GET', '/schedules/kinds')).body.items.map(({ kind }: Loose) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['probe', 'quality_summary', 'report', 'trend']));
  });

  it('are changed in part, under the version that was read, and run as who changed them', async () => {
    const { scheduleId, version } = await create(daily('a', { description: 'x', onFailure: { pauseAfter: 3 } }));
    const path = `/schedules/${scheduleId}`;
    const etag = (await send('GET', path)).headers.get('etag') ?? '';
    expect(etag).toBe(`"${version}"`);
    const body = { timing: { every: 'day', at: '07:00' }, onFailure: { alertAfter: 2 }, description: null };
    const changed = await send('PATCH', path, body, { sub: 'ben', name: 'Ben' }, { 'if-match': etag });
    expect(changed.body).toMatchObject({
      name: 'a',
      description: null,
      nextRunAt: '2026-05-05T07:00:00.000Z',
      onFailure: { alertAfter: 2, pauseAfter: null },
      owner: { subject: 'ben' },
      createdBy: 'ana',
      version: 2,
    });
    const stale = await send('PATCH', path, { name: 'z' }, {}, { 'if-match': etag });
    expect([stale.status, stale.body.code]).toEqual([412, 'stale_version']);
    expect((await send('PATCH', path, { name: 'z' }, {}, { 'if-match': 'x' })).status).toBe(422);
    expect((await send('PATCH', path, { name: 'z' })).body).toMatchObject({ name: 'z', version: 3 });
    await create(daily('taken'));
    expect((await send('PATCH', path, { name: 'taken' })).body.code).toBe('schedule_exists');
  });

  it('pause, resume after the pause, and go with their history', async () => {
    const { scheduleId } = await create(daily('a'));
    const path = `/schedules/${scheduleId}`;
    expect((await send('POST', `${path}/pause`)).body).toMatchObject({
      state: 'paused',
      nextRunAt: null,
      pausedReason: 'Paused by Ana',
    });
    expect((await send('POST', `${path}/pause`)).body.version).toBe(2);
    now = new Date('2026-05-20T12:00:00Z');
    expect((await send('PATCH', path, { timing: { every: 'day', at: '08:00' } })).body.nextRunAt).toBeNull();
    expect((await send('POST', `${path}/resume`)).body).toMatchObject({
      state: 'active',
      nextRunAt: '2026-05-21T08:00:00.000Z',
      pausedReason: null,
    });
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('GET', path)).status).toBe(404);
    expect((await send('DELETE', path)).status).toBe(404);
    const audit = await send('GET', `/audit-log?target=schedule:${scheduleId}`);
    expect(audit.body.items.map(({ action }: Loose) => action).sort()).toEqual([
      'schedule.created',
      'schedule.deleted',
      'schedule.paused',
      'schedule.resumed',
      'schedule.updated',
    ]);
  });

  it('show their next runs in local time and their message, saved or not', async () => {
    const timing = { every: 'day', at: '02:30', timeZone: 'Europe/Berlin' };
    now = new Date('2026-03-28T00:00:00Z');
    const unsaved = await send('POST', '/schedules/preview', { ...daily(''), name: undefined, timing, count: 3 });
    expect(unsaved.status).toBe(200);
    expect(unsaved.body.nextRuns).toEqual([
      { at: '2026-03-28T01:30:00.000Z', local: '2026-03-28T02:30:00.000+01:00' },
      { at: '2026-03-29T01:00:00.000Z', local: '2026-03-29T03:00:00.000+02:00' },
      { at: '2026-03-30T00:30:00.000Z', local: '2026-03-30T02:30:00.000+02:00' },
    ]);
    expect(unsaved.body.message).toMatchObject({ subject: 'Not saved yet', inboxTitle: 'Not saved yet' });
    expect(unsaved.body.message.text).toContain('as it would be');
    expect(unsaved.body.message.text).toContain('a.csv (7 bytes)');
    expect((await send('GET', '/schedules')).body.items).toEqual([]);
    const { scheduleId } = await create(daily('a', { timing }));
    const saved = await send('GET', `/schedules/${scheduleId}/preview?count=1&message=false`);
    expect(saved.body).toMatchObject({ nextRuns: [{ at: '2026-03-28T01:30:00.000Z' }], message: null });
    expect((await send('GET', `/schedules/${scheduleId}/preview`)).body.message.subject).toBe('a');
    expect(probe.asked).toEqual([]);
  });
});

describe('schedules refuse', () => {
  const paths: [string, object][] = [
    ['/name', { name: ' ' }],
    ['/name', { name: 7 }],
    ['/description', { description: '' }],
    ['/timing', { timing: undefined }],
    ['/timing', { timing: null }],
    ['/timing/at', { timing: { every: 'day', at: '25:00' } }],
    ['/timing/every', { timing: { every: 'year', at: '05:00' } }],
    ['/timing/weekdays', { timing: { every: 'week', at: '05:00', weekdays: [] } }],
    ['/timing/dayOfMonth', { timing: { every: 'month', at: '05:00', dayOfMonth: 31 } }],
    ['/timing/timeZone', { timing: { every: 'day', at: '05:00', timeZone: '+02:00' } }],
    ['/timing/cron', { timing: { cron: '0 0 31 2 *' } }],
    ['/timing/seconds', { timing: { cron: '0 0 1 2 *', seconds: 1 } }],
    ['/target/kind', { target: { kind: 'nonsense', options: {} } }],
    ['/target/options', { target: { kind: 'probe', options: [] } }],
    ['/target/options', { target: { kind: 'probe', options: { text: 'x'.repeat(70_000) } } }],
    ['/delivery/channels', { delivery: { channels: 'x' } }],
    ['/delivery/channels/0', { delivery: { channels: ['0'.repeat(24)] } }],
    ['/delivery/notifyOwner', { delivery: { notifyOwner: 'yes' } }],
    ['/catchUp/policy', { catchUp: { policy: 'never' } }],
    ['/catchUp/max', { catchUp: { policy: 'all', max: 101 } }],
    ['/onFailure/alertAfter', { onFailure: { alertAfter: 0 } }],
    ['/onFailure/channels/0', { onFailure: { channels: ['0'.repeat(24)] } }],
    ['/onFailure/pauseAfter', { onFailure: { pauseAfter: null } }],
    ['/paused', { paused: 1 }],
    ['/org', { org: 'x' }],
  ];
  it.each(paths)('a wrong %s', async (pointer, more) => {
    const { status, body } = await send('POST', '/schedules', daily('a', more));
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    if (pointer === '/paused' || pointer === '/description') return;
    const preview = await send('POST', '/schedules/preview', daily('a', more));
    expect([preview.status, preview.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it.each([
    ['/name', { name: null }],
    ['/timing', { timing: null }],
    ['/paused', { paused: true }],
    ['/target/kind', { target: { options: {} } }],
  ])('a change of %s', async (pointer, body) => {
    const { scheduleId } = await create(daily('a'));
    const answer = await send('PATCH', `/schedules/${scheduleId}`, body);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  it.each(['?state=on', '?limit=0', '?cursor=x', '/preview/x/runs?status=x'])('GET /schedules%s', async (path) => {
    expect([404, 422]).toContain((await send('GET', `/schedules${path}`)).status);
  });

  it('wrong questions of a schedule', async () => {
    const { scheduleId } = await create(daily('a'));
    for (const query of ['preview?count=0', 'preview?message=perhaps', 'runs?status=done', 'runs?cursor=x'])
      expect((await send('GET', `/schedules/${scheduleId}/${query}`)).status).toBe(422);
    expect((await send('POST', '/schedules/preview', { ...daily('a'), count: 1000 })).status).toBe(422);
  });

  it('strangers (404), those who may only read (403), and nobody (401)', async () => {
    const { scheduleId } = await create(daily('a', { timing: { every: 'day', at: '06:00' } }));
    const calls: [string, string, unknown?][] = [
      ['GET', ''],
      ['GET', '/preview'],
      ['GET', '/runs'],
      ['GET', `/runs/${scheduleId}`],
      ['GET', `/runs/${scheduleId}/files/0`],
      ['PATCH', '', { name: 'b' }],
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['POST', '/run'],
      ['DELETE', ''],
    ];
    for (const [method, path, body] of calls) {
      const url = `/schedules/${scheduleId}${path}`;
      for (const claims of [{ org: 'stranger' }, { projects: ['web'] }])
        expect([method, path, (await send(method, url, body, claims)).status]).toEqual([method, path, 404]);
      expect((await api.request(method, url, body, { token: null })).status).toBe(401);
      if (method !== 'GET') expect((await send(method, url, body, { roles: ['engineer'] })).status).toBe(403);
    }
    for (const path of ['/schedules', '/schedules/preview']) {
      expect((await send('POST', path, daily('b'), { roles: ['engineer'] })).status).toBe(403);
      expect((await api.post(path, daily('b'), { token: null })).status).toBe(401);
    }
    for (const claims of [{ org: 'stranger' }, { projects: ['web'] }])
      expect((await send('GET', '/schedules', undefined, claims)).body.items).toEqual([]);
    expect((await send('GET', '/schedules', undefined, { roles: ['viewer'] })).body.items).toHaveLength(1);
    for (const path of ['/schedules', '/schedules/kinds'])
      expect((await api.get(path, { token: null })).status).toBe(401);
  });

  it('to hide from a caller who sees as much as their owner', async () => {
    const { scheduleId } = await create(daily('a'), { projects: ['web'] });
    expect((await send('GET', `/schedules/${scheduleId}`, undefined, { projects: ['web', 'api'] })).status).toBe(200);
    expect((await send('GET', `/schedules/${scheduleId}`, undefined, { projects: ['api'] })).status).toBe(404);
    expect((await send('GET', `/schedules/${scheduleId}`)).status).toBe(200);
  });

  it('a kind that the caller may not do', async () => {
    const key = await send('POST', '/api-keys', { name: 'k', permissions: ['schedules:write', 'schedules:read'] });
    const answer = await api.post('/schedules', daily('k'), { token: key.body.key });
    expect([answer.status, answer.body.code]).toEqual([403, 'permission_missing']);
  });
});
