import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { Socket } from 'socket.io-client';
import { applyToDashboard, type DashboardDelta, type DashboardState } from '../../clients/realtime/src/index.js';
import { RoomSequence } from '../../clients/realtime/src/room-sequence.js';
import { DashboardRoomUpdates } from '../../src/dashboards/realtime/room-updates.js';
import { findWidgetType } from '../../src/dashboards/widgets/widget-types.js';
import { CommitLog } from '../../src/executions/index.js';
import { RealtimeRooms } from '../../src/realtime/index.js';
import { RoomWork } from '../../src/realtime/publish/room-work.js';
import { ask, collect, connected, feedRead, socketTo, until } from '../realtime/support.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { aRun, create, daysAgo, ok, seed } from './support.js';

jest.setTimeout(300_000);

let api: TestApp;
const open: Socket[] = [];
let runs = 1000;

/** What of the service works by itself, as far as a test has to wait for it. */
interface Inner {
  timer?: NodeJS.Timeout;
  readonly followed?: number;
}
const inner = (): Inner => api.app.get<unknown, Inner>(DashboardRoomUpdates, { strict: false });
const look = (): Promise<void> => api.app.get(DashboardRoomUpdates, { strict: false }).look();
const rooms = (): RealtimeRooms => api.app.get(RealtimeRooms, { strict: false });
const roomsAtWork = (): number =>
  api.app.get<unknown, { readonly running: ReadonlySet<unknown> }>(RoomWork, { strict: false }).running.size;

/** All commits so far have come to the rooms. */
const followed = async (): Promise<void> => {
  const last = await api.app.get(CommitLog, { strict: false }).last();
  await until(() => (inner().followed ?? -1) >= last, 'the commits followed');
};

/** Nobody is in a room, and none is worked on: what a test does then nobody does before it. */
const quiet = async (): Promise<void> => {
  await followed();
  await until(() => rooms().subscribed('dashboard').length === 0 && roomsAtWork() === 0, 'quiet');
};

beforeAll(async () => {
  api = await startApp();
  // a look that comes while somebody joins gives him all figures once more
  clearInterval(inner().timer);
  await feedRead(api);
  await seed(api, 4);
});
beforeEach(() => quiet());
afterEach(() => open.splice(0).forEach((socket) => socket.disconnect()));
afterAll(() => api.close());

const connect = async (auth?: Loose): Promise<Socket> => {
  const socket = socketTo(api.origin, auth ?? { token: await api.token() });
  open.push(socket);
  const refused = await connected(socket);
  if (refused) throw refused;
  return socket;
};

const subscribe = async (socket: Socket, room: string, more: object = {}): Promise<Loose> =>
  ask(socket, 'subscribe', { room, ...more });

/** A client that does as the documents say: deltas in order, and a new snapshot when it is told to. */
class Follower {
  state!: DashboardState;
  readonly deltas: DashboardDelta[] = [];
  private asks: Promise<void> = Promise.resolve();
  private readonly sequence = new RoomSequence({
    onSnapshot: (snapshot) => void (this.state = snapshot as DashboardState),
    onDelta: (delta) => this.take(delta as DashboardDelta),
  });

  private constructor(
    private readonly socket: Socket,
    private readonly room: string,
  ) {}

  static async of(socket: Socket, dashboardId: string): Promise<Follower> {
    const follower = new Follower(socket, `dashboard:${dashboardId}`);
    socket.on('delta', (delta: DashboardDelta) => follower.sequence.take(delta) === 'subscribe' && follower.again());
    socket.on('resync', () => follower.again());
    await follower.ask();
    return follower;
  }

  typesOf(widgetId: string): string[] {
    return this.deltas.flatMap((delta) =>
      (delta.type === 'widget:data' && delta.data.widgetId === widgetId) ||
      (delta.type === 'widget:as_of' && delta.data.widgets.some((widget) => widget.widgetId === widgetId))
        ? [delta.type]
        : [],
    );
  }

  private take(delta: DashboardDelta): void {
    this.deltas.push(delta);
    this.state = applyToDashboard(this.state, delta);
  }

  /** A socket that the test has ended answers nothing any more; a state that stays behind fails the comparison. */
  private again(): void {
    void this.ask().catch(() => undefined);
  }

  private ask(): Promise<void> {
    this.asks = this.asks.then(async () => {
      const answer = await subscribe(this.socket, this.room, this.sequence.ask());
      if (!answer.problem && this.sequence.answer(answer) === 'subscribe') this.again();
    });
    return this.asks;
  }
}

