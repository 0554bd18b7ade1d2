import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { DeliveryOptions } from '../../src/notifications/index.js';
import { ask, collect, connected, socketTo } from '../realtime/support.js';
import type { Loose } from '../support/app.js';
import {
  HOUR,
  lastingPort,
  MailCollector,
  MINUTE,
  SECOND,
  startWorld,
  type TakenMail,
  until,
  type World,
} from './support.js';

let world: World;
let mails: MailCollector;
beforeAll(async () => {
  mails = await new MailCollector().start();
  world = await startWorld({
    SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
    MAIL_FROM: 'Test reports <reports@example.com>',
  });
  world.app.app.get(DeliveryOptions).pollMs = 50;
}, 60_000);
afterAll(async () => {
  await world.app.close();
  await mails.stop();
});
beforeEach(() => {
  mails.taken.length = 0;
});

const deliveriesTo = (channelId: string) => world.deliveries(`&channelId=${channelId}`);
const subjects = (): (string | undefined)[] => mails.taken.map(({ mail }) => mail.subject);
const one = (): TakenMail => mails.taken[0]!;
/** A mail that comes later than everything that was due before it. */
const nothingElseCame = async (): Promise<void> => {
  const before = mails.taken.length;
  const { channelId } = await world.channel('email', { to: ['canary@example.com'] });
  await world.enqueue([{ channelId, payload: { n: 'canary' } }]);
  await until(() => subjects().includes('Note canary'));
  expect(mails.taken).toHaveLength(before + 1);
  mails.taken.pop();
};

describe('email', () => {
  it('comes as text and HTML, with attachments, under a Message-ID of its delivery, over kept connections', async () => {
    const { channelId } = await world.channel('email', { to: ['qa@example.com'], cc: ['lead@example.com'] });
    await world.enqueue([{ channelId, payload: { n: '<b>Ünïcode</b>', file: true } }]);
    await until(() => mails.taken.length === 1);
    const { mail, to } = one();
    const [{ deliveryId }] = (await deliveriesTo(channelId)) as [Loose];
    expect(to).toEqual(['qa@example.com', 'lead@example.com']);
    expect([mail.subject, mail.messageId, mail.from?.text]).toEqual([
      'Note <b>Ünïcode</b>',
      `<msg_${deliveryId}@example.com>`,
      '"Test reports" <reports@example.com>',
    ]);
    expect(mail.text).toContain('Over email, medium');
    expect(mail.html).toContain('&lt;b&gt;Ünïcode&lt;/b&gt;');
    expect(mail.html).not.toContain('<b>');
    expect(mail.attachments).toMatchObject([{ filename: 'üb.csv', contentType: 'text/csv' }]);
    expect(mail.attachments[0]!.content.toString()).toBe('a,b\n1,2\n');
    // the server has it before the service knows that its connection is free again
    await until(async () => (await deliveriesTo(channelId))[0]!.state === 'delivered');
    await world.enqueue([{ channelId, payload: { n: 2 } }]);
    await until(() => mails.taken.length === 2);
    expect(mails.taken[1]!.session).toBe(one().session);
  });

  it("goes over a channel's own server; a test says what is wrong with its password", async () => {
    const smtp = { host: '127.0.0.1', port: mails.port, security: 'none', user: 'reports', password: 'wrong password' };
    const to = ['qa@example.com'];
    const { channelId } = await world.channel('email', { to, from: 'own@example.org', smtp });
    const test = async () => (await world.send('POST', `/channels/${channelId}/test`)).body;
    expect(await test()).toMatchObject({ state: 'failed', attempts: [{ responseCode: 535 }] });
    const email = { to, from: 'own@example.org', smtp: { ...smtp, password: 'right password' } };
    await world.send('PATCH', `/channels/${channelId}`, { email });
    expect(await test()).toMatchObject({ state: 'delivered', attempts: [{ responseCode: 250, outcome: 'delivered' }] });
    await until(() => mails.taken.length === 1);
    expect([one().user, one().mail.from?.text]).toEqual(['reports', 'own@example.org']);
    expect(one().mail.subject).toMatch(/^Test of channel email /);
  });

  it('to an address that does not exist is a dead letter at once', async () => {
    const { channelId } = await world.channel('email', { to: ['nobody@example.com'] });
    await world.enqueue([{ channelId, payload: { n: 1 } }]);
    await until(async () => (await deliveriesTo(channelId))[0]!.state === 'failed');
    expect(await deliveriesTo(channelId)).toMatchObject([{ attemptCount: 1, attempts: [{ responseCode: 550 }] }]);
  });

  it('that takes too long is withdrawn: it does not come beside its next attempt; one with files may take longer', async () => {
    const options = world.app.app.get(DeliveryOptions);
    options.mailTimeoutMs = 300;
    const { channelId } = await world.channel('email', { to: ['slow-1000@example.com'] });
    await world.enqueue([{ channelId, payload: { n: 'late' } }]);
    await until(async () => (await deliveriesTo(channelId))[0]!.attemptCount === 1);
    expect(await deliveriesTo(channelId)).toMatchObject([
      { state: 'pending', attempts: [{ error: { code: 'timeout' } }] },
    ]);
    await world.enqueue([{ channelId, payload: { n: 'with files', file: true } }]);
    await until(() => mails.taken.length > 0);
    expect(subjects()).toEqual(['Note with files']);
    options.mailTimeoutMs = 30_000;
    world.clock.move(6 * SECOND);
    await until(() => mails.taken.length === 2);
    await until(async () => (await deliveriesTo(channelId)).every(({ state }) => state === 'delivered'));
    expect(subjects()).toEqual(['Note with files', 'Note late']);
  });

  it('that waits for the connections of the pool is withdrawn, too', async () => {
    const options = world.app.app.get(DeliveryOptions);
    options.mailTimeoutMs = 300;
    const channels: string[] = [];
    for (let i = 0; i < 8; i++)
      channels.push((await world.channel('email', { to: ['slow-1000@example.com'] })).channelId);
    await world.enqueue(channels.map((channelId) => ({ channelId, payload: { n: 'late' } })));
    for (const channelId of channels) await until(async () => (await deliveriesTo(channelId))[0]!.attemptCount === 1);
    options.mailTimeoutMs = 30_000;
    await nothingElseCame();
    expect(mails.taken).toEqual([]);
    // what is left of it goes with its channel
    for (const channelId of channels) await world.send('DELETE', `/channels/${channelId}`);
  });

  it('waits for a server that is away, and keeps its Message-ID', async () => {
    const port = await lastingPort();
    const smtp = { host: '127.0.0.1', port, security: 'none' };
    const { channelId } = await world.channel('email', { to: ['qa@example.com'], smtp });
    await world.enqueue([{ channelId, payload: { n: 1 } }]);
    await until(async () => (await deliveriesTo(channelId))[0]!.attemptCount === 1);
    const back = await new MailCollector().start(port);
    world.clock.move(6 * SECOND);
    await until(() => back.taken.length === 1);
    const [{ deliveryId }] = (await deliveriesTo(channelId)) as [Loose];
    expect(back.taken[0]!.mail.messageId).toBe(`<msg_${deliveryId}@example.com>`);
    await back.stop();
  });
});

