import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Socket } from 'socket.io-client';
import { type Principal, signToken } from '../../src/auth/index.js';
import { Clock, DomainError, makeScope } from '../../src/common/index.js';
import { RealtimeRooms } from '../../src/realtime/index.js';
import { LIMITS } from '../../src/realtime/limits.js';
import type { WatchService } from '../../src/realtime/transport/watch.service.js';
import { REDIS } from '../../src/redis/index.js';
import { type Loose, startApp, TEST_SECRET, type TestApp } from '../support/app.js';
import { ask, collect, connected, feedRead, NumbersRoom, socketTo, until, watchedByHand } from './support.js';

jest.setTimeout(240_000);

let app: TestApp;
let rooms: RealtimeRooms;
let numbers: NumbersRoom;
let watch: WatchService;
/** The clock of the service, which stands still: what is allowed so many times a second does not come back by itself. */
let now = new Date();
let began = now;
let linkHolds = true;
const open: Socket[] = [];

const GUEST: Principal = {
  subject: 'share:s1',
  name: 'Shared',
  organization: 'demo',
  roles: [],
  permissions: new Set(),
  projects: 'all',
  kind: 'user',
  scope: makeScope('demo', 'all'),
};

const client = (auth: Loose): Socket => {
  const socket = socketTo(app.origin, auth);
  open.push(socket);
  return socket;
};

const connect = async (auth?: Loose): Promise<Socket> => {
  const socket = client(auth ?? { token: await app.token() });
  const refused = await connected(socket);
  if (refused) throw refused;
  return socket;
};

const refusalOf = async (auth: Loose): Promise<Loose> => {
  const refused = await connected(client(auth));
  return { status: refused.data.status, code: refused.data.code };
};

/** Ends so long after the test has begun, however late it is asked for. */
const tokenFor = (expiresInSeconds: number, claims: Loose = {}): Promise<string> =>
  signToken(
    { sub: 'tester', org: 'demo', roles: ['viewer'], ...claims },
    {
      ...{ secret: TEST_SECRET, issuer: 'execution-reporting', audience: 'execution-reporting' },
      expiresInSeconds: expiresInSeconds - Math.floor(Date.now() / 1000) + Math.floor(began.getTime() / 1000),
    },
  );

const pass = (ms: number): void => {
  now = new Date(now.getTime() + ms);
  watch.sweep();
};

const ended = async (socket: Socket): Promise<void> => until(() => !socket.connected, 'disconnected');

beforeAll(async () => {
  app = await startApp({}, 'api');
  rooms = app.app.get(RealtimeRooms);
  numbers = new NumbersRoom(rooms);
  rooms.admitGuests('pass', (credential) => {
    if (credential !== 'link' || !linkHolds) throw new DomainError('forbidden', 'link_invalid', 'No such link');
    return Promise.resolve({ principal: GUEST, rooms: ['numbers:shared'], id: 's1' });
  });
  app.app.get(Clock).now = () => now;
  watch = await watchedByHand(app);
  await feedRead(app);
});
afterAll(() => app.close());
beforeEach(() => {
  began = now = new Date();
  numbers.beforeSnapshot = () => Promise.resolve();
  numbers.state = {};
  numbers.mayRead = true;
  linkHolds = true;
});
afterEach(() => {
  open.splice(0).forEach((socket) => socket.disconnect());
});

describe('the handshake', () => {
  it('lets in who has a token or an API key with the permission, nobody else', async () => {
    await connect();
    const key = await app.post('/api-keys', { name: 'screen', permissions: ['realtime:subscribe'] });
    await connect({ token: key.body.key });
    const blind = await app.post('/api-keys', { name: 'blind', permissions: ['runs:read'] });
    expect(await refusalOf({ token: blind.body.key })).toEqual({ status: 403, code: 'permission_missing' });
    expect(await refusalOf({})).toEqual({ status: 401, code: 'unauthenticated' });
    expect(await refusalOf({ token: 'e30.e30.e30' })).toEqual({ status: 401, code: 'invalid_token' });
    expect(await refusalOf({ token: { $ne: '' } })).toEqual({ status: 401, code: 'unauthenticated' });
    expect(await refusalOf({ token: await tokenFor(-60) })).toEqual({ status: 401, code: 'token_expired' });
    expect(await refusalOf({ token: await tokenFor(600, { roles: ['none'] }) })).toEqual({
      status: 403,
      code: 'no_role',
    });
    expect(await refusalOf({ pass: 'another' })).toEqual({ status: 403, code: 'link_invalid' });
  });

  it('serves nothing on the default namespace', async () => {
    const socket = socketTo(app.origin.replace('/realtime', ''), { token: await app.token() });
    open.push(socket);
    const main = socket.io.socket('/', { auth: { token: await app.token() } });
    expect((await connected(main))?.message).toContain('/realtime');
  });
});

