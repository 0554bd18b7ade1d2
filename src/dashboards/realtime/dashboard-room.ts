import { Injectable, type OnModuleInit } from '@nestjs/common';
import { may, type Principal } from '../../auth/index.js';
import { DomainError, notFound, type Plain, type Scope, scopeKey } from '../../common/index.js';
import { RealtimeRooms, type RoomDefinition, type RoomMessage, type RoomPlace } from '../../realtime/index.js';
import { BoardService, type Sight, unanswered } from '../board/board.service.js';
import { sightOf } from '../dashboard-answers.service.js';
import { DashboardsService, viewerOf } from '../dashboards.service.js';
import type { Dashboard } from '../domain/dashboard.js';
import { toBoardView } from '../http/dashboard.views.js';
import { DashboardsRepository } from '../persistence/dashboards.repository.js';
import { SharesService } from '../shares.service.js';
import { UserSettingsService } from '../user-settings.service.js';
import { forGuests } from '../widgets/for-guests.js';
import {
  DashboardChangedDto,
  DashboardDeletedDto,
  DashboardRoomDto,
  DashboardRoomOptionsDto,
  WidgetDataDto,
  WidgetsAsOfDto,
} from './room.dto.js';
import { RoomMemory } from './room-memory.js';

export const DASHBOARD_ROOM = 'dashboard';

export const DASHBOARD_DELETED = new DomainError('not_found', 'dashboard_deleted', 'The dashboard was deleted');

export interface DashboardContext {
  readonly key: string;
  readonly dashboardId: string;
  readonly scope: Scope;
  readonly sight: Sight;
  /** Behind a share link: no ways on. */
  readonly shared: boolean;
}

/** Keys of all rooms of a dashboard begin with this. */
export const keysOf = (dashboardId: string): string => `${dashboardId}|`;

const MESSAGES: readonly RoomMessage[] = [
  {
    type: 'widget:data',
    payload: WidgetDataDto,
    description: 'A widget has new figures, or an error in their place',
    example: { widgetId: 'about', data: { html: '<p>Hello</p>' }, range: null, asOf: 4712 },
  },
  {
    type: 'widget:as_of',
    payload: WidgetsAsOfDto,
    description: 'What has come in does not concern these widgets',
    example: { widgets: [{ widgetId: 'about', asOf: 4712 }] },
  },
  {
    type: 'dashboard:changed',
    payload: DashboardChangedDto,
    description: 'Somebody has changed the dashboard; a fresh snapshot follows',
    example: { version: 4 },
  },
  {
    type: 'dashboard:deleted',
    payload: DashboardDeletedDto,
    description: 'The dashboard is gone, and with it the room',
    example: { dashboardId: '6650c0ffee6650c0ffee0004' },
  },
];

/** The rooms `dashboard:{dashboardId}`: who may be in them, and what they show. */
@Injectable()
export class DashboardRoom implements RoomDefinition<DashboardContext>, OnModuleInit {
  readonly kind = DASHBOARD_ROOM;
  readonly description =
    'A dashboard with its figures. A run that comes in brings the widgets anew that it can change, at most four times a second. ' +
    'Each resolved scope and zone has a room of its own. Needs dashboards:read, or the token of a share link in `auth.share`.';
  readonly id = { name: 'dashboardId', description: 'Id of the dashboard', example: '6650c0ffee6650c0ffee0004' };
  readonly options = DashboardRoomOptionsDto;
  readonly state = { payload: DashboardRoomDto, description: 'The dashboard as it is now' };
  readonly messages = MESSAGES;
  readonly memory = new RoomMemory();
  /** Tokens of share links by whom they let in; nobody else can be one of them. */
  private readonly guests = new WeakMap<Principal, string>();

  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly repository: DashboardsRepository,
    private readonly dashboards: DashboardsService,
    private readonly shares: SharesService,
    private readonly settings: UserSettingsService,
    private readonly boards: BoardService,
  ) {}

  onModuleInit(): void {
    this.rooms.register(this);
    this.rooms.admitGuests('share', async (token) => {
      const { share, dashboard } = await this.shares.open(token).catch((error: unknown) => {
        throw error instanceof DomainError && error.kind === 'not_found' ? linkInvalid() : error;
      });
      const principal: Principal = {
        subject: `share:${share.shareId}`,
        name: share.name,
        organization: share.scope.organization,
        roles: [],
        permissions: new Set(['dashboards:read', 'realtime:subscribe']),
        projects: share.scope.projects,
        kind: 'user',
        scope: share.scope,
        tokenExpiresAt: share.expiresAt,
      };
      this.guests.set(principal, token);
      return { principal, rooms: [`${DASHBOARD_ROOM}:${dashboard.dashboardId}`], id: share.shareId };
    });
  }

  async authorise(
    principal: Principal,
    dashboardId: string,
    { timeZone }: DashboardRoomOptionsDto,
  ): Promise<RoomPlace<DashboardContext>> {
    if (!may(principal, 'dashboards:read'))
      throw new DomainError('forbidden', 'permission_missing', 'This needs the permission dashboards:read');
    const token = this.guests.get(principal);
    if (token === undefined) await this.dashboards.find(viewerOf(principal), dashboardId);
    else if ((await this.shares.open(token)).dashboard.dashboardId !== dashboardId) throw notFound('Dashboard');
    const preferred = token === undefined ? (await this.settings.of(principal)).preferences.timeZone : undefined;
    const sight = sightOf(principal.scope, timeZone, preferred);
    const shared = token !== undefined;
    const parts = [
      scopeKey(principal.scope),
      sight.timeZone,
      sight.fixedZone ? 'fixed' : 'own',
      shared ? 'shared' : 'full',
    ];
    const key = `${keysOf(dashboardId)}${parts.join('|')}`;
    return { key, context: { key, dashboardId, scope: principal.scope, sight, shared } };
  }

  async snapshot(context: DashboardContext): Promise<Plain<DashboardRoomDto>> {
    const { key, scope, dashboardId, sight, shared } = context;
    const dashboard = await this.repository.find(scope, dashboardId);
    if (!dashboard) throw notFound('Dashboard');
    const { planned } = await this.boards.plan(sight, dashboard);
    this.memory.begin(key, dashboard.version, planned);
    const states = await this.boards.compute(sight, planned);
    this.memory.unlearn(key, unanswered(states));
    const view = viewOf(dashboard, toBoardView(dashboard, states, sight.timeZone));
    return shared ? forGuests(view) : view;
  }

  async endedBecause({ dashboardId }: DashboardContext): Promise<DomainError | undefined> {
    return (await this.repository.versionsOf([dashboardId])).has(dashboardId) ? undefined : DASHBOARD_DELETED;
  }
}

const viewOf = (
  { dashboardId, version, content }: Dashboard,
  board: ReturnType<typeof toBoardView>,
): Plain<DashboardRoomDto> => ({
  ...{ dashboardId, version },
  name: content.name,
  description: content.description ?? null,
  ...board,
});

const linkInvalid = (): DomainError =>
  new DomainError('forbidden', 'link_invalid', 'This link is not valid or no longer valid');