describe('the inbox', () => {
  const inbox = async (sub: string, query = '', more = {}) =>
    (await world.get(`/notifications/inbox?${query}`, { sub, roles: ['viewer'], ...more })).body;
  const send = (sub: string, path: string, method = 'POST') =>
    world.send(method, `/notifications/inbox${path}`, undefined, { sub, roles: ['viewer'] });

  it('holds what came over a channel and what was for the user, read and unread, and nobody else sees it', async () => {
    const { channelId } = await world.channel('inbox', { users: ['ann', 'ben'] });
    await world.enqueue([{ channelId, payload: { n: 1 }, projects: ['web'] }]);
    await world.enqueue([{ user: 'ann', payload: { n: 2 } }]);
    await until(async () => (await inbox('ann')).unread === 2 && (await inbox('ben')).unread === 1);
    const { items } = await inbox('ann');
    expect(items.map(({ title }: Loose) => title).sort()).toEqual(['Note 1', 'Note 2']);
    const [message] = items.filter(({ title }: Loose) => title === 'Note 1');
    expect(message).toMatchObject({
      severity: 'medium',
      kind: 'note',
      href: 'https://reports.example.com/notes/1',
      readAt: null,
    });
    expect((await send('ben', `/${message.messageId}/read`)).status).toBe(404);
    expect((await send('ann', `/${message.messageId}/read`)).body.readAt).not.toBeNull();
    expect((await inbox('ann', 'unread=true')).items).toHaveLength(1);
    expect((await send('ann', `/${message.messageId}/unread`)).body.readAt).toBeNull();
    expect((await inbox('ann', '', { projects: ['app'] })).items.map(({ title }: Loose) => title)).toEqual(['Note 2']);
    expect((await inbox('ann', '', { org: 'stranger' })).items).toEqual([]);
    expect((await send('ann', '/read-all')).body).toEqual({ marked: 2 });
    expect((await send('ann', `/${message.messageId}`, 'DELETE')).status).toBe(204);
    expect((await send('ann', `/${message.messageId}`, 'DELETE')).status).toBe(404);
    const page = await inbox('ann', 'limit=1');
    expect([page.items.length, page.nextCursor, page.unread]).toEqual([1, null, 0]);
    for (const query of ['unread=1', 'limit=0', 'cursor=x'])
      expect((await world.get(`/notifications/inbox?${query}`)).status).toBe(422);
    expect((await world.app.get('/notifications/inbox', { token: null })).status).toBe(401);
  });

  it('shows who is confined to projects what is about those only, and nothing that is about all', async () => {
    const { channelId } = await world.channel('inbox', { users: ['eva'] });
    for (const [n, more] of [
      [1, { projects: ['web'] }],
      [2, { projects: ['web', 'app'] }],
      [3, { projects: ['web'], wide: true }],
      [4, { projects: [], wide: true }],
      [5, {}],
    ] as const)
      await world.enqueue([{ channelId, payload: { n }, ...more }]);
    await until(async () => (await inbox('eva')).unread === 5);
    const seen = async (claims: Loose): Promise<Loose> => {
      const { items, unread } = await inbox('eva', '', claims);
      const log = (await world.get(`/notifications/deliveries?channelId=${channelId}`, claims)).body.items;
      return [items.map(({ title }: Loose) => title.slice(5)).sort(), unread, log.length];
    };
    expect(await seen({ projects: ['web'] })).toEqual([['1', '5'], 2, 2]);
    expect(await seen({ projects: ['web', 'app'] })).toEqual([['1', '2', '5'], 3, 3]);
    expect(await seen({})).toEqual([['1', '2', '3', '4', '5'], 5, 5]);
    const [wide] = (await inbox('eva')).items.filter(({ title }: Loose) => title === 'Note 4');
    expect(wide).not.toHaveProperty('wide');
    const read = `/notifications/inbox/${wide.messageId}/read`;
    const confined = { sub: 'eva', roles: ['viewer'], projects: ['web'] };
    expect((await world.send('POST', read, undefined, confined)).status).toBe(404);
  });

  it('is live in its room, each user their own, confined to what the caller may see', async () => {
    const join = async (
      sub: string,
      more = {},
      room = 'inbox:me',
    ): Promise<{ socket: Socket; deltas: Loose[]; ack: Loose }> => {
      const token = await world.app.token({ org: world.org, sub, roles: ['viewer'], ...more });
      const socket = socketTo(world.app.origin, { token });
      expect(await connected(socket)).toBeUndefined();
      const deltas = collect(socket, 'delta');
      return { socket, deltas, ack: await ask(socket, 'subscribe', { room }) };
    };
    const cat = await join('cat');
    const confined = await join('cat', { projects: ['app'] });
    const spy = await join('dan', {}, 'inbox:cat');
    expect(cat.ack.snapshot).toEqual({ unread: 0, items: [] });
    expect(spy.ack).not.toHaveProperty('snapshot');
    await world.enqueue([{ user: 'cat', payload: { n: 1 }, projects: ['web'] }]);
    await until(() => cat.deltas.length === 1);
    expect(cat.deltas[0]).toMatchObject({ type: 'inbox.added', data: { title: 'Note 1', readAt: null } });
    await send('cat', `/${cat.deltas[0].data.messageId}/read`);
    await send('cat', '/read-all');
    await until(() => cat.deltas.length === 3 && confined.deltas.length > 0);
    expect(cat.deltas.map(({ type }) => type)).toEqual(['inbox.added', 'inbox.marked', 'inbox.all_read']);
    expect(confined.deltas.map(({ type }) => type)).toEqual(['inbox.all_read']);
    for (const more of [{ projects: ['app', 'web'] }, { projects: ['app'], wide: true }, { projects: ['app'] }])
      await world.enqueue([{ user: 'cat', payload: { n: 2 }, ...more }]);
    await until(() => cat.deltas.length === 6 && confined.deltas.length > 1);
    expect(confined.deltas.slice(1).map(({ data }) => data.projects)).toEqual([['app']]);
    expect(spy.deltas).toEqual([]);
    for (const { socket } of [cat, confined, spy]) socket.close();
  });
});

