import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { type Delta, RealtimeClient } from '../../clients/realtime/src/index.js';
import { Clock } from '../../src/common/index.js';
import { RealtimeRooms } from '../../src/realtime/index.js';
import { LIMITS } from '../../src/realtime/limits.js';
import { RoomLog } from '../../src/realtime/redis/room-log.js';
import { backlogOf } from '../../src/realtime/transport/backlog.js';
import type { Session } from '../../src/realtime/transport/session.js';
import { Sessions } from '../../src/realtime/transport/sessions.js';
import { WatchService } from '../../src/realtime/transport/watch.service.js';
import { REDIS } from '../../src/redis/index.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { servers } from '../support/servers.js';
import { Proxy } from './proxy.js';
import { ask, collect, connected, feedRead, NumbersRoom, socketTo, until, watchedByHand } from './support.js';

jest.setTimeout(300_000);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let app: TestApp;
let proxy: Proxy;
let rooms: RealtimeRooms;
let numbers: NumbersRoom;
const opened: { close(): void }[] = [];

/** A client that keeps the room's numbers as a dashboard would. */
class Follower {
  state: Record<string, number> | undefined;
  readonly seen: string[] = [];
  snapshots = 0;
  readonly client: RealtimeClient;

  constructor(room: string, token: () => Promise<string>) {
    this.client = new RealtimeClient({ url: app.origin, token, spreadMs: 20 });
    opened.push(this.client);
    this.client.subscribe(room, {
      onSnapshot: (snapshot) => {
        this.snapshots++;
        this.state = { ...(snapshot as Record<string, number>) };
      },
      onDelta: ({ epoch, seq, data }: Delta) => {
        const { name, value } = data as { name: string; value: number };
        this.seen.push(`${epoch}/${seq}`);
        this.state = { ...this.state, [name]: value };
      },
    });
  }

  /** As a network does it. */
  cut(): void {
    (this.client as unknown as { socket: Socket }).socket.io.engine.close();
  }
}

beforeAll(async () => {
  proxy = new Proxy(new URL(servers().redisUrl));
  await proxy.open();
  app = await startApp({ REDIS_URL: proxy.url }, 'api');
  rooms = app.app.get(RealtimeRooms);
  numbers = new NumbersRoom(rooms);
  await feedRead(app);
});
afterAll(async () => {
  await app.close();
  await proxy.close();
});
afterEach(() => opened.splice(0).forEach((one) => one.close()));

const freshSnapshot = async (room: string): Promise<Loose> => {
  const socket = socketTo(app.origin, { token: await app.token() });
  expect(await connected(socket)).toBeUndefined();
  const { snapshot } = await ask(socket, 'subscribe', { room });
  socket.disconnect();
  return snapshot;
};

const flush = (): Promise<unknown> => app.app.get<Redis>(REDIS).flushdb();

