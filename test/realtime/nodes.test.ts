import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Socket } from 'socket.io-client';
import {
  applyToDashboard,
  type DashboardState,
  type Delta,
  type LiveRun,
  RealtimeClient,
} from '../../clients/realtime/src/index.js';
import { signToken } from '../../src/auth/index.js';
import { type Loose, TEST_SECRET } from '../support/app.js';
import { ensureBuilt, type ServiceProcess, startService } from '../support/process.js';
import { servers } from '../support/servers.js';
import { until } from './support.js';

const PATIENCE_MS = 400_000;
/** For a process that is to kill itself at some point of its work. */
const END_MS = 120_000;
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

/** A client that checks that the numbers of its room are whole, as they are handed on. */
class Numbered {
  readonly wrong: string[] = [];
  snapshots = 0;
  readonly client: RealtimeClient;
  private at: { epoch: string; seq: number } | undefined;

  constructor(node: ServiceProcess) {
    this.client = new RealtimeClient({ url: node.origin, token: () => token, spreadMs: 20 });
    opened.push(this.client);
  }

  cut(): void {
    (this.client as unknown as { socket: Socket }).socket.io.engine.close();
  }

  protected begin(): void {
    this.snapshots++;
    delete this.at;
  }

  protected check({ epoch, seq }: Delta): void {
    if (this.at !== undefined && (this.at.epoch !== epoch || this.at.seq + 1 !== seq))
      this.wrong.push(`${this.at.epoch}/${this.at.seq} -> ${epoch}/${seq}`);
    this.at = { epoch, seq };
  }
}

class Watcher extends Numbered {
  state: LiveRun | undefined;
  readonly types: string[] = [];
  readonly attempts: number[] = [];

  constructor(node: ServiceProcess, runId: string) {
    super(node);
    this.client.subscribe(`run:${runId}`, {
      onSnapshot: (run) => {
        this.begin();
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

  private show(run: LiveRun): void {
    this.state = run;
    this.attempts.push(run.totals.attempts);
  }
}

/** Keeps a dashboard as its deltas say. */
class BoardWatcher extends Numbered {
  state: DashboardState | undefined;
  deltas = 0;
  /** Executions that it has shown, one after the other. */
  readonly executions: number[] = [];

  constructor(node: ServiceProcess, dashboardId: string) {
    super(node);
    this.client.subscribe(`dashboard:${dashboardId}`, {
      onSnapshot: (state) => {
        this.begin();
        this.show(state);
      },
      onDelta: (delta) => {
        this.check(delta);
        this.deltas++;
        this.show(applyToDashboard(this.state!, delta));
      },
    });
  }

  private show(state: DashboardState): void {
    this.state = state;
    const { totals } = state.widgets.find(({ id }) => id === 'all')!.data as Loose;
    this.executions.push(totals.executions);
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
        // however fast it goes: it is shown in several ticks
        if (number % 15 === 8) await until(() => watchers[0]!.state!.totals.attempts >= number, `attempt ${number}`);
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
      const deadline = Date.now() + END_MS;
      while (doomed.child.exitCode === null && doomed.child.signalCode === null && Date.now() < deadline)
        await post(doomed, runId, sent + 1).then(
          () => sent++,
          () => undefined,
        );
      expect(doomed.child.signalCode).toBe('SIGKILL');
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

describe('a dashboard over two nodes', () => {
  const ran = async (node: ServiceProcess, number: number): Promise<Loose> => {
    const startedAt = new Date(Date.now() - 60_000).toISOString();
    const status = number % 4 === 0 ? 'failed' : 'passed';
    const results = ['pays', 'finds'].map((name) => ({ name, suite: 'shop', status, startedAt, durationMs: number }));
    const head = { project: 'board', externalId: `board-${number}`, branch: 'main', startedAt, finishedAt: startedAt };
    return send(node, 'POST', '/runs', { ...head, results });
  };
  const stateOf = async (node: ServiceProcess, dashboardId: string): Promise<DashboardState> => {
    const watcher = new BoardWatcher(node, dashboardId);
    await until(() => watcher.state !== undefined, 'a fresh snapshot');
    watcher.client.close();
    return watcher.state!;
  };
  const newestRuns = ({ widgets }: DashboardState): string[] =>
    (widgets.find(({ id }) => id === 'runs')!.data as Loose).items.map(({ runId }: Loose) => runId);
  const asOf = ({ widgets }: DashboardState): string => widgets.map((widget) => widget.asOf).join();

  it(
    'shows each run that is posted to either, in order, once, while a client is cut and one node is killed',
    async () => {
      const a = nodes[0]!;
      let b = nodes.at(-1)!;
      await ran(a, 0);
      const widgets = [
        { id: 'all', type: 'execution_summary' },
        { id: 'suites', type: 'suite_table' },
        { id: 'runs', type: 'recent_executions', options: { top: 5 } },
        { id: 'trend', type: 'trend_chart', options: { metrics: ['pass_rate'] } },
      ];
      const board = { name: 'Two nodes', widgets, filter: { projects: ['board'] } };
      const { dashboardId } = await send(a, 'POST', '/dashboards', board);
      const watchers = [b, b, a].map((node) => new BoardWatcher(node, dashboardId));
      await until(() => watchers.every(({ state }) => state !== undefined), 'snapshots');
      const shows = (runs: number) =>
        until(() => watchers.every((one) => one.executions.at(-1) === 2 * runs), `${runs}`);
      const posted: string[] = [];
      const runOn = async (node: ServiceProcess, number: number) => posted.unshift((await ran(node, number)).runId);
      for (let number = 1; number <= 20; number++) {
        await runOn(number % 5 === 0 ? b : a, number);
        if (number % 6 === 0) watchers[1]!.cut();
        if (number === 10) await shows(11);
      }
      await shows(21);
      const [onB, , onA] = watchers as [BoardWatcher, BoardWatcher, BoardWatcher];
      // who was not cut has had all of it by deltas alone
      expect([onB.snapshots, onA.snapshots]).toEqual([1, 1]);
      expect(onB.deltas).toBeGreaterThan(3);

      const { port } = new URL(b.origin);
      await b.end('SIGKILL');
      for (let number = 21; number <= 25; number++) await runOn(a, number);
      b = await start({ PORT: port });
      await runOn(b, 26);
      await shows(27);
      const [fresh, other] = [await stateOf(a, dashboardId), await stateOf(b, dashboardId)];
      expect(other).toEqual(fresh);
      expect(newestRuns(fresh)).toEqual(posted.slice(0, 5));
      for (const watcher of watchers) {
        await until(() => asOf(watcher.state!) === asOf(fresh), 'the same position');
        expect(watcher.state).toEqual(fresh);
        expect(watcher.wrong).toEqual([]);
        expect(ascending(watcher.executions)).toBe(true);
      }
    },
    PATIENCE_MS,
  );
});
