import type { Plain } from '../../common/index.js';
import type { WidgetState } from '../board/board.service.js';
import { mayEdit, type Viewer } from '../domain/access.js';
import type { Dashboard, DashboardContent, DashboardVersion, StoredFilter, Widget } from '../domain/dashboard.js';
import { completeLayout, type Placeable } from '../domain/layout.js';
import { API_BASE } from '../widgets/links.js';
import { findWidgetType } from '../widgets/widget-types.js';
import type { BoardDto, DashboardDto, DashboardSummaryDto, DashboardVersionDto } from './dashboard.dto.js';
import type { WidgetAnswerBase } from './widget-answer.dto.js';

/** A filter in the words of the API: its range stands among its lists. */
export const toFilterView = ({ lists, timeRange }: StoredFilter): object => ({
  ...lists,
  ...(timeRange && { timeRange }),
});

export const toSummary = (
  viewer: Viewer,
  dashboard: Dashboard,
  favourites: readonly string[],
): Plain<DashboardSummaryDto> => {
  const { dashboardId, version, owner, content, access, createdAt, updatedAt, updatedBy } = dashboard;
  return {
    ...{ dashboardId, version },
    name: content.name,
    description: content.description ?? null,
    owner,
    visibility: access.visibility,
    users: access.users,
    editors: access.editors,
    project: access.project ?? null,
    widgetCount: content.widgets.length,
    isFavourite: favourites.includes(dashboardId),
    mayEdit: mayEdit(viewer, dashboard),
    ...{ createdAt, updatedAt, updatedBy },
    href: `${API_BASE}/dashboards/${dashboardId}`,
  };
};

export type WidgetView = Plain<WidgetAnswerBase> & {
  readonly type: string;
  readonly options: object;
  readonly data?: object;
};

export const toWidgetView = ({ widget, outcome, range, asOf }: WidgetState): WidgetView => ({
  id: widget.id,
  type: widget.type,
  title: widget.title ?? null,
  options: widget.options,
  filter: toFilterView(widget.filter),
  ...outcome,
  range: range && { from: range.from.toISOString(), to: range.to.toISOString(), timeZone: range.timeZone },
  asOf,
});

const FALLBACK = { w: 6, h: 4 };

const placeable = ({ id, type }: Widget): Placeable => ({
  widgetId: id,
  size: findWidgetType(type)?.size ?? FALLBACK,
});

export const layoutOf = ({ layout, widgets }: DashboardContent) => completeLayout(layout, widgets.map(placeable));

export const toBoardView = (
  { content }: Pick<Dashboard, 'content'>,
  states: readonly WidgetState[],
  timeZone: string,
): Plain<BoardDto> => ({
  filter: toFilterView(content.filter),
  refreshIntervalSeconds: content.refreshIntervalSeconds,
  timeZone,
  widgets: states.map(toWidgetView),
  layout: layoutOf(content),
});

export const toDashboardView = (
  viewer: Viewer,
  dashboard: Dashboard,
  favourites: readonly string[],
  states: readonly WidgetState[],
  timeZone: string,
): Plain<DashboardDto> => ({
  ...toSummary(viewer, dashboard, favourites),
  ...toBoardView(dashboard, states, timeZone),
});

export const toVersionView = (
  { version, by, at, content }: DashboardVersion,
  current: boolean,
): Plain<DashboardVersionDto> => ({
  ...{ version, by, at },
  name: content.name,
  widgetCount: content.widgets.length,
  ...(current && { isCurrent: true }),
});
