import { Injectable } from '@nestjs/common';
import { AuditService, type Principal } from '../auth/index.js';
import { notFound } from '../common/index.js';
import { DashboardsService } from './dashboards.service.js';
import type { Dashboard } from './domain/dashboard.js';
import type { Preferences } from './domain/preferences.js';
import { type UserSettings, UserSettingsRepository } from './persistence/user-settings.repository.js';

/** undefined: stays; null: goes back to what the service does by itself. */
export type PreferenceChanges = { readonly [K in keyof Preferences]?: Preferences[K] | null };

/** What users have chosen for themselves: favourites, the dashboard to begin with, theme, zone. */
@Injectable()
export class UserSettingsService {
  constructor(
    private readonly settings: UserSettingsRepository,
    private readonly dashboards: DashboardsService,
    private readonly audit: AuditService,
  ) {}

  of({ scope, subject }: Pick<Principal, 'scope' | 'subject'>): Promise<UserSettings> {
    return this.settings.of(scope, subject);
  }

  /** @throws DomainError 404 for a default dashboard that is not there or not the caller's to see */
  async change(principal: Principal, changes: PreferenceChanges): Promise<Preferences> {
    if (changes.defaultDashboardId) await this.dashboards.get(principal, changes.defaultDashboardId);
    const { preferences } = await this.of(principal);
    const said = Object.entries(changes as Record<string, unknown>).filter(([, value]) => value !== undefined);
    const merged = { ...preferences, ...Object.fromEntries(said) } as Record<string, unknown>;
    const after: Preferences = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    await this.settings.setPreferences(principal.scope, principal.subject, after);
    const target = { type: 'dashboard_preferences', id: principal.subject };
    await this.audit.record(principal, 'dashboard_preferences.updated', target, { ...after });
    return after;
  }

  /** @throws DomainError 404: none was chosen, or it is gone */
  async defaultOf(principal: Principal): Promise<Dashboard> {
    const { preferences } = await this.of(principal);
    if (!preferences.defaultDashboardId) throw notFound('Default dashboard');
    return this.dashboards.get(principal, preferences.defaultDashboardId);
  }

  /** @throws DomainError 404 */
  async favour(principal: Principal, dashboardId: string): Promise<void> {
    await this.dashboards.get(principal, dashboardId);
    await this.settings.addFavourite(principal.scope, principal.subject, dashboardId);
    await this.record(principal, 'dashboard.favoured', dashboardId);
  }

  /** Also of a dashboard that is gone. @throws DomainError 404 where it was no favourite */
  async disfavour(principal: Principal, dashboardId: string): Promise<void> {
    if (!(await this.settings.removeFavourite(principal.scope, principal.subject, dashboardId)))
      throw notFound('Favourite');
    await this.record(principal, 'dashboard.disfavoured', dashboardId);
  }

  private record(principal: Principal, action: string, id: string): Promise<void> {
    return this.audit.record(principal, action, { type: 'dashboard', id });
  }
}
