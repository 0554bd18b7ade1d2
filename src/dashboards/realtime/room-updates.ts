import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Clock, systemScope } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { type Commit, CommitFollowers, CommitLog, type RunRecord, RunsRepository } from '../../executions/index.js';
import { compileFilter } from '../../metrics/index.js';
import { type LocalRoom, RealtimeRooms, type RoomUpdate } from '../../realtime/index.js';
import {
  BoardService,
  type Planned,
  type PlannedWidget,
  unanswered,
  type WidgetState,
} from '../board/board.service.js';
import { type DashboardEvent, DashboardEvents } from '../dashboard-events.js';
import { touches } from '../domain/touches.js';
import { DashboardsRepository } from '../persistence/dashboards.repository.js';
import { toWidgetView } from '../http/dashboard.views.js';
import { forGuests } from '../widgets/for-guests.js';
import { DASHBOARD_DELETED, DASHBOARD_ROOM, type DashboardContext, DashboardRoom, keysOf } from './dashboard-room.js';
import type { Turn } from './room-memory.js';

type Room = LocalRoom<DashboardContext>;

/** So often a node looks for what no commit tells: a new day, an alert, a change that another node could not tell. */
const LOOK_MS = 5_000;
const EPOCH_MS = Date.UTC(2026, 0, 1);
/** Looks within one commit's turn; 16 years of them. */
const LOOKS = 1e8;

/** Keeps the rooms of dashboards up to date. Each node asks for the rooms of its own sockets, one of them does the work. */
@Injectable()
export class DashboardRoomUpdates implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(DashboardRoomUpdates.name);
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  /** Newest position whose commits this node has noted. */
  private followed: number | undefined;
  private unsubscribe = (): void => undefined;

  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly room: DashboardRoom,
    private readonly repository: DashboardsRepository,
    private readonly boards: BoardService,
    private readonly events: DashboardEvents,
    private readonly followers: CommitFollowers,
    private readonly log: CommitLog,
    private readonly runs: RunsRepository,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.role === 'worker') return;
    this.unsubscribe = this.events.on((event) => this.tell(event));
    this.followers.watch('dashboard-rooms', (commits) => this.follow(commits));
    this.timer = setInterval(() => {
      this.looking = this.look().catch((error: unknown) =>
        this.logger.warn({ err: error }, 'the rooms of dashboards could not be looked at; it is tried again'),
      );
    }, LOOK_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.unsubscribe();
    clearInterval(this.timer);
    await this.looking;
  }

  /** What no commit tells; also a sweep after hints that were lost. */
  async look(): Promise<void> {
    const open = this.remembered();
    if (open.length === 0) return;
    // only up to what this node has noted: what it has not would count as done
    const last = this.followed ?? (await this.log.last());
    const versions = await this.repository.versionsOf(open.map(({ context }) => context.dashboardId));
    for (const { key, context } of open) {
      const version = versions.get(context.dashboardId);
      if (version === undefined) await this.gone(key, context.dashboardId);
      else this.seeTo({ key, context }, last + this.looks() / LOOKS);
    }
  }

  private open(): readonly Room[] {
    return this.rooms.subscribed<DashboardContext>(DASHBOARD_ROOM);
  }

  /** The open rooms; what is remembered of others is let go, since no commit is noted for them. */
  private remembered(): readonly Room[] {
    const open = this.open();
    this.room.memory.keepOnly(new Set(open.map(({ key }) => key)));
    return open;
  }

  private looks(): number {
    return Math.floor((this.clock.now().getTime() - EPOCH_MS) / LOOK_MS);
  }

  private follow(commits: readonly Commit[]): void {
    this.followed = commits.at(-1)?.position ?? this.followed;
    for (const room of this.remembered()) {
      const own = commits.filter(({ organization }) => organization === room.context.scope.organization);
      const newest = own.at(-1);
      if (!newest) continue;
      this.room.memory.note(room.key, own);
      this.seeTo(room, newest.position);
    }
  }

  private seeTo({ key, context }: Room, position: number): void {
    this.rooms.seeTo(DASHBOARD_ROOM, key, position, () => this.updatesOf(key, context));
  }

  /** What has changed for the room, as of now. */
  private async updatesOf(key: string, context: DashboardContext): Promise<readonly RoomUpdate[]> {
    const { memory } = this.room;
    const turn = memory.take(key);
    try {
      return await this.updatesIn(turn, key, context);
    } catch (error) {
      memory.giveBack(key, turn);
      throw error;
    }
  }

  private async updatesIn(
    { commits, everything }: Turn,
    key: string,
    context: DashboardContext,
  ): Promise<readonly RoomUpdate[]> {
    const { memory } = this.room;
    const dashboard = await this.repository.find(context.scope, context.dashboardId);
    if (!dashboard) {
      await this.gone(key, context.dashboardId);
      return [];
    }
    const known = memory.versionOf(key);
    const { planned } = await this.boards.plan(context.sight, dashboard);
    if (known !== undefined && known !== dashboard.version) {
      memory.learn(key, dashboard.version, planned);
      await this.changed(key, dashboard.version);
      return [];
    }
    const runs = await this.runsOf(commits);
    const asked = new Set(planned.filter((one) => everything || memory.isNew(key, one)).map(({ widget }) => widget.id));
    const isTouched = (one: Planned): boolean =>
      asked.has(one.widget.id) || (!('error' in one) && commits.some((commit) => canTouch(one, commit, runs)));
    const [touched, rest] = [planned.filter(isTouched), planned.filter((one) => !isTouched(one))];
    const looks = this.looks();
    const states = await this.boards.compute(context.sight, touched);
    memory.learn(key, dashboard.version, planned);
    memory.unlearn(key, unanswered(states));
    return [...states.map((state) => dataOf(state, context, looks, asked.has(state.widget.id))), ...asOfOf(rest)];
  }

  private async runsOf(commits: readonly Commit[]): Promise<ReadonlyMap<string, RunRecord>> {
    const ids = [...new Set(commits.flatMap(({ runId }) => runId ?? []))];
    const organization = commits[0]?.organization;
    if (ids.length === 0 || organization === undefined) return new Map();
    const found = await this.runs.findMany(systemScope(organization), ids);
    return new Map(found.map((run) => [run.runId, run]));
  }

  /** Something was done to a dashboard in this process. */
  private async tell(event: DashboardEvent): Promise<void> {
    if (event.kind === 'unshared') return this.rooms.revoke('share', event.shareId);
    const all = (await this.rooms.allLive(DASHBOARD_ROOM)) ?? new Set(this.open().map(({ key }) => key));
    for (const key of all) {
      if (!key.startsWith(keysOf(event.dashboardId))) continue;
      if (event.kind === 'deleted') await this.gone(key, event.dashboardId);
      else {
        // first who may still be in it, then what it holds
        await this.rooms.reauthorise(DASHBOARD_ROOM, key);
        await this.changed(key, event.version);
      }
    }
  }

  private async changed(key: string, version: number): Promise<void> {
    await this.rooms.publish(DASHBOARD_ROOM, key, 'dashboard:changed', { version });
    await this.rooms.resync(DASHBOARD_ROOM, key);
  }

  private async gone(key: string, dashboardId: string): Promise<void> {
    await this.rooms.publish(DASHBOARD_ROOM, key, 'dashboard:deleted', { dashboardId });
    await this.rooms.drop(DASHBOARD_ROOM, key, DASHBOARD_DELETED);
  }
}