describe('a client', () => {
  it('has the state of a fresh snapshot after any sequence of updates, cuts and losses', async () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('now' as const), name }) },
      { weight: 6, arbitrary: fc.record({ kind: fc.constant('soon' as const), name }) },
      { weight: 3, arbitrary: fc.constant({ kind: 'cut' as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'pause' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'flush' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'resync' as const }) },
    );
    let value = 0;
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), async (steps) => {
        const id = `round-${++round}`;
        numbers.state = { a: 0 };
        const followers = [1, 2].map(() => new Follower(`numbers:${id}`, () => app.token()));
        await until(() => followers[0]!.state !== undefined, 'a snapshot');
        for (const one of steps) {
          if (one.kind === 'now') await numbers.set(id, one.name, ++value);
          else if (one.kind === 'soon') numbers.setSoon(id, one.name, ++value);
          else if (one.kind === 'cut') followers[0]!.cut();
          else if (one.kind === 'pause') await sleep(15);
          else if (one.kind === 'resync') await rooms.resync('numbers', `demo/${id}`);
          else await flush();
        }
        // what Redis forgot in the last moment is found by the next publish, or the heartbeat
        await numbers.set(id, 'last', ++value);
        const same = (follower: Follower): boolean => JSON.stringify(sorted(follower.state)) === want;
        const want = JSON.stringify(sorted(await freshSnapshot(`numbers:${id}`)));
        await until(() => followers.every(same), `the state of ${id}: ${want} ${JSON.stringify(steps)}`);
        for (const { seen } of followers) expect(new Set(seen).size).toBe(seen.length);
        followers.forEach(({ client }) => client.close());
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });

  it('gets snapshots while Redis is away, and what it missed when it is back', async () => {
    numbers.state = { a: 1 };
    const before = new Follower('numbers:away', () => app.token());
    await until(() => before.state !== undefined, 'a snapshot');
    await proxy.cut();
    await numbers.set('away', 'a', 2);
    const during = new Follower('numbers:away', () => app.token());
    await until(() => during.state?.a === 2, 'a snapshot without Redis');
    numbers.setSoon('away', 'a', 3);
    await proxy.open();
    await until(() => before.state?.a === 3 && during.state?.a === 3, 'the state of both');
    await numbers.set('away', 'a', 4);
    await until(() => before.state?.a === 4 && during.state?.a === 4, 'the next delta for both');
    expect((await app.get('/health')).status).toBe(200);
  });

  it('looks again at every room of a kind, where nobody could ask who was to be told while Redis was away', async () => {
    numbers.state = { a: 1 };
    const follower = new Follower('numbers:unasked', () => app.token());
    await until(() => follower.state !== undefined, 'a snapshot');
    await proxy.cut();
    numbers.state = { a: 2 };
    expect(await rooms.allLive('numbers')).toBeUndefined();
    rooms.resyncAll('numbers');
    await proxy.open();
    await until(() => follower.state?.a === 2, 'a fresh snapshot');
  });

  it('is told by the heartbeat what the feed did not bring', async () => {
    numbers.state = { a: 1 };
    const follower = new Follower('numbers:quiet', () => app.token());
    await until(() => follower.state !== undefined, 'a snapshot');
    numbers.state = { a: 2 };
    await flush();
    // the first look may be ahead of what is on its way, the second is not
    await app.app.get(WatchService, { strict: false }).heartbeat();
    await app.app.get(WatchService, { strict: false }).heartbeat();
    await until(() => follower.state?.a === 2, 'a fresh snapshot');
  });

  it('is left alone by the heartbeat while what it found missing the time before has come', async () => {
    const watch = await watchedByHand(app);
    const socket = socketTo(app.origin, { token: await app.token() });
    opened.push({ close: () => void socket.disconnect() });
    expect(await connected(socket)).toBeUndefined();
    const [resyncs, deltas] = ['resync', 'delta'].map((event) => collect(socket, event));
    // the feed that was flushed begins anew with the first of these
    await ask(socket, 'subscribe', { room: 'numbers:begin' });
    for (const value of [1, 2]) await numbers.set('begin', 'a', value);
    await until(() => deltas!.length === 2, 'the feed begun');
    await ask(socket, 'unsubscribe', { room: 'numbers:begin' });
    for (const all of [resyncs, deltas]) all!.length = 0;
    await ask(socket, 'subscribe', { room: 'numbers:busy' });
    const log = app.app.get(RoomLog, { strict: false });
    const { read } = log;
    // one delta more is in the log than has come to this node
    log.read = async (...room) => {
      const { epoch, seq } = await read.apply(log, room);
      return { epoch, seq: seq + 1 };
    };
    try {
      for (let seq = 1; seq <= 3; seq++) {
        await watch.heartbeat();
        await numbers.set('busy', 'a', seq);
        await until(() => deltas!.length === seq, 'what was on its way');
      }
      expect(resyncs).toEqual([]);
      await watch.heartbeat();
      await watch.heartbeat();
    } finally {
      log.read = read;
    }
    await until(() => resyncs!.length > 0, 'a resync, since nothing was on its way');
    expect(resyncs).toEqual([{ room: 'numbers:busy' }]);
  });
});

describe('work on a room', () => {
  it('is done once for many requests, again when it failed, and never brings the room back', async () => {
    const follower = new Follower('numbers:work', () => app.token());
    await until(() => follower.state !== undefined, 'a snapshot');
    const made: number[] = [];
    const seeTo = (position: number, fails = 0): void =>
      rooms.seeTo('numbers', 'demo/work', position, () => {
        made.push(position);
        if (made.filter((one) => one === position).length <= fails) return Promise.reject(new Error('not yet'));
        return Promise.resolve([{ type: 'number.changed', data: { name: 'at', value: position } }]);
      });
    for (let position = 1; position <= 40; position++) seeTo(position);
    await until(() => follower.state?.at === 40, 'position 40');
    expect(made.length).toBeLessThanOrEqual(3);
    seeTo(40);
    seeTo(12);
    seeTo(41, 1);
    await until(() => follower.state?.at === 41, 'position 41');
    expect(made.slice(-2)).toEqual([41, 41]);
    expect(made).not.toContain(12);
  });
});

