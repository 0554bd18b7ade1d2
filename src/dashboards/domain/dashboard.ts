import type { MetricFilter } from '../../metrics/index.js';
import { type GivenLayout, withoutStrays } from './layout.js';

export const VISIBILITIES = ['private', 'users', 'project', 'organization'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export const MAX_WIDGETS = 50;
export const DEFAULT_REFRESH_SECONDS = 60;

/** A range as it was written, so that "the last 7 days" stays the last 7 days. */
export interface RangeInput {
  readonly from?: string;
  readonly to?: string;
  readonly lastDays?: number;
  readonly timeZone?: string;
}

/** What counts, and when; a part that is not said is inherited. */
export interface StoredFilter {
  readonly lists: MetricFilter;
  readonly timeRange?: RangeInput;
}

export interface Widget {
  /** Unique on its dashboard. */
  readonly id: string;
  readonly type: string;
  readonly title?: string;
  /** Validated by the type. */
  readonly options: object;
  readonly filter: StoredFilter;
}

/** What a version keeps, and what an export carries. */
export interface DashboardContent {
  readonly name: string;
  readonly description?: string;
  readonly filter: StoredFilter;
  readonly refreshIntervalSeconds: number;
  readonly widgets: readonly Widget[];
  /** What somebody has arranged; the rest is derived. */
  readonly layout: GivenLayout;
}

export interface DashboardAccess {
  readonly visibility: Visibility;
  /** Subjects that may look at it; with visibility `users`. */
  readonly users: readonly string[];
  /** Subjects that may look at it and change it, whatever the visibility. */
  readonly editors: readonly string[];
  /** Key of the project whose members may look at it; with visibility `project`. */
  readonly project?: string;
}

export interface Dashboard {
  readonly dashboardId: string;
  readonly organization: string;
  readonly owner: string;
  /** From 1; goes up with each change of content or access. */
  readonly version: number;
  readonly content: DashboardContent;
  readonly access: DashboardAccess;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string;
}

/** An older or the present state of a dashboard's content. */
export interface DashboardVersion {
  readonly version: number;
  readonly content: DashboardContent;
  readonly by: string;
  readonly at: Date;
}

/** What has been arranged of the widgets that are there; content from before a widget took its place along may have more. */
export const arrangedIn = ({ layout, widgets }: Pick<DashboardContent, 'layout' | 'widgets'>): GivenLayout =>
  withoutStrays(
    layout,
    widgets.map(({ id }) => id),
  );

const plainKeys = (filter: MetricFilter): string[] =>
  (filter.projects ?? []).map((key) => (key.startsWith('!') ? key.slice(1) : key));

/** Keys of all projects that a dashboard names, also those that it leaves out. */
export const projectsNamed = ({ filter, widgets }: DashboardContent, { project }: DashboardAccess): string[] => [
  ...new Set([
    ...plainKeys(filter.lists),
    ...widgets.flatMap((widget) => plainKeys(widget.filter.lists)),
    ...(project === undefined ? [] : [project]),
  ]),
];
