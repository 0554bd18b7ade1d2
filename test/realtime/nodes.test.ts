import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import { type Delta, type LiveRun, RealtimeClient } from '../../clients/realtime/src/index.js';
import { signToken } from '../../src/auth/index.js';
import { type Loose, TEST_SECRET } from '../support/app.js';
import { ensureBuilt, type ServiceProcess, startService } from '../support/process.js';
import { servers } from '../support/servers.js';
import { until } from './support.js';

const PATIENCE_MS = 180_000;
const nodes: ServiceProcess[] = [];
const opened: { close(): void }[] = [];
let token = '';

const start = async (env: Readonly<Record<string, string>> = {}): Promise<ServiceProcess> => {
  const { mongodbUri, redisUrl } = servers();
  const node = await startService({
    MONGODB_URI: mongodbUri,
    REDIS_URL: redisUrl,
    JWT_SECRET: TEST_SECRET,
    SECRET_KEYS: TEST_SECRET,
    RATE_LIMIT_FACTOR: '0',
    WORKER: 'none',
    DEMO: 'off',
    LOG_LEVEL: 'error',
    ...env,
  });
  nodes.push(node);
  return node;
};

const send = async (node: ServiceProcess, method: string, path: string, body?: unknown): Promise<Loose> => {
  const response = await fetch(node.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
};

let runs = 0;
const begin = async (node: ServiceProcess): Promise<string> =>
  (await send(node, 'POST', '/runs', { project: 'live', externalId: `live-${++runs}`, name: 'Live' })).runId;

const post = (node: ServiceProcess, runId: string, number: number): Promise<Loose> =>
  send(node, 'POST', `/runs/${runId}/results`, {
    results: [{ name: `test ${number}`, suite: 'live', status: number % 5 === 0 ? 'failed' : 'passed', durationMs: 5 }],
  });

/** Checks that numbers are whole, as the client hands them on. */
class Watcher {
  state: LiveRun | undefined;
  readonly types: string[] = [];
  readonly attempts: number[] = [];
  readonly wrong: string[] = [];
  snapshots = 0;
  readonly client: RealtimeClient;
  private at: { epoch: string; seq: number } | undefined;

  constructor(node: ServiceProcess, runId: string) {
    this.client = new RealtimeClient({ url: node.origin, token: () => token, spreadMs: 20 });
    opened.push(this.client);
    this.client.subscribe(`run:${runId}`, {
      onSnapshot: (run) => {
        this.snapshots++;
        delete this.at;
        this.show(run);
      },
      onDelta: (delta) => {
        this.check(delta);
        this.types.push(delta.type);
        this.show(delta.data);
      },
      onEnd: ({ code }) => this.types.push(code),
    });
  }

  cut(): void {
    (this.client as unknown as { socket: Socket }).socket.io.engine.close();
  }

  private show(run: LiveRun): void {
    this.state = run;
    this.attempts.push(run.totals.attempts);
  }

  private check({ epoch, seq }: Delta): void {
    if (this.at !== undefined && (this.at.epoch !== epoch || this.at.seq + 1 !== seq))
      this.wrong.push(`${this.at.epoch}/${this.at.seq} -> ${epoch}/${seq}`);
    this.at = { epoch, seq };
  }
}

const ascending = (numbers: readonly number[]): boolean =>
  numbers.every((number, index) => index === 0 || number >= numbers[index - 1]!);

beforeAll(async () => {
  token = await signToken(
    { sub: 'tester', org: 'demo', roles: ['admin'] },
    { secret: TEST_SECRET, issuer: 'execution-reporting', audience: 'execution-reporting', expiresInSeconds: 3600 },
  );
  await ensureBuilt();
  await Promise.all([start(), start()]);
}, PATIENCE_MS);
afterAll(async () => {
  await Promise.all(nodes.filter(({ child }) => child.exitCode === null).map((node) => node.end('SIGKILL')));
}, PATIENCE_MS);
afterEach(() => opened.splice(0).forEach((one) => one.close()));

describe('two nodes', () => {
  it(
    'bring a run that is posted to one to the clients of the other, in order and whole, while one is cut and comes back',
    async () => {
      const [a, b] = nodes as [ServiceProcess, ServiceProcess];
      const runId = await begin(a);
      const watchers = [new Watcher(b, runId), new Watcher(b, runId), new Watcher(a, runId)];
      await until(() => watchers.every(({ state }) => state !== undefined), 'snapshots');
      expect(watchers[0]!.state).toMatchObject({ runId, status: 'running', totals: { attempts: 0 }, newest: [] });
      for (let number = 1; number <= 60; number++) {
        await post(number % 7 === 0 ? b : a, runId, number);
        if (number % 15 === 0) watchers[1]!.cut();
      }
      await send(a, 'POST', `/runs/${runId}/finish`);
      const isDone = ({ state }: Watcher): boolean => state?.status === 'finished' && state.totals.attempts === 60;
      await until(() => watchers.every(isDone), 'the end of the run');
      const { totals } = await send(b, 'GET', `/runs/${runId}`);
      for (const watcher of watchers) {
        expect(watcher.wrong).toEqual([]);
        expect(ascending(watcher.attempts)).toBe(true);
        expect(watcher.state!.totals).toEqual(totals);
        expect(watcher.state!.newest.map(({ name }) => name)).toEqual(
          Array.from({ length: 20 }, (_, index) => `test ${60 - index}`),
        );
        expect(watcher.types.at(-1)).toBe('run.finished');
      }
      // who was not cut has had every tick, by deltas alone
      expect(watchers[0]!.snapshots).toBe(1);
      expect(watchers[0]!.types.length).toBeGreaterThan(3);
      await send(a, 'DELETE', `/runs/${runId}`);
      await until(() => watchers.every(({ types }) => types.at(-1) === 'run_deleted'), 'the room gone');
    },
    PATIENCE_MS,
  );

  it(
    'go on when the one that computes the room is killed, and when the one with the sockets is',
    async () => {
      const [, b] = nodes as [ServiceProcess, ServiceProcess];
      const doomed = await start({ FAILPOINTS: 'room-claimed=kill@3' });
      const runId = await begin(doomed);
      const watcher = new Watcher(b, runId);
      await until(() => watcher.state !== undefined, 'a snapshot');
      let sent = 0;
      // it dies with the claim in its hand; what it answered is stored
      while (doomed.child.exitCode === null && doomed.child.signalCode === null && sent < 200)
        await post(doomed, runId, sent + 1).then(
          () => sent++,
          () => undefined,
        );
      expect(await doomed.exit).toBeNull();
      const { totals } = await send(b, 'GET', `/runs/${runId}`);
      expect(totals.attempts).toBeGreaterThanOrEqual(sent);
      await until(async () => {
        const now = await send(b, 'GET', `/runs/${runId}`);
        return watcher.state?.totals.attempts === now.totals.attempts;
      }, 'what was stored');

      const port = new URL(b.origin).port;
      await b.end('SIGKILL');
      const [a] = nodes as [ServiceProcess];
      for (let number = 500; number < 510; number++) await post(a, runId, number);
      await start({ PORT: port });
      await post(a, runId, 510);
      await send(a, 'POST', `/runs/${runId}/finish`);
      await until(() => watcher.state?.status === 'finished', 'the end of the run, after the reconnect');
      const end = await send(a, 'GET', `/runs/${runId}`);
      expect(watcher.state!.totals).toEqual(end.totals);
      expect(watcher.wrong).toEqual([]);
      expect(ascending(watcher.attempts)).toBe(true);
    },
    PATIENCE_MS,
  );
});
