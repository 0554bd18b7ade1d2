import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { request } from 'undici';
import { systemScope } from '../../src/common/index.js';
import { ChannelsService, HostResolver } from '../../src/notifications/index.js';
import { GuardedAgent } from '../../src/notifications/guard/guarded-agent.js';
import { TargetGuard, TargetRefusedError } from '../../src/notifications/guard/target-guard.js';
import { HOSTILE_URLS, NOT_PUBLIC } from '../../src/notifications/guard/testing/hostile-urls.js';
import type { Loose } from '../support/app.js';
import { Collector, startWorld, TestClock, until, type World } from './support.js';

const PUBLIC = '93.184.216.34';
/** What the name server says; each list is one answer, the last one stays. */
let names: Record<string, string[][]> = {};
let world: World;
beforeAll(async () => {
  world = await startWorld({ WEBHOOK_ALLOW_PRIVATE: 'false' });
  world.app.app.get(HostResolver).resolve = (host) => {
    const answers = names[host] ?? [[PUBLIC]];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer!.length === 0) return Promise.reject(new Error('ENOTFOUND'));
    return Promise.resolve(answer!.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
}, 60_000);
afterAll(() => world.app.close());
beforeEach(() => {
  names = {};
});

const URL = 'https://hooks.example.com/services/T1/secret-token';
const smtp = { host: 'smtp.example.com', port: 587, security: 'starttls', user: 'u', password: 'a secret password' };
const INPUTS: Record<string, Loose> = {
  email: { to: ['qa@example.com'], from: 'Reports <reports@example.com>', smtp },
  slack: { url: URL },
  teams: { url: URL },
  webhook: { url: `${URL}?key=secret-query`, headers: { 'X-Team': 'qa', Authorization: 'Bearer secret-header' } },
  inbox: { users: ['ann', 'ben', 'ann'] },
};
const SECRETS = ['secret-token', 'secret-query', 'secret-header', 'a secret password'];
const create = (body: Loose, claims?: Loose) => world.send('POST', '/channels', body, claims);

describe('a channel', () => {
  it.each(Object.keys(INPUTS))('of kind %s is created, shown without secrets, changed and deleted', async (kind) => {
    const body = { name: `my ${kind}`, description: 'for tests', kind, [kind]: INPUTS[kind] };
    const made = await create(body);
    expect([made.status, made.body.kind, made.body.enabled]).toEqual([201, kind, true]);
    const { channelId, secret } = made.body;
    if (kind === 'webhook') expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    else expect(secret).toBeNull();
    expect((await create(body)).body).toMatchObject({ status: 409, code: 'channel_exists' });
    const path = `/channels/${channelId}`;
    const [one, list] = [await world.get(path), await world.get(`/channels?kind=${kind}&enabled=true`)];
    expect(list.body.items).toEqual([one.body]);
    const stored = await world.app.app
      .get<Connection>(getConnectionToken())
      .collection('notification_channels')
      .findOne({ name: body.name, o: world.org });
    for (const text of [JSON.stringify([one.body, list.body]), JSON.stringify(stored)])
      for (const hidden of [...SECRETS, String(secret ?? 'a secret')]) expect(text).not.toContain(hidden);
    expect((await world.send('PATCH', path, { description: 'other' })).body).toMatchObject({
      name: body.name,
      description: 'other',
      settings: one.body.settings,
      secretHints: one.body.secretHints,
    });
    expect((await world.send('PATCH', path, { [kind]: INPUTS[kind], name: 'new name' })).body.name).toBe('new name');
    expect((await world.send('POST', `${path}/disable`)).body).toMatchObject({
      enabled: false,
      disabledReason: 'Disabled by tester',
    });
    expect((await world.send('POST', `${path}/enable`)).body).toMatchObject({ enabled: true, disabledReason: null });
    const rotated = await world.send('POST', `${path}/rotate-secret`, {});
    if (kind === 'webhook') expect(rotated.body.secret).not.toBe(secret);
    else expect(rotated.body.code).toBe('no_signing_secret');
    expect((await world.send('DELETE', path)).status).toBe(204);
    expect((await world.get(path)).status).toBe(404);
    const { items } = (await world.get(`/audit-log?target=channel:${channelId}`)).body;
    expect(items.map(({ action }: Loose) => action)).toEqual(
      expect.arrayContaining(['channel.created', 'channel.updated', 'channel.disabled', 'channel.deleted']),
    );
    for (const hidden of [...SECRETS, 'whsec_']) expect(JSON.stringify(items)).not.toContain(hidden);
  });

  it('of kind webhook shows the origin of its URL and the names of its headers', async () => {
    const made = await world.channel('webhook', INPUTS.webhook);
    const settings = { target: 'https://hooks.example.com', headerNames: ['X-Team', 'Authorization'] };
    expect(made.settings).toEqual(settings);
    expect(made.secretHints).toEqual({ url: '…uery', signing: expect.stringMatching(/^….{4}$/) });
    const { body } = await world.send('PATCH', `/channels/${made.channelId}`, { webhook: { url: URL } });
    expect([body.settings, body.secretHints.url]).toEqual([{ target: 'https://hooks.example.com' }, '…oken']);
    await world.send('DELETE', `/channels/${made.channelId}`);
  });

  it('keeps nothing of the secrets of the settings that were replaced', async () => {
    const { channelId } = await world.channel('email', INPUTS.email);
    const email = { to: ['qa@example.com'], smtp: { host: 'smtp.example.com', port: 587, security: 'starttls' } };
    const { body } = await world.send('PATCH', `/channels/${channelId}`, { email });
    expect([body.settings, body.secretHints]).toEqual([email, {}]);
    const channels = world.app.app.get<Connection>(getConnectionToken()).collection('notification_channels');
    expect(await channels.findOne({ name: body.name, o: world.org })).not.toHaveProperty('password');
    await world.send('DELETE', `/channels/${channelId}`);
  });

  it('belongs to the organization or a project, and is seen and changed accordingly', async () => {
    const ofProject = await world.channel('slack', INPUTS.slack, { project: 'web' });
    const ofAll = await world.channel('slack', INPUTS.slack);
    const [web, app, stranger] = [{ projects: ['web'] }, { projects: ['app'] }, { org: 'stranger' }];
    const statuses = async (channelId: string, claims: Loose): Promise<number[]> => [
      (await world.get(`/channels/${channelId}`, claims)).status,
      (await world.send('PATCH', `/channels/${channelId}`, { description: 'x' }, claims)).status,
    ];
    expect(await statuses(ofProject.channelId, web)).toEqual([200, 200]);
    expect(await statuses(ofProject.channelId, app)).toEqual([404, 404]);
    expect(await statuses(ofAll.channelId, web)).toEqual([200, 403]);
    expect(await statuses(ofAll.channelId, stranger)).toEqual([404, 404]);
    expect((await create({ name: 'x', kind: 'slack', slack: INPUTS.slack, project: 'app' }, web)).status).toBe(403);
    expect((await world.get('/channels', stranger)).body.items).toEqual([]);
    for (const [method, rest] of [
      ['DELETE', ''],
      ...['test', 'rotate-secret', 'disable', 'enable'].map((one) => ['POST', `/${one}`]),
    ])
      for (const [claims, status] of [
        [stranger, 404],
        [{ roles: ['engineer'] }, 403],
      ] as const)
        expect(
          (await world.send(method!, `/channels/${ofAll.channelId}${rest}`, method === 'POST' ? {} : undefined, claims))
            .status,
        ).toBe(status);
    expect((await create({ name: 'x', kind: 'slack', slack: INPUTS.slack }, { roles: ['engineer'] })).status).toBe(403);
    expect((await world.get('/channels', { roles: ['viewer'] })).body.items).toHaveLength(2);
    expect((await world.app.get('/channels', { token: null })).status).toBe(401);
  });

  it.each(['delivery', 'onFailure'])('that a schedule names in %s is not deleted under it', async (place) => {
    const { channelId } = await world.channel('inbox', INPUTS.inbox);
    const target = { kind: 'report', options: { window: 'previous_week', request: { type: 'summary' } } };
    const schedule = { name: `by ${place}`, timing: { every: 'day', at: '06:00' }, target };
    const made = await world.send('POST', '/schedules', { ...schedule, [place]: { channels: [channelId] } });
    const { scheduleId: id } = made.body;
    const { body } = await world.send('DELETE', `/channels/${channelId}`);
    expect([body.status, body.code]).toEqual([409, 'channel_in_use']);
    expect(body.usedBy).toEqual([{ type: 'schedule', id, name: `by ${place}` }]);
    expect((await world.send('DELETE', `/schedules/${id}`)).status).toBe(204);
    expect((await world.send('DELETE', `/channels/${channelId}`)).status).toBe(204);
  });

  it.each<[string, Loose, string]>([
    ['name', { name: ' ' }, '/name'],
    ['kind', { kind: 'pager' }, '/kind'],
    ['project', { project: 'A B' }, '/project'],
    ['unknown field', { secret: 'x' }, '/secret'],
    ['settings of no kind', { slack: undefined }, '/slack'],
    ['settings of another kind', { teams: { url: URL } }, '/teams'],
    ['URL', { slack: { url: 7 } }, '/slack/url'],
    ['long URL', { slack: { url: `https://example.com/${'x'.repeat(2000)}` } }, '/slack/url'],
    ['headers', { kind: 'webhook', slack: undefined, webhook: { url: URL, headers: { A: 1 } } }, '/webhook/headers'],
    [
      'reserved header',
      { kind: 'webhook', slack: undefined, webhook: { url: URL, headers: { Host: 'x' } } },
      '/webhook/headers/Host',
    ],
    [
      'header injection',
      { kind: 'webhook', slack: undefined, webhook: { url: URL, headers: { X: 'a\r\nB: c' } } },
      '/webhook/headers/X',
    ],
    ['recipients', { kind: 'email', slack: undefined, email: { to: [], smtp } }, '/email/to'],
    ['recipient', { kind: 'email', slack: undefined, email: { to: ['a@b.c\r\nBcc: d@e.f'], smtp } }, '/email/to'],
    [
      'sender',
      { kind: 'email', slack: undefined, email: { to: ['a@example.com'], from: 'x\nBcc: y <a@b.c>', smtp } },
      '/email/from',
    ],
    ['no mail server', { kind: 'email', slack: undefined, email: { to: ['a@example.com'] } }, '/email/smtp'],
    [
      'mail port',
      { kind: 'email', slack: undefined, email: { to: ['a@example.com'], smtp: { ...smtp, port: 6379 } } },
      '/email/smtp/port',
    ],
    [
      'mail host',
      { kind: 'email', slack: undefined, email: { to: ['a@example.com'], smtp: { ...smtp, host: '127.0.0.1' } } },
      '/email/smtp/host',
    ],
    [
      'plain mail',
      { kind: 'email', slack: undefined, email: { to: ['a@example.com'], smtp: { ...smtp, security: 'none' } } },
      '/email/smtp/security',
    ],
    [
      'user alone',
      { kind: 'email', slack: undefined, email: { to: ['a@example.com'], smtp: { ...smtp, password: undefined } } },
      '/email/smtp/password',
    ],
    ['users', { kind: 'inbox', slack: undefined, inbox: { users: [''] } }, '/inbox/users'],
  ])('is refused: %s', async (_, change, pointer) => {
    const { status, body } = await create({ name: 'refused', kind: 'slack', slack: INPUTS.slack, ...change });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it.each(['kind=x', 'enabled=1', 'limit=0', 'cursor=x', 'project=A%20B'])('list refuses ?%s', async (query) => {
    expect((await world.get(`/channels?${query}`)).status).toBe(422);
  });

  it.each([{ graceHours: -1 }, { graceHours: 169 }, { graceHours: '24' }, { other: 1 }])(
    'rotate refuses %j',
    async (body) => {
      const { channelId } = await world.channel('webhook', INPUTS.webhook);
      expect((await world.send('POST', `/channels/${channelId}/rotate-secret`, body)).status).toBe(422);
    },
  );
});

describe('features that let a caller choose channels', () => {
  it('get them in the order asked for, or a problem that names the first one that is not there', async () => {
    const channels = [await world.channel('slack', INPUTS.slack), await world.channel('inbox', INPUTS.inbox)];
    const ids = channels.map(({ channelId }) => channelId as string);
    const service = world.app.app.get(ChannelsService);
    const found = await service.requireAll(systemScope(world.org), [...ids].reverse(), '/channels');
    expect(found.map(({ kind }) => kind)).toEqual(['inbox', 'slack']);
    for (const [scope, wanted] of [
      [systemScope(world.org), [ids[0]!, 'x']],
      [systemScope('stranger'), [ids[0]!]],
    ] as const)
      await expect(service.requireAll(scope, wanted, '/channels')).rejects.toMatchObject({
        code: 'unknown_channel',
        errors: [{ pointer: `/channels/${wanted.length - 1}` }],
      });
  });
});

describe('targets that must not be called', () => {
  it.each(HOSTILE_URLS)('%s is refused for each kind that has a URL', async (url, why) => {
    for (const kind of ['slack', 'teams', 'webhook']) {
      const { status, body } = await create({ name: 'hostile', kind, [kind]: { url } });
      expect([status, body.code]).toEqual([422, 'target_not_allowed']);
      expect(body.errors).toEqual([{ pointer: `/${kind}/url`, detail: why }]);
    }
  });

  it.each<[string, string[], string]>([
    ['loopback', ['127.0.0.1'], NOT_PUBLIC],
    ['a private address among public ones', [PUBLIC, '10.0.0.5'], NOT_PUBLIC],
    ['an IPv4-mapped address', ['::ffff:169.254.169.254'], NOT_PUBLIC],
    ['a unique local address', [PUBLIC, 'fd00::1'], NOT_PUBLIC],
    ['nothing', [], 'its host does not resolve'],
  ])('a name that resolves to %s is refused', async (_, addresses, why) => {
    names['sneaky.example.com'] = [addresses];
    const { body } = await create({ name: 'x', kind: 'slack', slack: { url: 'https://sneaky.example.com/' } });
    expect([body.code, body.errors[0].detail]).toEqual(['target_not_allowed', why]);
  });

  it('a name that resolves elsewhere once it is stored is refused when it is sent, for good', async () => {
    names['rebinding.example.com'] = [[PUBLIC], ['127.0.0.1']];
    const { channelId } = await world.channel('webhook', { url: 'https://rebinding.example.com/' });
    await world.enqueue([{ channelId, payload: { n: 1 } }]);
    const one = async () => (await world.deliveries(`&channelId=${channelId}`))[0];
    await until(async () => (await one()).state === 'failed');
    expect((await one()).attempts).toMatchObject([{ error: { code: 'target_not_allowed' } }]);
    const test = await world.send('POST', `/channels/${channelId}/test`);
    expect(test.body).toMatchObject({ kind: 'channel.test', state: 'failed', attemptCount: 1 });
    expect(test.body.reason).toContain(NOT_PUBLIC);
  });

  it('what is connected is judged too, when the name server has lied', async () => {
    const collector = await new Collector(new TestClock()).start();
    const guard = world.app.app.get(TargetGuard);
    const { resolve } = guard;
    guard.resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const call = (host: string) =>
      request(`http://${host}:${collector.port}/`, { dispatcher: world.app.app.get(GuardedAgent).dispatcher });
    for (const host of ['rebound.example.com', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]'])
      await expect(call(host)).rejects.toThrow(TargetRefusedError);
    expect(collector.taken).toEqual([]);
    guard.resolve = resolve;
    await collector.stop();
  });
});