describe('a subscribe', () => {
  it('answers the snapshot, then the deltas follow in order', async () => {
    numbers.state = { a: 1 };
    const socket = await connect();
    const deltas = collect(socket, 'delta');
    const answer = await ask(socket, 'subscribe', { room: 'numbers:one' });
    expect(answer).toEqual({ room: 'numbers:one', epoch: expect.any(String), seq: 0, snapshot: { a: 1 } });
    for (let i = 2; i <= 5; i++) await numbers.set('one', 'a', i);
    await until(() => deltas.length === 4, 'four deltas');
    expect(deltas.map(({ seq, data, epoch }) => [seq, data.value, epoch === answer.epoch])).toEqual(
      [1, 2, 3, 4].map((seq) => [seq, seq + 1, true]),
    );
    expect(deltas[0]).toMatchObject({ room: 'numbers:one', type: 'number.changed', at: expect.stringMatching(/Z$/) });
    await ask(socket, 'unsubscribe', { room: 'numbers:one' });
    await numbers.set('one', 'a', 9);
    expect(await ask(socket, 'subscribe', { room: 'numbers:one', epoch: answer.epoch, lastSeq: 4 })).toMatchObject({
      seq: 5,
      deltas: [{ seq: 5, data: { value: 9 } }],
    });
    expect(deltas).toHaveLength(4);
  });

  it('answers only what is missing when that is kept, and a snapshot when it is not', async () => {
    const socket = await connect();
    const { epoch } = await ask(socket, 'subscribe', { room: 'numbers:kept' });
    for (let i = 1; i <= 3; i++) await numbers.set('kept', 'a', i);
    const since = (lastSeq: number, of = epoch): Promise<Loose> =>
      ask(socket, 'subscribe', { room: 'numbers:kept', epoch: of, lastSeq });
    expect((await since(1)).deltas.map(({ seq }: Loose) => seq)).toEqual([2, 3]);
    expect((await since(3)).deltas).toEqual([]);
    expect((await since(7)).snapshot).toEqual({ a: 3 });
    expect((await since(1, 'another')).snapshot).toEqual({ a: 3 });
    for (let i = 4; i <= 210; i++) await numbers.set('kept', 'a', i);
    expect((await since(3)).snapshot).toEqual({ a: 210 });
    expect((await since(200)).deltas).toHaveLength(10);
  });

  it('answers a snapshot to whom comes back to a room that stood empty: nobody wrote down what happened', async () => {
    numbers.state = { a: 1 };
    const socket = await connect();
    const { epoch, seq } = await ask(socket, 'subscribe', { room: 'numbers:empty' });
    const again = async (): Promise<Loose> => {
      await ask(socket, 'unsubscribe', { room: 'numbers:empty' });
      return ask(socket, 'subscribe', { room: 'numbers:empty', epoch, lastSeq: seq });
    };
    expect((await again()).deltas).toEqual([]);
    numbers.state = { a: 2 };
    // as 45 s later: who is in it has it noted again
    await ask(socket, 'unsubscribe', { room: 'numbers:empty' });
    await app.app.get<Redis>(REDIS).zadd('rt:live:numbers', 1, 'demo/empty');
    expect(await rooms.live('numbers', ['demo/empty'])).toEqual(new Set());
    expect((await rooms.allLive('numbers'))?.has('demo/empty')).toBe(false);
    // another one comes first
    expect((await ask(await connect(), 'subscribe', { room: 'numbers:empty' })).snapshot).toEqual({ a: 2 });
    expect((await again()).snapshot).toEqual({ a: 2 });
    expect(await rooms.live('numbers', ['demo/empty'])).toEqual(new Set(['demo/empty']));
  });

  it('loses nothing that is published between the join and the snapshot', async () => {
    const socket = await connect();
    const deltas = collect(socket, 'delta');
    let late = 0;
    numbers.beforeSnapshot = async () => {
      await numbers.set('race', 'early', 1);
      late = numbers.state.early ?? 0;
    };
    const answer = await ask(socket, 'subscribe', { room: 'numbers:race' });
    numbers.beforeSnapshot = () => Promise.resolve();
    await until(() => deltas.length === 1, 'the delta');
    expect(late).toBe(1);
    // read before the snapshot, so the delta is not taken for known
    expect(answer.seq).toBe(0);
    expect(deltas[0]).toMatchObject({ seq: 1, data: { name: 'early' } });
  });

  it('is refused for what is another organization, unknown, malformed or too much, and the process lives', async () => {
    const socket = await connect();
    const stranger = await connect({ token: await app.token({ org: 'stranger' }) });
    const codeOf = async (...args: unknown[]): Promise<Loose> => {
      const { problem } = await ask(socket, 'subscribe', ...args);
      return [problem.status, problem.code, problem.errors?.[0]?.pointer];
    };
    const foreign = await ask(stranger, 'subscribe', { room: 'numbers:one' });
    expect(foreign.problem).toMatchObject({ status: 404, code: 'not_found' });
    expect(await codeOf({ room: 'nothing:one' })).toEqual([404, 'not_found', undefined]);
    const wrong = [422, 'validation_failed'];
    expect(await codeOf({ room: 'numbers' })).toEqual([...wrong, '/room']);
    expect(await codeOf({ room: 'numbers:' })).toEqual([...wrong, '/room']);
    expect(await codeOf({ room: 7 })).toEqual([...wrong, '/room']);
    expect(await codeOf({ room: `numbers:${'x'.repeat(400)}` })).toEqual([...wrong, '/room']);
    expect(await codeOf({ room: 'numbers:a', lastSeq: -1 })).toEqual([...wrong, '/lastSeq']);
    expect(await codeOf({ room: 'numbers:a', epoch: {} })).toEqual([...wrong, '/epoch']);
    expect(await codeOf({ room: 'numbers:a', options: [] })).toEqual([...wrong, '/options']);
    expect(await codeOf({ room: 'numbers:a', options: { zone: 'UTC' } })).toEqual([...wrong, '/options']);
    expect(await codeOf({ room: 'numbers:a', other: 1 })).toEqual([...wrong, '/other']);
    expect(await codeOf({ room: 'numbers:a', constructor: 1 })).toEqual([...wrong, '/constructor']);
    expect((await codeOf('text'))[1]).toBe('validation_failed');
    expect((await codeOf(null))[1]).toBe('validation_failed');
    expect((await codeOf())[1]).toBe('validation_failed');
    expect((await ask(socket, 'unsubscribe', { room: 1 })).problem.code).toBe('validation_failed');
    expect((await ask(socket, 'auth:refresh', {})).problem.code).toBe('validation_failed');
    socket.emit('subscribe', { room: 'numbers:silent' });
    socket.emit('subscribe');
    expect(await ask(socket, 'subscribe', { room: 'numbers:a' })).toMatchObject({ seq: 0 });
    const many = await Promise.all(
      Array.from({ length: 60 }, (_, index) => ask(socket, 'subscribe', { room: `numbers:many-${index}` })),
    );
    expect(many.filter(({ problem }) => problem?.code === 'too_many_rooms')).toHaveLength(12);
    const more = await Promise.all(
      Array.from({ length: 60 }, () => ask(socket, 'subscribe', { room: 'numbers:many-1' })),
    );
    expect(more.some(({ problem }) => problem?.code === 'rate_limited')).toBe(true);
  });

  it('waits for those before it, up to so many of a socket', async () => {
    const socket = await connect();
    const gate = Promise.withResolvers<undefined>();
    numbers.beforeSnapshot = () => gate.promise.then(() => undefined);
    const first = ask(socket, 'subscribe', { room: 'numbers:crowded' });
    const rest = Array.from({ length: LIMITS.waitingMessages + 5 }, () =>
      ask(socket, 'unsubscribe', { room: 'numbers:none' }),
    );
    const refused = await Promise.all(rest.slice(-6));
    expect(refused.map(({ problem }) => [problem.status, problem.code])).toEqual(
      Array.from({ length: 6 }, () => [429, 'rate_limited']),
    );
    numbers.beforeSnapshot = () => Promise.resolve();
    gate.resolve(undefined);
    expect((await first).snapshot).toBeDefined();
    expect((await Promise.all(rest.slice(0, -6))).every(({ problem }) => problem === undefined)).toBe(true);
    expect((await ask(socket, 'unsubscribe', { room: 'numbers:none' })).room).toBe('numbers:none');
  });

  it('shows each only what its key holds', async () => {
    const all = await connect();
    const confined = await connect({ token: await app.token({ projects: ['web'] }) });
    const deltas = [collect(all, 'delta'), collect(confined, 'delta')];
    for (const socket of [all, confined]) await ask(socket, 'subscribe', { room: 'numbers:split' });
    await rooms.publish('numbers', 'demo/split', 'number.changed', { name: 'all', value: 1 });
    await rooms.publish('numbers', 'demo/split/web', 'number.changed', { name: 'web', value: 1 });
    await until(() => deltas.every((list) => list.length > 0), 'a delta each');
    expect(deltas.map((list) => list.map(({ data }) => data.name))).toEqual([['all'], ['web']]);
  });
});

