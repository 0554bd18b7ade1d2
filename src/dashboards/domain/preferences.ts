export const THEMES = ['light', 'dark', 'system'] as const;
export const DENSITIES = ['comfortable', 'compact'] as const;

/** What a user has chosen; what is not there is up to the dashboard or the client. */
export interface Preferences {
  readonly defaultDashboardId?: string;
  readonly theme?: (typeof THEMES)[number];
  readonly density?: (typeof DENSITIES)[number];
  /** Zone of dashboards that name none. */
  readonly timeZone?: string;
  readonly refreshIntervalSeconds?: number;
}
