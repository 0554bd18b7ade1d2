import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Redis } from 'ioredis';
import { type Connection, Types } from 'mongoose';
import { Webhook } from 'standardwebhooks';
import { ChannelSealer } from '../../src/notifications/channel-sealer.js';
import { DeliveryOptions, Outbox } from '../../src/notifications/index.js';
import { REDIS } from '../../src/redis/index.js';
import type { Loose } from '../support/app.js';
import { Collector, HOUR, lastingPort, MINUTE, SECOND, startWorld, type Taken, until, type World } from './support.js';

let world: World;
let collector: Collector;
beforeAll(async () => {
  world = await startWorld();
  collector = await new Collector(world.clock).start();
  const options = world.app.app.get(DeliveryOptions);
  options.pollMs = 50;
}, 60_000);
afterAll(async () => {
  await world.app.close();
  await collector.stop();
});
beforeEach(() => {
  collector.taken.length = 0;
  collector.reply = () => ({ status: 204 });
});

const idOf = ({ headers }: Taken): string => String(headers['webhook-id']);
const numberOf = ({ body }: Taken): number => JSON.parse(body).data.n;
const webhook = (path = '/hook') => world.channel('webhook', { url: collector.url(path) });
const note = (channelId: string, n: number, more = {}) => ({ channelId, payload: { n }, ...more });
const ofChannel = async (channelId: string) => (await world.deliveries(`&channelId=${channelId}`))[0];
/** The dispatcher has looked around several times since. */
const nothingHappens = async (): Promise<void> => {
  const before = collector.taken.length;
  const { channelId } = await webhook('/canary');
  await world.enqueue([note(channelId, -1)]);
  await until(() => collector.taken.length > before);
  expect(collector.taken.filter(({ path }) => path !== '/canary')).toHaveLength(before - canaries(before));
};
const canaries = (before: number): number =>
  collector.taken.slice(0, before).filter(({ path }) => path === '/canary').length;