/**
 * @param isNew it is another question than before (a new day, other projects): its position need not be newer
 */
const dataOf = (state: WidgetState, { shared }: DashboardContext, looks: number, isNew: boolean): RoomUpdate => {
  const { id: widgetId, data, error, range, asOf } = toWidgetView(state);
  const update = { widgetId, ...(data && { data }), ...(error && { error }), range, asOf };
  return {
    type: 'widget:data',
    entity: widgetId,
    // an older state that comes late, from a node that was held up, is left out
    ...(!isNew && asOf !== null && { version: asOf * LOOKS + looks }),
    data: shared ? forGuests(update) : update,
  };
};

const canTouch = (planned: PlannedWidget, commit: Commit, runs: ReadonlyMap<string, RunRecord>): boolean =>
  touches(
    {
      reach: planned.type.reach,
      filter: compileFilter(planned.filter),
      projectIds: planned.projectIds,
      range: planned.range,
    },
    commit,
    commit.runId === undefined ? undefined : runs.get(commit.runId),
  );

/** Untouched widgets stand for the newer position, too. */
const asOfOf = (rest: readonly Planned[]): RoomUpdate[] => {
  const widgets = rest.flatMap((one) => ('error' in one ? [] : [{ widgetId: one.widget.id, asOf: one.asOf }]));
  return widgets.length === 0 ? [] : [{ type: 'widget:as_of', data: { widgets } }];
};
