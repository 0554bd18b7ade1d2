import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Namespace, Server } from 'socket.io';
import type { Problem } from '../src/messages.js';
import { RealtimeClient, type RealtimeClientOptions } from '../src/realtime-client.js';

const refusal = (status: number, code: string): Error =>
  Object.assign(new Error(code), { data: { status, code, detail: code } });

const until = async (condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('it never came');
    await sleep(10);
  }
};

/** What the service does at the door, and nothing else of it. */
class Door {
  readonly http: HttpServer = createServer();
  readonly io = new Server(this.http);
  readonly rooms: Namespace = this.io.of('/realtime');
  /** Tokens of the handshakes, in order; undefined where there was none. */
  readonly shown: (string | undefined)[] = [];
  readonly refreshed: string[] = [];
  readonly good = new Set<string>();
  expiresAt = (): string | null => new Date(Date.now() + 3_600_000).toISOString();

  constructor() {
    this.rooms.use((socket, next) => {
      const { token } = socket.handshake.auth as { token?: string };
      this.shown.push(token);
      next(token !== undefined && this.good.has(token) ? undefined : refusal(401, 'token_invalid'));
    });
    this.rooms.on('connection', (socket) => {
      socket.on('auth:refresh', ({ token }: { token: string }, answer: (body: object) => void) => {
        this.refreshed.push(token);
        answer(this.good.has(token) ? { expiresAt: this.expiresAt() } : { problem: { status: 401 } });
      });
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }
}

describe('a client whose token ends', () => {
  let door: Door;
  let url: string;
  let clients: RealtimeClient[];
  beforeEach(async () => {
    door = new Door();
    url = await door.open();
    clients = [];
  });
  afterEach(async () => {
    clients.forEach((client) => client.close());
    await door.io.close();
  });

  const open = async (options: Omit<RealtimeClientOptions, 'url'>): Promise<RealtimeClient> => {
    const client = new RealtimeClient({ url, ...options });
    clients.push(client);
    await until(() => client.connected);
    return client;
  };
  /** Tokens t1, t2, ... all of them good. */
  const tokens = (): (() => string) => {
    let count = 0;
    return () => {
      door.good.add(`t${++count}`);
      return `t${count}`;
    };
  };
  const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

  it('goes on over it with a fresh one', async () => {
    const client = await open({ token: tokens() });
    door.rooms.emit('auth:expiring', { expiresAt: inMs(60_000) });
    await until(() => door.refreshed.length === 1);
    await sleep(50);
    expect([door.shown, door.refreshed, client.connected]).toEqual([['t1'], ['t2'], true]);
  });

  it('tries again while there is time, where none is to be had or it ends as soon', async () => {
    let asked = 0;
    // time stands still, so that there is always some left
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
    const endsAt = new Date(now + 1_200).toISOString();
    const long = door.expiresAt;
    door.expiresAt = () => (door.refreshed.length === 1 ? endsAt : long());
    door.good.add('old').add('new');
    await open({
      token: () => {
        asked++;
        if (asked === 2) throw new Error('the token endpoint is down');
        return asked < 4 ? 'old' : 'new';
      },
    });
    door.rooms.emit('auth:expiring', { expiresAt: endsAt });
    await until(() => door.refreshed.length === 2);
    expect(door.refreshed).toEqual(['old', 'new']);
    await sleep(700);
    expect(door.refreshed).toHaveLength(2);
    clock.mockRestore();
  });

  it('comes back with another one when the service has closed it', async () => {
    const client = await open({ token: tokens() });
    for (const socket of await door.rooms.fetchSockets()) {
      socket.emit('auth:ended', { problem: { status: 401 } });
      socket.disconnect(true);
    }
    await until(() => door.shown.length === 2 && client.connected);
    expect(door.shown).toEqual(['t1', 't2']);
  });

  it('gives up when a fresh one is refused too', async () => {
    const refused: Problem[] = [];
    const client = new RealtimeClient({
      ...{ url, token: () => 'bad' },
      onRefused: (problem) => void refused.push(problem),
    });
    clients.push(client);
    await until(() => refused.length > 0);
    expect([refused.map(({ code }) => code), door.shown]).toEqual([['token_invalid'], ['bad', 'bad']]);
  });

  it('does not take it for a refusal that it had none to show', async () => {
    const refused: Problem[] = [];
    let left = 4;
    door.good.add('late');
    const token = (): string => {
      if (left-- > 0) throw new Error('the token endpoint is down');
      return 'late';
    };
    await open({ token, onRefused: (problem) => void refused.push(problem) });
    expect([refused, door.shown]).toEqual([[], [undefined, undefined, undefined, undefined, 'late']]);
  });
});