describe('a webhook', () => {
  it('is called once for one dedupe key, signed with the old and the new secret while it is rotated', async () => {
    const { channelId, secret } = await webhook();
    await world.enqueue([note(channelId, 1, { dedupeKey: 'once' })]);
    expect(await world.enqueue([note(channelId, 1, { dedupeKey: 'once' })])).toBe(0);
    await until(() => collector.taken.length === 1);
    const [first] = collector.taken as [Taken];
    expect(new Webhook(secret).verify(first.body, first.headers as Record<string, string>)).toMatchObject({
      type: 'note.written',
      data: { n: 1 },
    });
    const rotated = await world.send('POST', `/channels/${channelId}/rotate-secret`, { graceHours: 1 });
    await world.enqueue([note(channelId, 2)]);
    await until(() => collector.taken.length === 2);
    const second = collector.taken[1]!;
    for (const one of [secret, rotated.body.secret])
      expect(() => new Webhook(one).verify(second.body, second.headers as Record<string, string>)).not.toThrow();
    world.clock.move(HOUR);
    await world.enqueue([note(channelId, 3)]);
    await until(() => collector.taken.length === 3);
    expect(String(collector.taken[2]!.headers['webhook-signature']).split(' ')).toHaveLength(1);
    await nothingHappens();
    const delivery = (await world.deliveries(`&channelId=${channelId}&states=delivered`)).at(-1);
    expect(delivery).toMatchObject({
      state: 'delivered',
      channelKind: 'webhook',
      attempts: [{ outcome: 'delivered', responseCode: 204, error: null }],
    });
    expect(idOf(first)).toBe(`msg_${delivery.deliveryId}`);
  });

  it('gets its further headers, also where a version before has stored them in the clear', async () => {
    const headers = { 'X-Team': 'qa', Authorization: 'Bearer secret' };
    const { channelId } = await world.channel('webhook', { url: collector.url('/headed?key=k'), headers });
    const channels = world.app.app.get<Connection>(getConnectionToken()).collection('notification_channels');
    const sealed = async (): Promise<Loose> => (await channels.findOne({ _id: new Types.ObjectId(channelId) }))!;
    const sent = async (n: number): Promise<void> => {
      await world.enqueue([note(channelId, n)]);
      await until(() => collector.of('/headed?key=k').length === n);
      expect(collector.taken.at(-1)!.headers).toMatchObject({ 'x-team': 'qa', authorization: 'Bearer secret' });
    };
    await sent(1);
    const settings = JSON.stringify({ target: collector.url('/headed'), headers });
    await channels.updateOne({ _id: new Types.ObjectId(channelId) }, { $set: { settings }, $unset: { headers: 1 } });
    const shown = { target: collector.url(''), headerNames: ['X-Team', 'Authorization'] };
    expect((await world.get(`/channels/${channelId}`)).body.settings).toEqual(shown);
    await sent(2);
    await world.app.app.get(ChannelSealer).sealAll();
    expect(JSON.parse((await sealed()).settings)).toEqual(shown);
    expect(JSON.stringify(await sealed())).not.toContain('Bearer');
    expect((await world.get(`/channels/${channelId}`)).body.settings).toEqual(shown);
    await sent(3);
  });

  it('that answers 500 gets it again after 5 s, 5 min, 30 min, 2 h, 5 h and 10 h under one id, and by a replay', async () => {
    const { channelId } = await webhook('/broken');
    collector.reply = ({ path }) => ({ status: path === '/broken' ? 500 : 204, body: 'secret of the inside' });
    await world.enqueue([note(channelId, 1)]);
    await until(() => collector.of('/broken').length === 1);
    const waits = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR];
    for (const [i, wait] of waits.entries()) {
      await until(async () => (await ofChannel(channelId)).attemptCount === i + 1);
      world.clock.move(wait * 0.89);
      await nothingHappens();
      world.clock.move(wait * 0.22);
      await until(() => collector.of('/broken').length === i + 2);
    }
    await until(async () => (await ofChannel(channelId)).state === 'failed');
    const dead = await ofChannel(channelId);
    expect(dead).toMatchObject({ attemptCount: 7, nextAttemptAt: null, reason: 'The receiver answered 500' });
    expect(JSON.stringify(dead)).not.toContain('secret of the inside');
    world.clock.move(24 * HOUR);
    await nothingHappens();
    collector.reply = () => ({ status: 200 });
    const replay = `/notifications/deliveries/${dead.deliveryId}/replay`;
    expect((await world.send('POST', replay)).body).toMatchObject({ state: 'pending' });
    await until(async () => (await ofChannel(channelId)).state === 'delivered');
    expect((await world.send('POST', replay)).body.code).toBe('not_replayable');
    expect(new Set(collector.of('/broken').map(idOf))).toEqual(new Set([`msg_${dead.deliveryId}`]));
    expect(collector.of('/broken')).toHaveLength(8);
  });

  it('that is down for a while gets everything when it is back, each once', async () => {
    const port = await lastingPort();
    const { channelId } = await world.channel('webhook', { url: `http://127.0.0.1:${port}/hook` });
    await world.enqueue([1, 2, 3].map((n) => note(channelId, n)));
    await until(async () => (await world.deliveries(`&channelId=${channelId}`)).every((one) => one.attemptCount === 1));
    expect(await ofChannel(channelId)).toMatchObject({
      state: 'pending',
      attempts: [{ outcome: 'failed', responseCode: null, error: { code: 'connection_failed' } }],
    });
    const back = await new Collector(world.clock).start(port);
    world.clock.move(6 * SECOND);
    await until(async () => (await world.deliveries(`&channelId=${channelId}&states=delivered`)).length === 3);
    await nothingHappens();
    expect(back.taken.map(numberOf).sort()).toEqual([1, 2, 3]);
    await back.stop();
  });

  it('that is slow holds up nobody else, and has failed when its time is over', async () => {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    collector.reply = ({ path }) => ({ status: 204, ...(path.startsWith('/slow') && { after: opened }) });
    const options = world.app.app.get(DeliveryOptions);
    // those that hang shall not be over before the test lets them go
    options.httpTimeoutMs = 250_000;
    const [slow, slower, quick] = [await webhook('/slow'), await webhook('/slower'), await webhook('/quick')];
    await world.enqueue(Array.from({ length: 40 }, (_, n) => note(slow.channelId, n)));
    await until(() => collector.of('/slow').length > 0);
    await world.enqueue(Array.from({ length: 10 }, (_, n) => note(quick.channelId, n)));
    await until(() => collector.of('/quick').length === 10);
    expect(collector.of('/slow').length).toBeLessThan(10);
    options.httpTimeoutMs = 200;
    await world.enqueue([note(slower.channelId, 1)]);
    await until(async () => (await ofChannel(slower.channelId)).attemptCount === 1);
    options.httpTimeoutMs = 15_000;
    expect((await ofChannel(slower.channelId)).attempts[0]).toMatchObject({ error: { code: 'timeout' } });
    open();
    await until(async () => (await world.deliveries(`&channelId=${slow.channelId}&states=delivered`)).length === 40);
    expect(collector.of('/slow')).toHaveLength(40);
    world.clock.move(6 * SECOND);
    await until(async () => (await ofChannel(slower.channelId)).state === 'delivered');
  });

  it('that answers 410 is disabled; what waits is kept, and can be sent when it is enabled again', async () => {
    const { channelId } = await webhook('/gone');
    collector.reply = () => ({ status: 410 });
    await world.enqueue([note(channelId, 1)]);
    await until(async () => (await ofChannel(channelId)).state === 'disabled');
    expect((await world.get(`/channels/${channelId}`)).body).toMatchObject({
      enabled: false,
      disabledReason: 'The receiver answered 410: it is gone',
    });
    await world.enqueue([note(channelId, 2)]);
    await until(async () => (await world.deliveries(`&channelId=${channelId}&states=disabled`)).length === 2);
    expect(collector.of('/gone')).toHaveLength(1);
    collector.reply = () => ({ status: 204 });
    await world.send('POST', `/channels/${channelId}/enable`);
    const [second] = await world.deliveries(`&channelId=${channelId}`);
    await world.send('POST', `/notifications/deliveries/${second.deliveryId}/replay`);
    await until(() => collector.of('/gone').length === 2);
  });

  it('that answers 429 with Retry-After is left alone for so long, with all its messages', async () => {
    const { channelId } = await webhook('/busy');
    collector.reply = ({ path }, count) =>
      path === '/busy' && count === 1 ? { status: 429, headers: { 'retry-after': '600' } } : { status: 204 };
    await world.enqueue([note(channelId, 1)]);
    await until(async () => (await ofChannel(channelId)).attemptCount === 1);
    await world.enqueue([note(channelId, 2)]);
    world.clock.move(9 * MINUTE);
    await nothingHappens();
    expect(collector.of('/busy')).toHaveLength(1);
    world.clock.move(MINUTE + SECOND);
    await until(() => collector.of('/busy').length === 3);
    expect(collector.of('/busy').map(numberOf).sort()).toEqual([1, 1, 2]);
  });

  it('that asks to be left alone for years is asked again when its channel is changed or enabled', async () => {
    const forYears = { status: 429, headers: { 'retry-after': '99999999' } };
    collector.reply = ({ path }) => (path === '/never' ? forYears : { status: 204 });
    for (const change of ['PATCH', 'POST'] as const) {
      const { channelId } = await webhook('/never');
      await world.enqueue([note(channelId, 1)]);
      await until(async () => (await ofChannel(channelId)).attemptCount === 1);
      const { at, nextAttemptAt } = (await ofChannel(channelId)).attempts[0];
      expect(Date.parse(nextAttemptAt) - Date.parse(at)).toBe(24 * HOUR);
      await world.enqueue([note(channelId, 2)]);
      world.clock.move(6 * SECOND);
      await nothingHappens();
      expect((await ofChannel(channelId)).attemptCount).toBe(0);
      const mended = { webhook: { url: collector.url('/mended') } };
      if (change === 'PATCH') await world.send('PATCH', `/channels/${channelId}`, mended);
      else await world.send('POST', `/channels/${channelId}/enable`);
      world.clock.move(6 * SECOND);
      await until(async () => (await ofChannel(channelId)).attemptCount === 1);
      expect((await world.send('DELETE', `/channels/${channelId}`)).status).toBe(204);
    }
    expect(collector.of('/mended').map(numberOf)).toEqual([2]);
  });

  it('is given up like any other where its worker ended each time: it is a dead letter', async () => {
    const { channelId } = await webhook('/killer');
    collector.reply = ({ path }) => ({ status: path === '/killer' ? 500 : 204 });
    await world.enqueue([note(channelId, 1)]);
    await until(async () => (await ofChannel(channelId)).attemptCount === 1);
    const rows = world.app.app.get<Connection>(getConnectionToken()).collection('notification_deliveries');
    await rows.updateOne(
      { _id: new Types.ObjectId(String((await ofChannel(channelId)).deliveryId)) },
      { $set: { round: 7 } },
    );
    world.clock.move(6 * SECOND);
    await until(async () => (await ofChannel(channelId)).state === 'failed');
    expect(await ofChannel(channelId)).toMatchObject({
      attemptCount: 1,
      reason: 'It was tried too often without an outcome',
    });
    expect(collector.of('/killer')).toHaveLength(1);
  });

  it.each([301, 302, 307, 308])('that answers %i fails, and nobody follows', async (status) => {
    const { channelId } = await webhook('/moved');
    collector.reply = ({ path }) =>
      path === '/moved' ? { status, headers: { location: collector.url('/elsewhere') } } : { status: 204 };
    await world.enqueue([note(channelId, 1)]);
    await until(async () => (await ofChannel(channelId)).attemptCount === 1);
    expect((await ofChannel(channelId)).attempts[0]).toMatchObject({
      responseCode: status,
      error: { code: 'redirected' },
    });
    await nothingHappens();
    expect(collector.of('/elsewhere')).toEqual([]);
    expect((await world.send('DELETE', `/channels/${channelId}`)).status).toBe(204);
  });

  it('gets the message as it is when it is sent, and none where there is nothing to say', async () => {
    const { channelId } = await webhook('/late');
    await world.enqueue([note(channelId, 1, { payload: { n: 1, silent: true } })]);
    await until(async () => (await ofChannel(channelId)).state === 'cancelled');
    expect(collector.of('/late')).toEqual([]);
  });
});

