import { Injectable } from '@nestjs/common';
import { Clock, invalid, type Scope, scopeKey } from '../../common/index.js';
import { type MetricFilter, MetricsService, type TimeRange, toRange } from '../../metrics/index.js';
import type { Dashboard, RangeInput, StoredFilter, Widget } from '../domain/dashboard.js';
import { etagOf } from '../domain/etag.js';
import { narrowFilter } from '../domain/narrow-filter.js';
import { WidgetLinks } from '../widgets/links.js';
import { isProvisional } from '../widgets/provisional.js';
import type { WidgetContext, WidgetSources, WidgetType } from '../widgets/widget-type.js';
import { findWidgetType } from '../widgets/widget-types.js';
import { WidgetSourcesProvider } from './widget-sources.js';
import { errorOf, type Outcome, type WidgetError, WidgetRunner } from './widget-runner.js';

/** Who looks, and how: what decides the figures besides the data. */
export interface Sight {
  readonly scope: Scope;
  /** Zone of widgets whose dashboard names none; `fixed` holds against those that do. */
  readonly timeZone: string;
  readonly fixedZone?: boolean;
}

/** A widget resolved for a sight: what it looks at, and the key of its data (the same wherever it stands). */
export interface PlannedWidget {
  readonly widget: Widget;
  readonly type: WidgetType;
  readonly filter: MetricFilter;
  readonly range: TimeRange;
  /** Ids of the projects that it looks at. */
  readonly projectIds: ReadonlySet<string>;
  /** Newest position in the commit log among them. */
  readonly asOf: number;
  /** What its data depends on besides that position. */
  readonly stamp: string;
  readonly key: string;
}

/** It cannot even be asked: its project is gone, its type is not known any more. */
export interface Unplannable {
  readonly widget: Widget;
  readonly error: WidgetError;
  readonly key: string;
}

export type Planned = PlannedWidget | Unplannable;

export interface WidgetState {
  readonly widget: Widget;
  readonly outcome: Outcome;
  readonly range: TimeRange | null;
  readonly asOf: number | null;
}

/** Ids of those that failed for now, or show what is still being told: asked again they may have other figures. */
export const unanswered = (states: readonly WidgetState[]): string[] =>
  states
    .filter(({ outcome }) => ('error' in outcome ? outcome.error.retryable : isProvisional(outcome.data)))
    .map(({ widget }) => widget.id);

export interface Board {
  readonly etag: string;
  readonly planned: readonly Planned[];
}

/** Answers of a definition move when this does: the data of a type has come to mean something else. */
const DEFINITION_VERSION = 1;
const AGE_STEP_MS = 15 * 60_000;

interface DataState {
  readonly projectIds: ReadonlySet<string>;
  readonly position: number;
  readonly definitions: string;
}

/** The figures of a dashboard's widgets for whoever looks at them. */
@Injectable()
export class BoardService {
  private readonly runner = new WidgetRunner();
  private readonly sources: WidgetSources;

  constructor(
    private readonly metrics: MetricsService,
    sources: WidgetSourcesProvider,
    private readonly clock: Clock,
  ) {
    this.sources = sources.all;
  }

  /**
   * What there is to compute; cheap: it asks for versions only.
   * @param more what the answer depends on besides, for its ETag
   */
  async plan(
    sight: Sight,
    dashboard: Pick<Dashboard, 'content' | 'version'>,
    widgetIds?: readonly string[],
    more = '',
  ): Promise<Board> {
    const wanted = dashboard.content.widgets.filter(({ id }) => !widgetIds || widgetIds.includes(id));
    const states = new Map<string, Promise<DataState>>();
    const planned = await Promise.all(wanted.map((widget) => this.planWidget(sight, dashboard, widget, states)));
    const keys = planned.map(({ widget, key }) => [widget.id, key]);
    return { etag: etagOf(dashboard.version, JSON.stringify([more, sight.timeZone, keys])), planned };
  }

  /** Never rejects for a widget: each has data or an error of its own. */
  compute(sight: Sight, planned: readonly Planned[], force = false): Promise<WidgetState[]> {
    return Promise.all(planned.map((one) => this.computeWidget(sight, one, force)));
  }