describe('publishing', () => {
  it('leaves out what is not newer than what the room has had', async () => {
    const socket = await connect();
    const deltas = collect(socket, 'delta');
    await ask(socket, 'subscribe', { room: 'numbers:versions' });
    for (const version of [3, 1, 3, 4, 2, 5])
      await rooms.publish('numbers', 'demo/versions', 'number.changed', { version }, { version, entity: 'a' });
    await rooms.publish('numbers', 'demo/versions', 'number.changed', { version: 0 }, { version: 0, entity: 'b' });
    await until(() => deltas.length === 4, 'the deltas');
    expect(deltas.map(({ seq, data }) => [seq, data.version])).toEqual([
      [1, 3],
      [2, 4],
      [3, 5],
      [4, 0],
    ]);
  });

  it('holds back what comes too fast: few updates, and the newest of each', async () => {
    const socket = await connect();
    const deltas = collect(socket, 'delta');
    await ask(socket, 'subscribe', { room: 'numbers:fast' });
    const from = Date.now();
    for (let i = 1; i <= 300; i++) {
      numbers.setSoon('fast', i % 2 === 0 ? 'even' : 'odd', i);
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(
      () => deltas.some(({ data }) => data.value === 300) && deltas.some(({ data }) => data.value === 299),
      'the newest',
    );
    const batches = Math.floor((Date.now() - from) / 250) + 1;
    expect(deltas.length).toBeLessThanOrEqual(2 * batches);
    expect(deltas.map(({ seq }) => seq)).toEqual(deltas.map((_, index) => index + 1));
  });

  it('has those in a room that is gone, or told too much at once, go or come again', async () => {
    const socket = await connect();
    const [dropped, resyncs, deltas] = ['room:dropped', 'resync', 'delta'].map((event) => collect(socket, event));
    const { epoch } = await ask(socket, 'subscribe', { room: 'numbers:gone' });
    await rooms.publish('numbers', 'demo/gone', 'number.changed', { much: 'x'.repeat(1_100_000) });
    await until(() => resyncs!.length === 1, 'a resync');
    expect(resyncs).toEqual([{ room: 'numbers:gone' }]);
    expect((await ask(socket, 'subscribe', { room: 'numbers:gone', epoch, lastSeq: 0 })).snapshot).toEqual({});
    await rooms.drop('numbers', 'demo/gone');
    await until(() => dropped!.length === 1, 'dropped');
    expect(dropped![0]).toMatchObject({ room: 'numbers:gone', problem: { status: 404 } });
    await rooms.publish('numbers', 'demo/gone', 'number.changed', { name: 'a', value: 1 });
    await ask(socket, 'subscribe', { room: 'numbers:other' });
    expect(deltas).toEqual([]);
  });
});

describe('rights', () => {
  it('end with the token: a notice before, a refresh goes on, else the socket is closed', async () => {
    const socket = await connect({ token: await tokenFor(300) });
    const [notices, endings] = ['auth:expiring', 'auth:ended'].map((event) => collect(socket, event));
    await ask(socket, 'subscribe', { room: 'numbers:one' });
    pass(230_000);
    pass(12_000);
    pass(1_000);
    await until(() => notices!.length > 0, 'a notice');
    expect(notices).toEqual([{ expiresAt: expect.stringMatching(/Z$/) }]);
    const other = await ask(socket, 'auth:refresh', { token: await tokenFor(600, { sub: 'somebody' }) });
    expect(other.problem.code).toBe('other_subject');
    const elsewhere = await ask(socket, 'auth:refresh', { token: await tokenFor(600, { org: 'other' }) });
    expect(elsewhere.problem.code).toBe('other_subject');
    expect((await ask(socket, 'auth:refresh', { token: 'x' })).problem.code).toBe('invalid_token');
    // a token that ends no later is taken, and is no reason to say so once more
    expect((await ask(socket, 'auth:refresh', { token: await tokenFor(290) })).expiresAt).toMatch(/Z$/);
    pass(1_000);
    expect(notices).toHaveLength(1);
    expect((await ask(socket, 'auth:refresh', { token: await tokenFor(600) })).expiresAt).toMatch(/Z$/);
    const often = await ask(socket, 'auth:refresh', { token: await tokenFor(600) });
    expect(often.problem.code).toBe('rate_limited');
    pass(120_000);
    expect(socket.connected).toBe(true);
    pass(300_000);
    await ended(socket);
    expect(endings).toEqual([{ problem: expect.objectContaining({ code: 'token_expired', status: 401 }) }]);
  });

  it('that are lost end the room, at the refresh and at the next look', async () => {
    const socket = await connect({ token: await tokenFor(6000) });
    const [dropped, resyncs] = ['room:dropped', 'resync'].map((event) => collect(socket, event));
    await ask(socket, 'subscribe', { room: 'numbers:one' });
    await ask(socket, 'auth:refresh', { token: await tokenFor(6000, { projects: ['web'] }) });
    expect(resyncs).toEqual([{ room: 'numbers:one' }]);
    await ask(socket, 'subscribe', { room: 'numbers:one' });
    numbers.mayRead = false;
    pass(61_000);
    await until(() => dropped!.length === 1, 'dropped');
    expect(dropped![0].problem).toMatchObject({ status: 403, code: 'permission_missing' });
    numbers.mayRead = true;
    await ask(socket, 'subscribe', { room: 'numbers:one' });
    numbers.mayRead = false;
    await rooms.reauthorise('numbers', 'demo/one/web');
    await until(() => dropped!.length === 2, 'dropped at once');
  });

  it('of a revoked API key end at the next look', async () => {
    const key = await app.post('/api-keys', { name: 'screen', permissions: ['realtime:subscribe'] });
    const socket = await connect({ token: key.body.key });
    const endings = collect(socket, 'auth:ended');
    await app.request('DELETE', `/api-keys/${key.body.keyId}`);
    pass(61_000);
    await ended(socket);
    expect(endings[0].problem.code).toBe('key_revoked');
  });

  it('of a guest are its rooms, until the credential is revoked', async () => {
    const socket = await connect({ pass: 'link' });
    const endings = collect(socket, 'auth:ended');
    expect((await ask(socket, 'subscribe', { room: 'numbers:shared' })).snapshot).toEqual({});
    expect((await ask(socket, 'subscribe', { room: 'numbers:one' })).problem.status).toBe(404);
    expect((await ask(socket, 'auth:refresh', { token: await app.token() })).problem.status).toBe(403);
    linkHolds = false;
    await rooms.revoke('pass', 's1');
    await ended(socket);
    expect(endings[0].problem).toMatchObject({ status: 401, code: 'credential_revoked' });
  });
});