describe('Slack and Teams', () => {
  it('get one message a second on a channel, while other channels go on', async () => {
    const slack = await world.channel('slack', { url: collector.url('/slack') });
    const other = await world.channel('slack', { url: collector.url('/other') });
    await world.enqueue([1, 2, 3].map((n) => note(slack.channelId, n)));
    await world.enqueue([note(other.channelId, 4)]);
    for (const wanted of [1, 2, 3]) {
      await until(() => collector.of('/slack').length === wanted);
      await until(() => collector.of('/other').length === 1);
      await nothingHappens();
      expect(collector.of('/slack')).toHaveLength(wanted);
      world.clock.move(SECOND);
    }
    const body = JSON.parse(collector.of('/slack')[0]!.body);
    expect(body.text).toMatch(/^Note \d$/);
    expect(body.blocks[0].type).toBe('header');
  });

  it('Teams gets an adaptive card', async () => {
    const teams = await world.channel('teams', { url: collector.url('/teams') });
    await world.enqueue([note(teams.channelId, 1)]);
    await until(() => collector.of('/teams').length === 1);
    expect(JSON.parse(collector.of('/teams')[0]!.body)).toMatchObject({
      type: 'message',
      attachments: [
        { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.4' } },
      ],
    });
  });
});

describe('the outbox', () => {
  it('is part of the transaction of its caller', async () => {
    const { channelId } = await webhook('/rolled-back');
    const connection = world.app.app.get<Connection>(getConnectionToken());
    const outbox = world.app.app.get(Outbox);
    const message = {
      ...{ organization: world.org, kind: 'note', dedupeKey: 'in-transaction', payload: { n: 1 }, channelId },
    };
    const failing = connection.transaction(async (session) => {
      await outbox.enqueue([message], session);
      throw new Error('on purpose');
    });
    await expect(failing).rejects.toThrow('on purpose');
    expect(await world.deliveries(`&channelId=${channelId}`)).toEqual([]);
    await connection.transaction((session) => outbox.enqueue([message], session));
    await until(() => collector.of('/rolled-back').length === 1);
    // the same key in transactions that run at once is one message
    const again = { ...message, dedupeKey: 'at-once' };
    await Promise.all([1, 2, 3].map(() => connection.transaction((session) => outbox.enqueue([again], session))));
    await until(() => collector.of('/rolled-back').length === 2);
    await nothingHappens();
    expect(collector.of('/rolled-back')).toHaveLength(2);
  });

  it('takes back what waits, and holds what is for later', async () => {
    const { channelId } = await webhook('/later');
    const notBefore = new Date(world.clock.now().getTime() + HOUR);
    const later = [1, 2].map((n) => note(channelId, n, { dedupeKey: `later-${n}`, notBefore }));
    await world.enqueue(later);
    await nothingHappens();
    expect(await world.app.app.get(Outbox).cancel(world.org, ['later-1', 'nothing'], 'acknowledged')).toBe(1);
    world.clock.move(HOUR);
    await until(() => collector.of('/later').length === 1);
    expect(numberOf(collector.of('/later')[0]!)).toBe(2);
    const [, cancelled] = await world.deliveries(`&channelId=${channelId}`);
    expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'acknowledged' });
  });

  it('loses nothing when Redis is flushed', async () => {
    const { channelId } = await webhook('/flushed');
    await world.app.app.get<Redis>(REDIS).flushdb();
    await world.enqueue(Array.from({ length: 30 }, (_, n) => note(channelId, n)));
    await world.app.app.get<Redis>(REDIS).flushdb();
    await until(() => collector.of('/flushed').length === 30);
    expect(new Set(collector.of('/flushed').map(numberOf)).size).toBe(30);
  });
});
