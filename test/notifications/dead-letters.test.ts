import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DeliveryOptions } from '../../src/notifications/index.js';
import type { Loose } from '../support/app.js';
import { HOUR, MailCollector, MINUTE, SECOND, startWorld, until, type World } from './support.js';

let world: World;
let mails: MailCollector;
beforeAll(async () => {
  mails = await new MailCollector().start();
  world = await startWorld({ SMTP_URL: `smtp://127.0.0.1:${mails.port}` });
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
const settled = async (query: string, states: string): Promise<boolean> =>
  (await world.deliveries(query)).every(({ state }) => states.includes(state));
const replay = (body: Loose, claims?: Loose) => world.send('POST', '/notifications/deliveries/replay', body, claims);

describe('a mail of held messages that fails for good', () => {
  const put = (sub: string, email: string) =>
    world.send('PUT', '/notifications/preferences', { digest: { every: 'hourly' } }, { sub, email });

  const heldOf = (sub: string) => world.deliveries(`&user=${sub}&channelKind=email&kind=note`);

  /** Two messages of a user whose address the mail server does not know, and the dead mail for them. */
  const fail = async (sub: string): Promise<Loose> => {
    await put(sub, 'nobody@example.com');
    for (const n of [1, 2]) await world.enqueue([{ user: sub, severity: 'high', payload: { n } }]);
    await until(async () => (await world.deliveries(`&user=${sub}&channelKind=email`)).length === 3);
    const [{ heldUntil }] = (await heldOf(sub)) as [Loose];
    world.clock.move(Date.parse(heldUntil) - world.clock.now().getTime() + SECOND);
    const query = `&user=${sub}&kind=notifications.digest`;
    await until(async () => (await world.deliveries(query))[0]?.state === 'failed');
    const [mail] = await world.deliveries(query);
    expect(mail).toMatchObject({ attemptCount: 1, attempts: [{ responseCode: 550 }] });
    return mail;
  };
  it('is a dead letter with its messages, and takes them along when it is replayed', async () => {
    const { deliveryId } = await fail('hal');
    // what was held waits for a while, since the mail may be replayed, then it is dead, too
    expect((await heldOf('hal')).map(({ state }) => state)).toEqual(['pending', 'pending']);
    world.clock.move(11 * MINUTE);
    await until(async () => (await heldOf('hal')).every(({ state }) => state === 'failed'));
    expect((await heldOf('hal')).map(({ reason }) => reason)).toEqual([
      'The mail that it was held for failed',
      'The mail that it was held for failed',
    ]);
    await put('hal', 'hal@example.com');
    expect((await world.send('POST', `/notifications/deliveries/${deliveryId}/replay`)).status).toBe(200);
    await until(() => mails.taken.length === 1);
    expect(subjects()).toEqual(['2 notifications']);
    await until(() => settled('&user=hal&channelKind=email', 'delivered'));
    expect(mails.taken[0]!.to).toEqual(['hal@example.com']);
  });

  it('comes once when its messages are replayed with it, or without it', async () => {
    for (const [sub, filter] of [
      ['ida', { user: 'ida' }],
      ['jon', { user: 'jon', kind: 'note' }],
    ] as const) {
      await fail(sub);
      world.clock.move(11 * MINUTE);
      await until(async () => (await heldOf(sub)).every(({ state }) => state === 'failed'));
      await put(sub, `${sub}@example.com`);
      mails.taken.length = 0;
      expect((await replay(filter)).body).toEqual({ replayed: 3, more: false });
      await until(() => mails.taken.length === 1);
      await until(() => settled(`&user=${sub}&channelKind=email`, 'delivered'));
      expect(subjects()).toEqual(['2 notifications']);
    }
  });
});

describe('dead letters', () => {
  const lost = async (count: number, more: Loose = {}): Promise<string> => {
    const { channelId } = await world.channel('email', { to: ['nobody@example.com'] });
    const notes = Array.from({ length: count }, (_, n) => ({ channelId, payload: { n }, ...more }));
    for (const note of notes) await world.enqueue([note]);
    await until(() => settled(`&channelId=${channelId}`, 'failed'));
    return channelId;
  };
  const mend = (channelId: string) =>
    world.send('PATCH', `/channels/${channelId}`, { email: { to: ['somebody@example.com'] } });

  it('are replayed together, the oldest first, so many at a time, and what was taken back is not', async () => {
    const channelId = await lost(5);
    const other = await lost(1);
    const later = new Date(world.clock.now().getTime() + HOUR);
    await world.enqueue([{ channelId, payload: { n: 'back' }, notBefore: later }]);
    const [waiting] = await world.deliveries(`&channelId=${channelId}&states=pending`);
    await world.send('POST', `/notifications/deliveries/${waiting.deliveryId}/cancel`);
    await mend(channelId);
    expect((await replay({ channelId, limit: 3 })).body).toEqual({ replayed: 3, more: true });
    await until(() => mails.taken.length === 3);
    expect(subjects().sort()).toEqual(['Note 0', 'Note 1', 'Note 2']);
    expect((await replay({ channelId, kind: 'note', channelKind: 'email' })).body).toEqual({
      replayed: 2,
      more: false,
    });
    await until(() => mails.taken.length === 5);
    expect((await replay({ channelId })).body).toEqual({ replayed: 0, more: false });
    await until(() => settled(`&channelId=${channelId}`, 'delivered,cancelled'));
    expect((await deliveriesTo(other)).map(({ state }) => state)).toEqual(['failed']);
    const { items } = (await world.get('/audit-log?target=delivery:many')).body;
    expect(items.map(({ action, details }: Loose) => [action, details.replayed])).toEqual([
      ['delivery.replayed_many', 2],
      ['delivery.replayed_many', 3],
      ['delivery.replayed_many', 3],
      ['delivery.replayed_many', 3],
    ]);
  });

  it('of a channel that was disabled go out when it is enabled again; a time bounds them', async () => {
    const { channelId } = await world.channel('email', { to: ['qa@example.com'] });
    await world.send('POST', `/channels/${channelId}/disable`);
    await world.enqueue([{ channelId, payload: { n: 'old' } }]);
    await until(() => settled(`&channelId=${channelId}`, 'disabled'));
    world.clock.move(HOUR);
    await world.enqueue([{ channelId, payload: { n: 'new' } }]);
    await until(() => settled(`&channelId=${channelId}`, 'disabled'));
    await world.send('POST', `/channels/${channelId}/enable`);
    const from = new Date(world.clock.now().getTime() - MINUTE).toISOString();
    expect((await replay({ channelId })).body.replayed).toBe(0);
    expect((await replay({ channelId, states: ['disabled'], from })).body).toEqual({ replayed: 1, more: false });
    await until(() => mails.taken.length === 1);
    expect(subjects()).toEqual(['Note new']);
    expect((await replay({ channelId, states: ['disabled'], to: from })).body.replayed).toBe(1);
    await until(() => mails.taken.length === 2);
  });

  it('are replayed by managers, within what they see', async () => {
    const channelId = await lost(1, { projects: ['web'] });
    for (const claims of [{ org: 'stranger' }, { projects: ['app'] }])
      expect((await replay({ channelId }, claims)).body).toEqual({ replayed: 0, more: false });
    expect((await replay({ channelId }, { roles: ['engineer'] })).status).toBe(403);
    expect((await world.app.post('/notifications/deliveries/replay', {}, { token: null })).status).toBe(401);
    expect((await deliveriesTo(channelId))[0].state).toBe('failed');
    expect((await replay({ channelId }, { projects: ['web'] })).body.replayed).toBe(1);
  });

  it.each<[string, Loose]>([
    ['states', { states: ['cancelled'] }],
    ['states', { states: [] }],
    ['states', { states: 'failed' }],
    ['channelId', { channelId: 'x' }],
    ['channelKind', { channelKind: 'pager' }],
    ['kind', { kind: '' }],
    ['user', { user: null }],
    ['from', { from: 'yesterday' }],
    ['to', { to: 7 }],
    ['limit', { limit: 0 }],
    ['limit', { limit: 1_001 }],
    ['limit', { limit: '5' }],
    ['organization', { organization: 'other' }],
  ])('are refused by a wrong %s: %j', async (field, body) => {
    const { status, body: problem } = await replay(body);
    expect([status, problem.errors[0].pointer]).toEqual([422, `/${field}`]);
  });
});

describe('the delivery log', () => {
  it('is of one organization and the projects of the caller; only managers send again or take back', async () => {
    const { channelId } = await world.channel('inbox', { users: ['ann'] });
    const notBefore = new Date(world.clock.now().getTime() + HOUR);
    await world.enqueue([{ channelId, payload: { n: 1 }, projects: ['web'], notBefore, severity: 'critical' }]);
    const [{ deliveryId }] = (await deliveriesTo(channelId)) as [Loose];
    const path = `/notifications/deliveries/${deliveryId}`;
    expect((await world.get(path, { roles: ['viewer'] })).body).toMatchObject({ state: 'pending', projects: ['web'] });
    for (const claims of [{ org: 'stranger' }, { projects: ['app'] }]) {
      expect((await world.get(path, claims)).status).toBe(404);
      expect(
        (await world.get('/notifications/deliveries', claims)).body.items.map((d: Loose) => d.deliveryId),
      ).not.toContain(deliveryId);
      for (const action of ['replay', 'cancel'])
        expect((await world.send('POST', `${path}/${action}`, undefined, claims)).status).toBe(404);
    }
    for (const action of ['replay', 'cancel'])
      expect((await world.send('POST', `${path}/${action}`, undefined, { roles: ['engineer'] })).status).toBe(403);
    expect((await world.send('POST', `${path}/cancel`)).body).toMatchObject({
      state: 'cancelled',
      reason: 'Cancelled by tester',
    });
    expect((await world.send('POST', `${path}/cancel`)).body.code).toBe('not_pending');
    const { items } = (await world.get(`/audit-log?target=delivery:${deliveryId}`)).body;
    expect(items).toMatchObject([{ action: 'delivery.cancelled' }]);
  });

  it('is paged and filtered', async () => {
    const first = (await world.get('/notifications/deliveries?limit=2&channelKind=email&states=delivered,failed')).body;
    expect(first.items).toHaveLength(2);
    const next = (await world.get(`/notifications/deliveries?limit=2&channelKind=email&cursor=${first.nextCursor}`))
      .body;
    expect(next.items.map((d: Loose) => d.deliveryId)).not.toContain(first.items[0].deliveryId);
    expect((await world.get('/notifications/deliveries?from=2099-01-01T00:00:00Z&kind=note')).body.items).toEqual([]);
    for (const query of ['states=x', 'channelId=x', 'channelKind=x', 'from=x', 'cursor=x', 'limit=500', 'user='])
      expect((await world.get(`/notifications/deliveries?${query}`)).status).toBe(422);
  });
});
