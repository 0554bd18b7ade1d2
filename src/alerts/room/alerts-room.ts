import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { may, type Principal } from '../auth/index.js';
import { Clock, DomainError, makeScope, mayTouchProject, type Scope } from '../common/index.js';
import { ProjectsService } from '../projects/index.js';
import { RealtimeRooms } from '../realtime/index.js';
import { AlertStatusService } from './alert-status.service.js';
import type { StoredAlert } from './domain/stored-alert.js';
import { AlertFeed } from './evaluation/alert-feed.js';
import { AlertDto } from './http/alert.dto.js';
import { AlertCountsDto, AlertStatusDto } from './http/status.dto.js';
import { toAlertDto, toStatusDto } from './http/status.mapper.js';
import { MutesService } from './notices/mutes.service.js';
import { OVERALL, type Overall } from './domain/status.js';

const KIND = 'alerts';
const SNAPSHOT_ALERTS = 200;

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
export class AlertsRoom implements OnModuleInit {
  private readonly logger = new Logger(AlertsRoom.name);

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
      snapshot: async (view) =>
        toStatusDto(await this.status.status(scopeOf(view), { project: view.project, limit: SNAPSHOT_ALERTS })),
    });
    this.feed.onChanged((alerts) => this.inBackground(this.publish(alerts)));
    this.feed.onMuted((organization) => this.inBackground(this.resync(organization)));
  }

  private async authorise(principal: Principal, project: string) {
    if (!may(principal, 'alerts:read'))
      throw new DomainError('forbidden', 'permission_missing', 'Your role may not read alerts');
    await this.projects.findByKey(principal.scope, project);
    const view: View = { organization: principal.organization, project, projects: principal.scope.projects };
    return { key: keyOf(view), context: view };
  }

  /** To every view that shows one of the alerts. The newest wins; an older version is left out by the room. */
  private async publish(alerts: readonly StoredAlert[]): Promise<void> {
    const views = await this.live();
    for (const [key, view] of views) {
      const shown = alerts.filter((alert) => isShown(alert, view));
      if (shown.length === 0) continue;
      const book = await this.mutes.book(view.organization, this.clock.now());
      for (const alert of shown) {
        const mute = book.of(alert);
        const data = toAlertDto({ alert, ...(mute && { mute }) });
        this.rooms.publishSoon(KIND, key, 'alert.changed', data, { entity: alert.alertId, version: alert.version });
      }
      const { overall, counts } = await this.status.status(scopeOf(view), { project: view.project, limit: 1 });
      this.rooms.publishSoon(KIND, key, 'alerts.counted', { overall, counts });
    }
  }

  /** A silence or inhibition rule has changed: what is suppressed may be anything. */
  private async resync(organization: string): Promise<void> {
    for (const [key, view] of await this.live())
      if (view.organization === organization) await this.rooms.resync(KIND, key);
  }

  /** Views with subscribers anywhere; none while Redis is away: they get a snapshot when it is back. */
  private async live(): Promise<[string, View][]> {
    return [...((await this.rooms.allLive(KIND)) ?? [])].map((key) => [key, viewOf(key)]);
  }

  private inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => this.logger.warn({ err: error }, 'the room of alerts could not be told'));
  }
}

const isShown = ({ organization, projects }: StoredAlert, view: View): boolean =>
  organization === view.organization &&
  projects.includes(view.project) &&
  projects.every((project) => mayTouchProject(scopeOf(view), project));
