import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { type Plain } from '../common/index.js';
import { BoardService, type Sight, unanswered, type WidgetState } from './board/board.service.js';
import { viewerOf } from './dashboards.service.js';
import type { Dashboard } from './domain/dashboard.js';
import { etagOf, isUnchanged } from './domain/etag.js';
import type { DashboardDto, SharedDashboardDto } from './http/dashboard.dto.js';
import { toBoardView, toDashboardView } from './http/dashboard.views.js';
import type { OpenedShare } from './shares.service.js';
import { UserSettingsService } from './user-settings.service.js';
import { forGuests } from './widgets/for-guests.js';

export interface Look {
  /** Holds against whatever the dashboard says. */
  readonly timeZone?: string;
  readonly widgets?: readonly string[];
  readonly forceRefresh?: boolean;
  readonly ifNoneMatch?: string;
}

export interface Answer<T> {
  readonly etag: string;
  /** undefined: it is the one that If-None-Match names. */
  readonly body?: T;
}

const DEFAULT_ZONE = 'UTC';

/** Dashboards with the data of their widgets. */
@Injectable()
export class DashboardAnswers {
  constructor(
    private readonly boards: BoardService,
    private readonly settings: UserSettingsService,
  ) {}

  async of(principal: Principal, dashboard: Dashboard, look: Look = {}): Promise<Answer<Plain<DashboardDto>>> {
    const { favourites, preferences } = await this.settings.of(principal);
    const sight = sightOf(principal.scope, look.timeZone, preferences.timeZone);
    const isFavourite = favourites.includes(dashboard.dashboardId);
    const { etag, planned } = await this.boards.plan(sight, dashboard, look.widgets, String(isFavourite));
    if (isUnchanged(look.ifNoneMatch, etag) && !look.forceRefresh) return { etag };
    const states = await this.boards.compute(sight, planned, look.forceRefresh);
    const body = toDashboardView(viewerOf(principal), dashboard, favourites, states, sight.timeZone);
    return { etag: etagFor(dashboard, etag, states), body };
  }

  async ofShare({ share, dashboard }: OpenedShare, look: Look): Promise<Answer<Plain<SharedDashboardDto>>> {
    const sight = sightOf(share.scope, look.timeZone);
    const { etag, planned } = await this.boards.plan(sight, dashboard, undefined, share.shareId);
    if (isUnchanged(look.ifNoneMatch, etag)) return { etag };
    const states = await this.boards.compute(sight, planned);
    const { dashboardId, version, content } = dashboard;
    const body = {
      ...{ dashboardId, version },
      name: content.name,
      description: content.description ?? null,
      ...forGuests(toBoardView(dashboard, states, sight.timeZone)),
      expiresAt: share.expiresAt,
    };
    return { etag: etagFor(dashboard, etag, states), body };
  }
}

/** What a widget failed in for now, or shows before it is settled, is never what is to be shown again. */
const etagFor = ({ version }: Dashboard, etag: string, states: readonly WidgetState[]): string =>
  unanswered(states).length === 0 ? etag : etagOf(version, randomUUID());

/** A zone that was asked for holds against the dashboard's own; one that somebody prefers does not. */
export const sightOf = (scope: Sight['scope'], asked: string | undefined, preferred?: string): Sight => ({
  scope,
  timeZone: asked ?? preferred ?? DEFAULT_ZONE,
  ...(asked !== undefined && { fixedZone: true }),
});
