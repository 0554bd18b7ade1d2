import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { may, type Principal } from '../../auth/index.js';
import { Clock, DomainError, makeScope, mayTouchProject, type Scope } from '../../common/index.js';
import { ProjectsService } from '../../projects/index.js';
import { RealtimeRooms } from '../../realtime/index.js';
import { type AlertsStatus, AlertStatusService, type AlertView, type StatusQuestion } from '../alert-status.service.js';
import { OVERALL, type Overall, VIEW_STATES } from '../domain/status.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { AlertFeed } from '../evaluation/alert-feed.js';
import { AlertDto } from '../http/alert.dto.js';
import { AlertCountsDto, AlertStatusDto } from '../http/status.dto.js';
import { toAlertDto, toStatusDto } from '../http/status.mapper.js';
import { MutesService } from '../notices/mutes.service.js';
import { ToldAlerts } from './told-alerts.js';

const KIND = 'alerts';
const SNAPSHOT_ALERTS = 200;
/** So often a node looks what has changed that nobody told: a silence that ended, a new figure, a process that was killed. */
const LOOK_MS = 5_000;

class AlertsCountedDto {
  @ApiProperty({ description: 'The worst level that is on', enum: OVERALL, example: 'critical' })
  overall: Overall;

  @ApiProperty({ description: 'By state and severity', type: AlertCountsDto })
  counts: AlertCountsDto;
}

interface View {
  readonly organization: string;
  readonly project: string;
  readonly projects: Scope['projects'];
}

const keyOf = ({ organization, project, projects }: View): string =>
  JSON.stringify([organization, project, projects === 'all' ? projects : [...projects].sort()]);

const viewOf = (key: string): View => {
  const [organization, project, projects] = JSON.parse(key) as [string, string, View['projects']];
  return { organization, project, projects };
};

/** The rights of a view, which its subscribers were found to have. */
const scopeOf = ({ organization, projects }: View): Scope => makeScope(organization, projects);

/** The room `alerts:{project}`: where the alerts of a project stand, and each change of them. */
@Injectable()
export class AlertsRoom implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(AlertsRoom.name);
  private readonly told = new ToldAlerts();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly feed: AlertFeed,
    private readonly status: AlertStatusService,
    private readonly mutes: MutesService,
    private readonly projects: ProjectsService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.rooms.register<View>({
      kind: KIND,
      description: 'Alerts of a project: what is on, and each change of it.',
      id: { name: 'project', description: 'Key of the project', example: 'demo' },
      state: {
        payload: AlertStatusDto,
        description: 'As GET /alerts/status answers for the project, at most 200 alerts',
      },
      messages: [
        { type: 'alert.changed', payload: AlertDto, description: 'An alert as it is now; it replaces the one before' },
        {
          type: 'alerts.counted',
          payload: AlertsCountedDto,
          description: 'The worst level and the counts as they are now',
        },
      ],
      authorise: (principal, project) => this.authorise(principal, project),
      snapshot: async (view) => {
        const status = await this.shown(view);
        // what one is shown now and the others are not shall not be forgotten when it is as before at the next look
        this.inBackground(this.bring(keyOf(view), view, status));
        return toStatusDto(status);
      },
    });
    this.feed.onChanged((alerts) => this.inBackground(this.publish(alerts)));
    this.feed.onMuted((organization) => this.inBackground(this.resync(organization)));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking = this.look().catch((error: unknown) =>
        this.logger.warn({ err: error }, 'the rooms of alerts could not be looked at; it is tried again'),
      );
    }, LOOK_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Brings what the rooms of this node's sockets have been told to where the alerts stand. */
  async look(): Promise<void> {
    const open = this.rooms.subscribed<View>(KIND);
    this.told.keepOnly(new Set(open.map(({ key }) => key)));
    for (const { key, context } of open) {
      const status = await this.shown(context);
      // a room whose log its subscribers came back to: what they know is not known here
      if (this.told.has(key)) await this.bring(key, context, status);
      else await this.rooms.resync(KIND, key);
    }
  }

  /** Tells a room what is new of it; the first one of it has a snapshot. */
  private async bring(key: string, view: View, status: AlertsStatus): Promise<void> {
    const news = this.told.learn(key, status);
    if (!news) return;
    const gone = news.gone.length > 0 ? await this.goneOf(view, news.gone) : [];
    if (news.isOther || gone.length < news.gone.length) return this.rooms.resync(KIND, key);
    for (const one of [...news.changed, ...gone]) this.tellOf(key, one);
    if (news.isCountedAnew) this.tellCounts(key, status);
  }

  /** Alerts that are not shown any more, as they are now; those that are not there any more are not in it. */
  private async goneOf(view: View, alertIds: readonly string[]): Promise<readonly AlertView[]> {
    return (await this.shown(view, { alertIds, states: VIEW_STATES })).items;
  }

  private shown({ project, ...view }: View, more: StatusQuestion = {}): Promise<AlertsStatus> {
    return this.status.status(scopeOf({ project, ...view }), { project, limit: SNAPSHOT_ALERTS, ...more });
  }

  /** The newest wins; a version that the room has had is left out by it. */
  private tellOf(key: string, view: AlertView): void {
    const { alertId, version } = view.alert;
    this.rooms.publishSoon(KIND, key, 'alert.changed', toAlertDto(view), { entity: alertId, version });
  }

  private tellCounts(key: string, { overall, counts }: AlertsStatus): void {
    this.rooms.publishSoon(KIND, key, 'alerts.counted', { overall, counts });
  }

  private async authorise(principal: Principal, project: string) {
    if (!may(principal, 'alerts:read'))
      throw new DomainError('forbidden', 'permission_missing', 'Your role may not read alerts');
    await this.projects.findByKey(principal.scope, project);
    const view: View = { organization: principal.organization, project, projects: principal.scope.projects };
    return { key: keyOf(view), context: view };
  }

  /** To every view that shows one of the alerts. */
  private async publish(alerts: readonly StoredAlert[]): Promise<void> {
    const views = await this.live();
    for (const [key, view] of views) {
      const shown = alerts.filter((alert) => isShown(alert, view));
      if (shown.length === 0) continue;
      const book = await this.mutes.book(view.organization, this.clock.now());
      for (const alert of shown) {
        const mute = book.of(alert);
        this.tellOf(key, { alert, ...(mute && { mute }) });
      }
      this.tellCounts(key, await this.shown(view, { limit: 1 }));
    }
  }

  /** A silence or inhibition rule has changed: what is suppressed may be anything. */
  private async resync(organization: string): Promise<void> {
    for (const [key, view] of await this.live())
      if (view.organization === organization) await this.rooms.resync(KIND, key);
  }

  /** Views with subscribers anywhere; none while Redis is away: they get a snapshot when it is back. */
  private async live(): Promise<[string, View][]> {
    const keys = await this.rooms.allLive(KIND);
    if (!keys) this.rooms.resyncAll(KIND);
    return [...(keys ?? [])].map((key) => [key, viewOf(key)]);
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.logger.warn({ err: error }, 'the room of alerts could not be told'));
  }
}

const isShown = ({ organization, projects }: StoredAlert, view: View): boolean =>
  organization === view.organization &&
  projects.includes(view.project) &&
  projects.every((project) => mayTouchProject(scopeOf(view), project));