describe('preferences', () => {
  const put = (sub: string, body: Loose, claims = {}) =>
    world.send('PUT', '/notifications/preferences', body, { sub, email: `${sub}@example.com`, ...claims });
  const clockTime = (ms: number): string => new Date(world.clock.now().getTime() + ms).toISOString().slice(11, 16);
  const inboxOf = async (sub: string) => (await world.get('/notifications/inbox', { sub })).body.items;

  it('choose ways by severity; mails go to the address of the token', async () => {
    expect((await world.get('/notifications/preferences', { sub: 'eve' })).body).toMatchObject({
      channels: { low: ['inbox'], high: ['inbox', 'email'] },
      quietHours: null,
      email: null,
    });
    const channels = { low: [], medium: ['inbox'], high: ['email'], critical: ['inbox', 'email'] };
    expect((await put('eve', { channels })).body).toMatchObject({
      channels,
      email: 'eve@example.com',
      timeZone: 'UTC',
    });
    for (const [n, severity] of (['low', 'medium', 'high', 'critical'] as const).entries())
      await world.enqueue([{ user: 'eve', severity, payload: { n } }]);
    await until(() => mails.taken.length === 2);
    expect(subjects().sort()).toEqual(['Note 2', 'Note 3']);
    await until(async () => (await inboxOf('eve')).length === 2);
    expect(one().to).toEqual(['eve@example.com']);
    await nothingElseCame();
  });

  it('hold mails until the quiet hours end, then one for all; critical ones pass, the inbox waits for nothing', async () => {
    const quietHours = { from: clockTime(-HOUR), to: clockTime(2 * HOUR), criticalPasses: true };
    await put('fay', { quietHours });
    for (const [n, severity] of (['high', 'critical', 'high'] as const).entries())
      await world.enqueue([{ user: 'fay', severity, payload: { n } }]);
    await until(() => mails.taken.length === 1);
    expect(subjects()).toEqual(['Note 1']);
    await until(async () => (await inboxOf('fay')).length === 3);
    const held = (await world.deliveries('&user=fay&states=pending')).filter(({ kind }) => kind === 'note');
    expect(held.map(({ heldUntil }) => heldUntil.slice(11, 16))).toEqual([quietHours.to, quietHours.to]);
    world.clock.move(HOUR);
    await nothingElseCame();
    world.clock.move(HOUR);
    await until(() => mails.taken.length === 2);
    const digest = mails.taken[1]!.mail;
    expect(digest.subject).toBe('2 notifications');
    for (const n of [0, 2]) expect(digest.text).toContain(`Note ${n}`);
    await until(async () => (await world.deliveries('&user=fay&states=pending')).length === 0);
    await nothingElseCame();
    // that of the mail is written down after those of the messages in it
    await until(async () => (await world.deliveries('&user=fay')).every(({ state }) => state === 'delivered'));
  });

  it('gather mails hourly; one alone is itself', async () => {
    await put('gil', { digest: { every: 'hourly' } });
    await world.enqueue([{ user: 'gil', severity: 'high', payload: { n: 7 } }]);
    await until(async () => (await inboxOf('gil')).length === 1);
    await nothingElseCame();
    world.clock.move(HOUR + MINUTE);
    await until(() => mails.taken.length === 1);
    expect(subjects()).toEqual(['Note 7']);
  });

  it.each<[string, Loose, string]>([
    ['time zone', { timeZone: 'UTC+2' }, '/timeZone'],
    ['ways', { channels: { low: ['pager'], medium: [], high: [], critical: [] } }, '/channels/low'],
    ['missing severity', { channels: { low: [] } }, '/channels/medium'],
    ['time of day', { quietHours: { from: '25:00', to: '07:00', criticalPasses: true } }, '/quietHours/from'],
    ['no time at all', { quietHours: { from: '07:00', to: '07:00', criticalPasses: true } }, '/quietHours/to'],
    ['weekday', { quietHours: { from: '22:00', to: '07:00', criticalPasses: true, days: [0] } }, '/quietHours/days'],
    ['digest', { digest: { every: 'yearly' } }, '/digest/every'],
    ['address', { email: 'other@example.com' }, '/email'],
  ])('refuse a wrong %s', async (_, body, pointer) => {
    const { status, body: problem } = await put('ann', body);
    expect([status, problem.errors[0].pointer]).toEqual([422, pointer]);
  });
});
