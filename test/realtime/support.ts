import { setTimeout as sleep } from 'node:timers/promises';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { DomainError, notFound } from '../../src/common/index.js';
import type { RealtimeRooms, RoomDefinition } from '../../src/realtime/index.js';
import { FeedReader } from '../../src/realtime/redis/feed-reader.js';
import { WatchService } from '../../src/realtime/transport/watch.service.js';
import type { Loose, TestApp } from '../support/app.js';

/** For a machine that stands still for a while: who has his answer does not wait for it. */
const PATIENCE_MS = 60_000;

/** Polls until it holds. */
export const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still not: ${what}`);
    await sleep(20);
  }
};

/** Until then a subscribe is answered without an epoch, and told to come again. */
export const feedRead = ({ app }: TestApp): Promise<void> =>
  until(() => app.get(FeedReader, { strict: false }).isReading, 'the feed read');

/** Sweeps and heartbeats come by the hand of the test only: those of the timers would come between any two of its steps. */
export const watchedByHand = async ({ app }: TestApp): Promise<WatchService> => {
  const watch = app.get(WatchService, { strict: false });
  await watch.beforeApplicationShutdown();
  return watch;
};

export const socketTo = (origin: string, auth: Loose, options: Partial<ManagerOptions & SocketOptions> = {}): Socket =>
  io(`${origin}/realtime`, { transports: ['websocket'], forceNew: true, reconnection: false, auth, ...options });

/** Connected, or the error of `connect_error`. */
export const connected = async (socket: Socket): Promise<Loose> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('neither connected nor refused')), PATIENCE_MS);
    const done = (outcome: unknown): void => {
      clearTimeout(timer);
      resolve(outcome);
    };
    socket.once('connect', () => done(undefined));
    socket.once('connect_error', done);
    socket.connect();
  });

export const ask = (socket: Socket, event: string, ...args: unknown[]): Promise<Loose> =>
  socket.timeout(PATIENCE_MS).emitWithAck(event, ...args);

/** What comes in under a name, in order. */
export const collect = (socket: Socket, event: string): Loose[] => {
  const all: Loose[] = [];
  socket.on(event, (message: Loose) => void all.push(message));
  return all;
};

class CountDto {}

/** A room of numbers: what a test sets is its state; it exists for one organization, each caller's zone is a view of its own. */
export class NumbersRoom {
  state: Record<string, number> = {};
  mayRead = true;
  snapshots = 0;
  beforeSnapshot: () => Promise<void> = () => Promise.resolve();

  constructor(private readonly rooms: RealtimeRooms) {
    rooms.register<{ id: string }>(this.definition());
  }

  async set(id: string, name: string, value: number): Promise<void> {
    this.state = { ...this.state, [name]: value };
    await this.rooms.publish('numbers', `demo/${id}`, 'number.changed', { name, value }, { entity: name });
  }

  setSoon(id: string, name: string, value: number): void {
    this.state = { ...this.state, [name]: value };
    this.rooms.publishSoon('numbers', `demo/${id}`, 'number.changed', { name, value }, { entity: name });
  }

  private definition(): RoomDefinition<{ id: string }> {
    return {
      kind: 'numbers',
      description: 'Numbers of a test',
      id: { name: 'id', description: 'Any', example: 'a' },
      state: { payload: CountDto, description: 'All numbers' },
      messages: [{ type: 'number.changed', payload: CountDto, description: 'A number has changed' }],
      authorise: ({ organization, projects }, id) => {
        if (organization !== 'demo') throw notFound('Numbers');
        if (!this.mayRead) throw new DomainError('forbidden', 'permission_missing', 'Not any more');
        const key = projects === 'all' ? `demo/${id}` : `demo/${id}/${projects.join(',')}`;
        return { key, context: { id } };
      },
      snapshot: async () => {
        this.snapshots++;
        await this.beforeSnapshot();
        return { ...this.state };
      },
    };
  }
}
