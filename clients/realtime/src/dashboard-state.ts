import type { DashboardDelta, DashboardState, DashboardWidget } from './messages.js';

const replaced = (
  { widgets, ...state }: DashboardState,
  widgetId: string,
  change: (widget: DashboardWidget) => DashboardWidget,
): DashboardState => ({
  ...state,
  widgets: widgets.map((widget) => (widget.id === widgetId ? change(widget) : widget)),
});

/** Without its figures: what a delta brings takes their place. */
const definitionOf = ({ id, type, title, options, filter }: DashboardWidget) => ({ id, type, title, options, filter });

/**
 * A dashboard after a delta of its room. After every delta it is what a fresh snapshot would be; `dashboard:changed` and
 * `dashboard:deleted` change nothing here, since a new snapshot, or the end of the room, follows.
 */
export const applyToDashboard = (state: DashboardState, delta: DashboardDelta): DashboardState => {
  switch (delta.type) {
    case 'widget:data': {
      const { widgetId, ...figures } = delta.data;
      return replaced(state, widgetId, (widget) => ({ ...definitionOf(widget), ...figures }));
    }
    case 'widget:as_of':
      return delta.data.widgets.reduce(
        (all, { widgetId, asOf }) => replaced(all, widgetId, (widget) => ({ ...widget, asOf })),
        state,
      );
    case 'dashboard:changed':
    case 'dashboard:deleted':
      return state;
  }
};