const fresh = async (dashboardId: string): Promise<DashboardState> => {
  const socket = await connect();
  const { snapshot } = await subscribe(socket, `dashboard:${dashboardId}`);
  socket.disconnect();
  return snapshot;
};

const textOf = (value: unknown): string => JSON.stringify(sorted(value));

/** In the end it shows what a fresh snapshot does, and what is computed anew. Totals may be told a moment after their commit. */
const isFresh = async (follower: Follower, dashboardId: string): Promise<void> => {
  const path = `/dashboards/${dashboardId}?forceRefresh=true`;
  let wanted: DashboardState | undefined;
  let forced: Loose;
  await until(async () => {
    await look();
    [wanted, forced] = [await fresh(dashboardId), (await ok(api.get(path))).widgets];
    return textOf(follower.state) === textOf(wanted) && textOf(follower.state.widgets) === textOf(forced);
  }, 'the same as a fresh snapshot').catch(() => undefined);
  expect(follower.state).toEqual(wanted);
  expect(follower.state.widgets).toEqual(forced);
};

const post = (more: object = {}): Promise<Loose> => {
  const i = runs++;
  return ok(api.post('/runs', aRun(i, daysAgo(0.2), more as Record<string, unknown>)));
};

const BOARD = {
  widgets: [
    { id: 'all', type: 'execution_summary' },
    { id: 'main', type: 'suite_table', filter: { branches: ['main'] } },
    { id: 'feature', type: 'suite_table', filter: { branches: ['feature/*'] } },
    { id: 'api', type: 'status_breakdown', filter: { projects: ['api'] } },
    { id: 'past', type: 'execution_summary', filter: { timeRange: { from: '2001-01-01', to: '2001-02-01' } } },
    { id: 'runs', type: 'recent_executions', options: { top: 3 }, filter: { projects: ['web'] } },
    { id: 'live', type: 'live_run' },
    { id: 'flaky', type: 'flaky_tests' },
    { id: 'quality', type: 'metric_number', options: { metric: 'quality_score' } },
    { id: 'trend', type: 'trend_chart', options: { metrics: ['pass_rate'] } },
    { id: 'alerts', type: 'alert_status' },
    { id: 'note', type: 'text', options: { markdown: 'x' } },
  ],
};