  private async computeWidget({ scope }: Sight, planned: Planned, force: boolean): Promise<WidgetState> {
    const { widget, key } = planned;
    if ('error' in planned) return { widget, outcome: { error: planned.error }, range: null, asOf: null };
    const { type, filter, range, asOf } = planned;
    const context = this.contextOf(scope, filter, range);
    const outcome = await this.runner.run({ key, compute: () => type.compute(context, widget.options) }, force);
    return { widget, outcome, range, asOf };
  }

  private contextOf(scope: Scope, filter: MetricFilter, range: TimeRange): WidgetContext {
    return { scope, filter, range, links: new WidgetLinks(filter, range), sources: this.sources };
  }

  private async planWidget(
    sight: Sight,
    { content }: Pick<Dashboard, 'content'>,
    widget: Widget,
    states: Map<string, Promise<DataState>>,
  ): Promise<Planned> {
    try {
      const type = findWidgetType(widget.type);
      if (!type) return unplannable(widget, UNKNOWN_TYPE);
      const now = this.clock.now();
      const { filter, range } = resolveWidget(content.filter, widget.filter, sight, now);
      const { position, definitions, projectIds } = await this.stateOf(sight.scope, filter, states);
      const context = this.contextOf(sight.scope, filter, range);
      const own = type.versionOf ? await type.versionOf(context, widget.options) : '';
      const parts = [
        ...[DEFINITION_VERSION, scopeKey(sight.scope), widget.type, widget.options],
        ...[filter, range, definitions, own],
        type.ages ? Math.floor(now.getTime() / AGE_STEP_MS) : 0,
      ];
      const stamp = JSON.stringify(parts);
      return { ...{ widget, type, filter, range, projectIds, stamp }, asOf: position, key: `${position} ${stamp}` };
    } catch (error) {
      const known = errorOf(error);
      if (known) return unplannable(widget, known);
      throw error;
    }
  }

  /** Asked once per set of projects, however many widgets look at it. */
  private stateOf(
    scope: Scope,
    { projects, teams }: MetricFilter,
    states: Map<string, Promise<DataState>>,
  ): Promise<DataState> {
    const key = JSON.stringify([projects, teams]);
    const filter = { ...(projects && { projects }), ...(teams && { teams }) };
    const known = states.get(key) ?? this.askState(scope, filter);
    states.set(key, known);
    return known;
  }

  private async askState(scope: Scope, filter: MetricFilter): Promise<DataState> {
    const { projects, version } = await this.metrics.resolve(scope, filter);
    return {
      position: version.position,
      projectIds: new Set(projects.map(({ id }) => id)),
      definitions: projects.map(({ id, definitionVersion }) => `${id}.${definitionVersion}`).join(),
    };
  }
}

const UNKNOWN_TYPE: WidgetError = {
  code: 'unknown_widget_type',
  message: 'This service does not know the type of this widget',
  retryable: false,
};

const unplannable = (widget: Widget, error: WidgetError): Unplannable => ({
  widget,
  error,
  key: JSON.stringify([widget.id, error.code]),
});

const hasSpan = (range: RangeInput | undefined): boolean =>
  range !== undefined && (range.from !== undefined || range.to !== undefined || range.lastDays !== undefined);

/**
 * What a widget looks at: its lists narrow the dashboard's; its span of time and its zone replace the dashboard's.
 * @throws DomainError 422 `invalid_time_range`, `filter_conflict`
 */
export const resolveWidget = (
  outer: StoredFilter,
  inner: StoredFilter,
  { timeZone, fixedZone = false }: Pick<Sight, 'timeZone' | 'fixedZone'>,
  now: Date,
): { readonly filter: MetricFilter; readonly range: TimeRange } => {
  const narrowed = narrowFilter(outer.lists, inner.lists);
  if ('conflict' in narrowed) {
    const { list, detail } = narrowed.conflict;
    throw invalid('filter_conflict', "The widget's filter and the dashboard's cannot be joined", [
      { pointer: `/filter/${list}`, detail },
    ]);
  }
  const span = hasSpan(inner.timeRange) ? inner.timeRange : outer.timeRange;
  const named = inner.timeRange?.timeZone ?? outer.timeRange?.timeZone;
  const zone = fixedZone ? timeZone : (named ?? timeZone);
  return { filter: narrowed.filter, range: toRange({ ...span, timeZone: zone }, now, '/filter/timeRange') };
};
