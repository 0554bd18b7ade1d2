import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { Clock, DomainError, invalid, notFound } from '../common/index.js';
import { DashboardEvents } from './dashboard-events.js';
import { DashboardsService, viewerOf } from './dashboards.service.js';
import { mayOwn } from './domain/access.js';
import type { Dashboard } from './domain/dashboard.js';
import { hashOf, isShareToken, mintToken, type Share } from './domain/share.js';
import { SharesRepository } from './persistence/shares.repository.js';

const DAY_MS = 86_400_000;
export const LONGEST_SHARE_DAYS = 365;
export const DEFAULT_SHARE_DAYS = 30;

/** What a share link opens. */
export interface OpenedShare {
  readonly share: Share;
  readonly dashboard: Dashboard;
}

/** Links that show one dashboard to whoever holds them. */
@Injectable()
export class SharesService {
  constructor(
    private readonly shares: SharesRepository,
    private readonly dashboards: DashboardsService,
    private readonly events: DashboardEvents,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /** The token is in this answer and nowhere else. @throws DomainError 403 `not_your_dashboard`; 404; 422 */
  async create(
    principal: Principal,
    dashboardId: string,
    { name, expiresAt }: { readonly name: string; readonly expiresAt?: Date },
  ): Promise<{ readonly share: Share; readonly token: string }> {
    await this.dashboards.owned(principal, dashboardId);
    const now = this.clock.now();
    const end = expiresAt ?? new Date(now.getTime() + DEFAULT_SHARE_DAYS * DAY_MS);
    if (end <= now || end.getTime() - now.getTime() > LONGEST_SHARE_DAYS * DAY_MS)
      throw invalid('validation_failed', 'Some fields are not valid', [
        { pointer: '/expiresAt', detail: `must lie in the future, at most ${LONGEST_SHARE_DAYS} days ahead` },
      ]);
    const token = mintToken();
    const share = await this.shares.insert(
      {
        ...{ dashboardId, name },
        sharedBy: { subject: principal.subject, name: principal.name },
        scope: principal.scope,
        manages: viewerOf(principal).manages,
        createdAt: now,
        expiresAt: end,
      },
      hashOf(token),
    );
    await this.record(principal, 'dashboard.shared', share);
    return { share, token };
  }

  /** @throws DomainError 403 `not_your_dashboard`; 404 */
  async list(principal: Principal, dashboardId: string): Promise<Share[]> {
    await this.dashboards.owned(principal, dashboardId);
    return this.shares.list(principal.scope, dashboardId);
  }

  /** From now on the link opens nothing. @throws DomainError 403 `not_your_dashboard`; 404 */
  async revoke(principal: Principal, dashboardId: string, shareId: string): Promise<void> {
    await this.dashboards.owned(principal, dashboardId);
    const share = await this.shares.remove(principal.scope, dashboardId, shareId);
    if (!share) throw notFound('Share link');
    this.events.emit({ kind: 'unshared', dashboardId, shareId, organization: principal.organization });
    await this.record(principal, 'dashboard.share_revoked', share);
  }

  /**
   * Looked up each time: a link that was revoked, has expired, or whose maker may not share the dashboard any more opens
   * nothing. It shows what its maker could see when it was made, and nothing of a project that is gone since.
   * @throws DomainError 404, which does not say why
   */
  async open(token: string): Promise<OpenedShare> {
    const share = isShareToken(token) ? await this.shares.findByHash(hashOf(token)) : undefined;
    if (!share || share.expiresAt <= this.clock.now()) throw linkGone();
    return { share, dashboard: await this.shown(share) };
  }

  private async shown({ scope, sharedBy, manages, dashboardId }: Share): Promise<Dashboard> {
    const viewer = { scope, subject: sharedBy.subject, manages };
    const dashboard = await this.dashboards.find(viewer, dashboardId).catch((error: unknown) => {
      throw error instanceof DomainError && error.kind === 'not_found' ? linkGone() : error;
    });
    if (!mayOwn(viewer, dashboard)) throw linkGone();
    return dashboard;
  }

  private record(
    principal: Principal,
    action: string,
    { shareId, dashboardId, name, expiresAt }: Share,
  ): Promise<void> {
    return this.audit.record(principal, action, { type: 'dashboard', id: dashboardId }, { shareId, name, expiresAt });
  }
}

const linkGone = (): DomainError => notFound('Shared dashboard');