describe('the room of a dashboard', () => {
  it('gives its figures, and only the widgets anew that a run can change', async () => {
    const { dashboardId } = await create(api, BOARD);
    const follower = await Follower.of(await connect(), dashboardId);
    const rest = (await api.get(`/dashboards/${dashboardId}`)).body;
    const { widgets, layout, filter, version, name, timeZone } = follower.state;
    expect({ widgets, layout, filter, version, name, timeZone }).toEqual({
      widgets: rest.widgets,
      layout: rest.layout,
      filter: {},
      version: 1,
      name: 'Board',
      timeZone: 'UTC',
    });
    await post({ branch: 'main' });
    await until(() => follower.typesOf('all').includes('widget:data'), 'a delta');
    await until(() => follower.typesOf('past').length > 0, 'what is not touched');
    for (const id of ['all', 'main', 'runs', 'live', 'flaky', 'trend'])
      expect([id, follower.typesOf(id)[0]]).toEqual([id, 'widget:data']);
    for (const id of ['feature', 'past', 'api', 'note'])
      expect([id, new Set(follower.typesOf(id))]).toEqual([id, new Set(['widget:as_of'])]);
    await isFresh(follower, dashboardId);
  });

  it('shows what it would show afresh after any sequence of changes', async () => {
    const aChange = fc.oneof(
      fc.record({
        do: fc.constant('run'),
        project: fc.constantFrom('web', 'api'),
        branch: fc.constantFrom('main', 'feature/x', undefined),
      }),
      fc.constant({ do: 'live' }),
      fc.constant({ do: 'delete' }),
      fc.constant({ do: 'rename' }),
      fc.constant({ do: 'team' }),
      fc.record({ do: fc.constant('wait'), ms: fc.integer({ min: 0, max: 300 }) }),
    );
    const posted: string[] = [];
    const act = async (change: Loose, dashboardId: string): Promise<void> => {
      if (change.do === 'run') posted.push((await post({ project: change.project, branch: change.branch })).runId);
      else if (change.do === 'delete' && posted.length > 0) await api.request('DELETE', `/runs/${posted.pop()!}`);
      else if (change.do === 'rename')
        await ok(
          api.request(
            'PUT',
            `/dashboards/${dashboardId}`,
            { name: `n${runs++}`, widgets: BOARD.widgets.toReversed() },
            { headers: { 'if-match': '*' } },
          ),
        );
      else if (change.do === 'team') await ok(api.request('PATCH', '/projects/api', { team: `t${runs++}` }));
      else if (change.do === 'wait') await new Promise((resolve) => setTimeout(resolve, change.ms));
      else if (change.do === 'live') {
        const { runId } = await ok(api.post('/runs', { project: 'web', externalId: `live-${runs++}`, branch: 'main' }));
        await ok(api.post(`/runs/${runId}/results`, { results: [{ name: 'test 3', status: 'failed' }] }));
        await ok(api.post(`/runs/${runId}/finish`, {}));
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(aChange, { minLength: 1, maxLength: 6 }), async (changes) => {
        const { dashboardId } = await create(api, BOARD);
        const follower = await Follower.of(await connect(), dashboardId);
        for (const change of changes) await act(change, dashboardId);
        await isFresh(follower, dashboardId);
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('is split by what its subscribers may see', async () => {
    const { dashboardId } = await create(api, { visibility: 'organization' });
    const whole = await Follower.of(await connect(), dashboardId);
    const confined = await Follower.of(
      await connect({ token: await api.token({ sub: 'bob', roles: ['viewer'], projects: ['api'] }) }),
      dashboardId,
    );
    const executions = ({ state }: Follower): number => (state.widgets[0]!.data as Loose).totals.executions;
    expect(executions(confined)).toBeLessThan(executions(whole));
    const before = executions(confined);
    await post({ project: 'web' });
    await until(() => whole.deltas.length > 0, 'a delta');
    await post({ project: 'api' });
    await until(() => executions(confined) === before + 12, 'the run of its own project');
    expect(confined.deltas.filter(({ type }) => type === 'widget:data')).toHaveLength(1);
    const tokyo = await subscribe(await connect(), `dashboard:${dashboardId}`, { options: { timeZone: 'Asia/Tokyo' } });
    expect(tokyo.snapshot.widgets[0].range.timeZone).toBe('Asia/Tokyo');
    expect(
      (await subscribe(await connect(), `dashboard:${dashboardId}`, { options: { timeZone: 'x' } })).problem.status,
    ).toBe(422);
  });

  it('is closed to those who may not see the dashboard', async () => {
    const { dashboardId } = await create(api);
    const problemOf = async (claims: Loose): Promise<Loose> =>
      (await subscribe(await connect({ token: await api.token(claims) }), `dashboard:${dashboardId}`)).problem;
    expect(await problemOf({ org: 'rival' })).toMatchObject({ status: 404 });
    expect(await problemOf({ sub: 'eve', roles: ['viewer'] })).toMatchObject({ status: 404 });
    expect((await subscribe(await connect(), 'dashboard:nonsense')).problem.status).toBe(404);
  });

  it('tells of changes, puts out who may not stay, and ends with the dashboard', async () => {
    const { dashboardId } = await create(api, { visibility: 'organization' });
    const path = `/dashboards/${dashboardId}`;
    const follower = await Follower.of(await connect(), dashboardId);
    const bobs = await connect({ token: await api.token({ sub: 'bob', roles: ['viewer'] }) });
    await Follower.of(bobs, dashboardId);
    const put = (body: object) => ok(api.request('PUT', path, body, { headers: { 'if-match': '*' } }));
    await put({ name: 'New' });
    const types = (): string[] => follower.deltas.map(({ type }) => type);
    await until(() => follower.state.name === 'New' && types().includes('dashboard:changed'), 'the new name');
    const dropped = collect(bobs, 'room:dropped');
    await put({ visibility: 'private' });
    await until(() => dropped.length > 0, 'bob put out');
    expect(dropped[0].problem.status).toBe(404);
    const ended = collect(open[0]!, 'room:dropped');
    expect((await api.request('DELETE', path)).status).toBe(204);
    await until(() => ended.length > 0, 'the end');
    expect(ended[0].problem.code).toBe('dashboard_deleted');
  });

  it('tells that the dashboard is gone to whom it looks at before the deletion is told', async () => {
    const { dashboardId } = await create(api);
    await Follower.of(await connect(), dashboardId);
    const ended = collect(open[0]!, 'room:dropped');
    const { collection } = await import('../executions/support.js');
    const { Types } = await import('mongoose');
    await collection(api, 'Dashboard').deleteOne({ _id: new Types.ObjectId(dashboardId as string) });
    for (const { key } of rooms().subscribed('dashboard')) await rooms().reauthorise('dashboard', key);
    await until(() => ended.length > 0, 'the end');
    expect(ended[0].problem.code).toBe('dashboard_deleted');
  });

  it('brings what came in while its only viewer was cut off', async () => {
    const { dashboardId } = await create(api);
    const room = `dashboard:${dashboardId}`;
    const first = await connect();
    const { epoch, seq, snapshot } = await subscribe(first, room);
    const executions = ({ totals }: Loose): number => totals.executions;
    first.disconnect();
    await until(
      () =>
        rooms()
          .subscribed('dashboard')
          .every(({ key }) => !key.startsWith(dashboardId)),
      'an empty room',
    );
    await post();
    // soon enough for the room to be known still
    await followed();
    const second = await connect();
    const deltas = collect(second, 'delta');
    expect(await subscribe(second, room, { epoch, lastSeq: seq })).toMatchObject({ deltas: [] });
    await look();
    await until(() => deltas.some(({ type }) => type === 'widget:data'), 'the figures');
    const { data } = deltas.find(({ type }) => type === 'widget:data')!.data;
    expect(executions(data)).toBe(executions(snapshot.widgets[0].data) + 12);
  });

  it('asks again for a widget that failed for now, over REST as well', async () => {
    const failing = (): void =>
      void jest.spyOn(findWidgetType('execution_summary')!, 'compute').mockRejectedValueOnce(new Error('for now'));
    const options = { filter: { branches: ['main'] } };
    const { dashboardId } = await create(api, { widgets: [{ id: 'a', type: 'execution_summary', ...options }] });
    const path = `/dashboards/${dashboardId}`;
    await post({ branch: 'main' });
    await quiet();
    failing();
    const broken = await api.get(path);
    expect(broken.body.widgets[0].error).toMatchObject({ code: 'internal', retryable: true });
    const headers = (answer: Loose) => ({ headers: { 'if-none-match': String(answer.headers.get('etag')) } });
    const whole = await api.get(path, headers(broken));
    expect([whole.status, whole.body.widgets[0].error]).toEqual([200, undefined]);
    expect((await api.get(path, headers(whole))).status).toBe(304);
    const failed = await api.request(
      'PUT',
      path,
      { name: 'N' },
      { headers: { 'if-match': broken.headers.get('etag')! } },
    );
    expect(failed.status).toBe(200);

    await post({ branch: 'main' });
    await quiet();
    failing();
    const follower = await Follower.of(await connect(), dashboardId);
    expect(follower.state.widgets[0]!.error).toMatchObject({ code: 'internal' });
    await look();
    await until(() => follower.state.widgets[0]!.data !== undefined, 'its figures');
    expect(follower.state.widgets[0]!.error).toBeUndefined();
  });

  it('finds a change that nobody told of', async () => {
    const { dashboardId } = await create(api);
    const follower = await Follower.of(await connect(), dashboardId);
    const { collection } = await import('../executions/support.js');
    const { Types } = await import('mongoose');
    const dashboards = collection(api, 'Dashboard');
    const _id = new Types.ObjectId(dashboardId as string);
    const stored = await dashboards.findOne({ _id });
    const content = JSON.stringify({ ...JSON.parse(stored!.content as string), name: 'Told by nobody' });
    await dashboards.updateOne({ _id }, { $set: { content, v: 2 } });
    await look();
    await until(() => follower.state.name === 'Told by nobody', 'the change');
  });
});

describe('a share link', () => {
  it('opens the room of its dashboard, without ways on, and dies at once', async () => {
    const { dashboardId } = await create(api);
    const other = await create(api);
    const { token, shareId } = await ok(api.post(`/dashboards/${dashboardId}/shares`, { name: 'hall' }));
    const socket = await connect({ share: token });
    const follower = await Follower.of(socket, dashboardId);
    expect(JSON.stringify(follower.state)).not.toMatch(/"href":"/);
    await post();
    await until(() => follower.deltas.length > 0, 'a delta');
    expect(JSON.stringify(follower.deltas)).not.toMatch(/"href":"/);
    expect((await subscribe(socket, `dashboard:${other.dashboardId}`)).problem.status).toBe(404);
    expect((await api.request('DELETE', `/dashboards/${dashboardId}/shares/${shareId}`)).status).toBe(204);
    await until(() => !socket.connected, 'the socket ended');
    await expect(connect({ share: token })).rejects.toMatchObject({ data: { status: 403, code: 'link_invalid' } });
  });
});

/** Equal states, equal texts. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, member]) => [name, sorted(member)]),
        )
      : value;