describe('a client that does not read', () => {
  const connectPaused = async (room: string): Promise<Socket> => {
    const socket = socketTo(app.origin, { token: await app.token() });
    opened.push({ close: () => void socket.disconnect() });
    expect(await connected(socket)).toBeUndefined();
    await ask(socket, 'subscribe', { room });
    (socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void } } }).ws._socket.pause();
    return socket;
  };
  const served = (socket: Socket): Session | undefined =>
    [...app.app.get(Sessions, { strict: false }).all()].find((session) => session.socket.id === socket.id);
  const waiting = (session: Session | undefined): number => {
    const { buffered, queued } = session ? backlogOf(session.socket) : { buffered: 0, queued: 0 };
    return buffered + queued;
  };
  /** Buffers are freed in the background after the collection that found them: the second one counts what is held. */
  const used = async (): Promise<number> => {
    collectGarbage();
    await sleep(200);
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };

  const figures = async (): Promise<Record<string, number>> => {
    const { body } = await app.get<string>('//metrics', { token: null });
    const lines = body.matchAll(/^realtime_(\w+) (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, name, value]) => [name!, Number(value)]));
  };

  it('is dropped after ten seconds, others are served, and it costs little', async () => {
    const clock = app.app.get(Clock);
    // stands still from the start: the service's own sweeps see the client blocked, for no time
    let now = Date.now();
    clock.now = () => new Date(now);
    await until(async () => (await figures()).sockets === 0, 'no sockets of other tests');
    const start = await figures();
    const stalled = await connectPaused('numbers:big');
    const reader = new Follower('numbers:big', () => app.token());
    await until(() => reader.state !== undefined, 'a snapshot');
    const before = await used();
    let value = 0;
    const publish = (): Promise<void> =>
      rooms.publish('numbers', 'demo/big', 'number.changed', { name: 'n', value: ++value, text: 'x'.repeat(100_000) });
    // the kernel takes some megabytes before it says stop
    while (served(stalled) && waiting(served(stalled)) < LIMITS.backlogBytes - 200_000) {
      await publish();
      // what is still on its way to the other one, who shares this process, is not the cost of the stalled one
      await until(() => reader.state?.n === value, 'everything for the other');
    }
    expect(served(stalled)).toBeDefined();
    let cost = 0;
    // buffers that nobody holds any more are freed when the machine gets round to it
    await until(async () => (cost = ((await used()) - before) / 1e6) < 30, 'so little held').catch(() => undefined);
    expect(cost).toBeLessThan(30);
    expect(await figures()).toMatchObject({ sockets: 2, rooms: 1 });
    const sweepAfter = (ms: number): void => {
      now += ms;
      app.app.get(WatchService, { strict: false }).sweep();
    };
    sweepAfter(0);
    sweepAfter(9_000);
    expect(served(stalled)).toBeDefined();
    sweepAfter(1_500);
    await until(() => served(stalled) === undefined, 'dropped');
    await until(() => reader.state?.n === value, 'everything for the other');
    expect(reader.snapshots).toBe(1);
    expect(new Set(reader.seen).size).toBe(value);
    const end = await figures();
    expect(end).toMatchObject({ sockets: 1, rooms: 1, stalled_clients_dropped_total: 1 });
    // one for each of the two sockets, until one of them was dropped
    const sent = end.deltas_sent_total! - start.deltas_sent_total!;
    expect(sent).toBeGreaterThan(value);
    expect(sent).toBeLessThanOrEqual(2 * value);
    clock.now = () => new Date();
  });

  it('is dropped at once when too much waits for it', async () => {
    const { stalled_clients_dropped_total: before = 0 } = await figures();
    const stalled = await connectPaused('numbers:flood');
    let most = 0;
    for (let sent = 0; sent < 400 && served(stalled) !== undefined; sent++) {
      await rooms.publish('numbers', 'demo/flood', 'number.changed', { name: 'n', text: 'x'.repeat(200_000) });
      most = Math.max(most, waiting(served(stalled)));
    }
    await until(() => served(stalled) === undefined, 'dropped');
    expect(most).toBeLessThan(LIMITS.backlogBytes + 1_000_000);
    expect((await figures()).stalled_clients_dropped_total).toBe(before + 1);
  });
});

const sorted = (state: Record<string, number> | undefined): [string, number][] =>
  Object.entries(state ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
