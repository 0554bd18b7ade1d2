import { Injectable } from '@nestjs/common';
import { AuditService, may, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, mayTouchProject, notFound, type Page } from '../common/index.js';
import { ProjectsService } from '../projects/index.js';
import { readContent } from './content-reader.js';
import { DashboardEvents } from './dashboard-events.js';
import { maySee, mayEdit, mayOwn, type Viewer } from './domain/access.js';
import {
  type Dashboard,
  type DashboardAccess,
  type DashboardContent,
  type DashboardVersion,
  projectsNamed,
} from './domain/dashboard.js';
import { versionsIn } from './domain/etag.js';
import type { SaveContentDto, UpdateDashboardDto } from './http/save-dashboard.dto.js';
import { type DashboardSearch, DashboardsRepository } from './persistence/dashboards.repository.js';
import { SharesRepository } from './persistence/shares.repository.js';
import { VersionsRepository } from './persistence/versions.repository.js';

export const viewerOf = (principal: Principal): Viewer => ({
  scope: principal.scope,
  subject: principal.subject,
  manages: may(principal, 'dashboards:manage'),
});

type AccessInput = Pick<UpdateDashboardDto, 'visibility' | 'users' | 'editors' | 'project'>;

/** Dashboards as definitions: who may see and change which, version by version. */
@Injectable()
export class DashboardsService {
  constructor(
    private readonly dashboards: DashboardsRepository,
    private readonly versions: VersionsRepository,
    private readonly shares: SharesRepository,
    private readonly projects: ProjectsService,
    private readonly events: DashboardEvents,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * @param dashboardId only for what must always have the same id
   * @throws DomainError 404 for a project that is not there or not the caller's; 422 `validation_failed`
   */
  async create(
    principal: Principal,
    dto: SaveContentDto & AccessInput,
    action = 'dashboard.created',
    details: Readonly<Record<string, unknown>> = {},
    dashboardId?: string,
  ): Promise<Dashboard> {
    const now = this.clock.now();
    const content = await readContent(dto, undefined, now);
    const access = readAccess(dto, undefined);
    await this.checkProjects(principal, content, access);
    const dashboard = await this.dashboards.insert(
      principal.scope,
      { content, access, by: principal.subject, now },
      dashboardId,
    );
    await this.record(principal, action, dashboard, details);
    return dashboard;
  }

  /** @throws DomainError 404: not there, or not the caller's to see */
  async get(principal: Principal, dashboardId: string): Promise<Dashboard> {
    return this.find(viewerOf(principal), dashboardId);
  }

  /** @throws DomainError 404 */
  async find(viewer: Viewer, dashboardId: string): Promise<Dashboard> {
    const found = await this.dashboards.find(viewer.scope, dashboardId);
    if (!found || !maySee(viewer, found)) throw notFound('Dashboard');
    return found;
  }

  list(principal: Principal, search: DashboardSearch): Promise<Page<Dashboard>> {
    return this.dashboards.list(viewerOf(principal), search);
  }

  /**
   * Fields that are left out stay.
   * @throws DomainError 404; 403 `not_your_dashboard`; 412 `stale_version`; 422; 428 `if_match_missing`
   */
  async update(
    principal: Principal,
    dashboardId: string,
    ifMatch: string | undefined,
    dto: UpdateDashboardDto,
  ): Promise<Dashboard> {
    const before = await this.editable(principal, dashboardId, ifMatch);
    const access = readAccess(dto, before.access);
    if (changesAccess(before.access, access)) requireOwner(principal, before);
    const content = await readContent(dto, before.content, this.clock.now());
    const after = await this.replace(principal, before, content, access);
    await this.record(principal, 'dashboard.updated', after, { version: after.version, fields: Object.keys(dto) });
    return after;
  }

  /** The content of an older version becomes the newest one; who may see it stays. @throws as `update`; 404 */
  async restore(
    principal: Principal,
    dashboardId: string,
    version: number,
    ifMatch: string | undefined,
  ): Promise<Dashboard> {
    const before = await this.editable(principal, dashboardId, ifMatch);
    const older = await this.version(principal, dashboardId, version);
    const after = await this.replace(principal, before, older.content, before.access);
    await this.record(principal, 'dashboard.restored', after, { version: after.version, from: version });
    return after;
  }

  /** @throws DomainError 404; 403 `not_your_dashboard` */
  async remove(principal: Principal, dashboardId: string): Promise<void> {
    const dashboard = await this.get(principal, dashboardId);
    requireOwner(principal, dashboard);
    if (!(await this.dashboards.remove(principal.scope, dashboardId))) throw notFound('Dashboard');
    await this.shares.removeAll(principal.scope, dashboardId);
    await this.versions.removeAll(principal.scope, dashboardId);
    this.events.emit({ kind: 'deleted', dashboardId, organization: dashboard.organization });
    await this.record(principal, 'dashboard.deleted', dashboard);
  }

  /** The caller's own, private copy. @throws DomainError 404 */
  async clone(principal: Principal, dashboardId: string, name: string | undefined): Promise<Dashboard> {
    const { content } = await this.get(principal, dashboardId);
    const copy = await this.dashboards.insert(principal.scope, {
      content: { ...content, name: name ?? `${content.name.slice(0, 192)} (copy)` },
      access: { visibility: 'private', users: [], editors: [] },
      by: principal.subject,
      now: this.clock.now(),
    });
    await this.record(principal, 'dashboard.cloned', copy, { from: dashboardId });
    return copy;
  }

  /** Newest first, the present one included. @throws DomainError 404 */
  async versionsOf(
    principal: Principal,
    dashboardId: string,
    limit: number,
    before: number | undefined,
  ): Promise<{ readonly items: readonly DashboardVersion[]; readonly next: number | null }> {
    const dashboard = await this.get(principal, dashboardId);
    const present = presentVersion(dashboard);
    const first = before === undefined ? [present] : [];
    const older = await this.versions.list(principal.scope, dashboardId, before ?? present.version, limit + 1);
    const all = [...first, ...older];
    const items = all.slice(0, limit);
    const next = all.length > limit ? items.at(-1)!.version : null;
    return { items: items.filter((one) => seesVersion(principal, dashboard, one)), next };
  }

  /** @throws DomainError 404; also for a version that names a project which is not the caller's */
  async version(principal: Principal, dashboardId: string, version: number): Promise<DashboardVersion> {
    const dashboard = await this.get(principal, dashboardId);
    if (version === dashboard.version) return presentVersion(dashboard);
    const found = await this.versions.find(principal.scope, dashboardId, version);
    if (!found || !seesVersion(principal, dashboard, found)) throw notFound('Version of the dashboard');
    return found;
  }

  /** @throws DomainError 404; 403 `not_your_dashboard` */
  async owned(principal: Principal, dashboardId: string): Promise<Dashboard> {
    const dashboard = await this.get(principal, dashboardId);
    requireOwner(principal, dashboard);
    return dashboard;
  }

  private async editable(principal: Principal, dashboardId: string, ifMatch: string | undefined): Promise<Dashboard> {
    const dashboard = await this.get(principal, dashboardId);
    if (!mayEdit(viewerOf(principal), dashboard)) throw notYours();
    const versions = versionsIn(ifMatch);
    if (versions === undefined)
      throw new DomainError(
        'precondition_required',
        'if_match_missing',
        'Send the ETag of what you change as If-Match',
      );
    if (versions !== 'any' && !versions.includes(dashboard.version)) throw stale(dashboard);
    return dashboard;
  }

  /** One atomic update: of two editors at once one gets 412, and what the other replaced is a version. */
  private async replace(
    principal: Principal,
    before: Dashboard,
    content: DashboardContent,
    access: DashboardAccess,
  ): Promise<Dashboard> {
    await this.checkProjects(principal, content, access);
    await this.versions.keep(before);
    const revision = { content, access, by: principal.subject, now: this.clock.now() };
    const after = await this.dashboards.replace(principal.scope, before.dashboardId, before.version, revision);
    if (!after) throw stale(await this.get(principal, before.dashboardId));
    const { dashboardId, organization, version } = after;
    this.events.emit({ kind: 'changed', dashboardId, organization, version });
    return after;
  }

  private async checkProjects(principal: Principal, content: DashboardContent, access: DashboardAccess): Promise<void> {
    const named = projectsNamed(content, access);
    if (named.length === 0) return;
    const known = new Set((await this.projects.resolve(principal.scope)).map(({ key }) => key));
    const foreign = named.find((key) => !known.has(key));
    if (foreign !== undefined) throw notFound(`Project ${foreign}`);
  }

  private record(
    principal: Principal,
    action: string,
    { dashboardId, content, access }: Dashboard,
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const target = { type: 'dashboard', id: dashboardId, ...(access.project && { projectKey: access.project }) };
    return this.audit.record(principal, action, target, { name: content.name, ...details });
  }
}

/** A version of before may name projects that the present one does not. */
const seesVersion = ({ scope }: Principal, { access }: Dashboard, { content }: DashboardVersion): boolean =>
  projectsNamed(content, access).every((key) => mayTouchProject(scope, key));

const presentVersion = ({ version, content, updatedBy, updatedAt }: Dashboard): DashboardVersion => ({
  ...{ version, content },
  by: updatedBy,
  at: updatedAt,
});

const notYours = (): DomainError =>
  new DomainError(
    'forbidden',
    'not_your_dashboard',
    'It is the dashboard of somebody else, and you may only look at it',
  );

const requireOwner = (principal: Principal, dashboard: Dashboard): void => {
  if (!mayOwn(viewerOf(principal), dashboard)) throw notYours();
};

const stale = ({ version, updatedBy, updatedAt }: Dashboard): DomainError =>
  new DomainError('stale', 'stale_version', `The dashboard has been changed since: it is at version ${version}`, {
    extensions: { current: { version, updatedBy, updatedAt } },
  });

const changesAccess = (before: DashboardAccess, after: DashboardAccess): boolean =>
  JSON.stringify(before) !== JSON.stringify(after);

/** @throws DomainError 422 `validation_failed`: visibility project without a project */
const readAccess = (dto: AccessInput, before: DashboardAccess | undefined): DashboardAccess => {
  const visibility = dto.visibility ?? before?.visibility ?? 'private';
  const project = dto.project ?? before?.project;
  if (visibility === 'project' && project === undefined)
    throw invalid('validation_failed', 'Some fields are not valid', [
      { pointer: '/project', detail: 'is needed with visibility project' },
    ]);
  return {
    visibility,
    users: dto.users ?? before?.users ?? [],
    editors: dto.editors ?? before?.editors ?? [],
    ...(visibility === 'project' && project !== undefined && { project }),
  };
};
