import { randomBytes } from 'node:crypto';
import { DomainError, type FieldProblem, invalid, readDto } from '../common/index.js';
import { type MetricFilterDto, toFilter } from '../metrics/index.js';
import { resolveWidget } from './board/board.service.js';
import {
  arrangedIn,
  DEFAULT_REFRESH_SECONDS,
  type DashboardContent,
  type StoredFilter,
  type Widget,
} from './domain/dashboard.js';
import { BREAKPOINTS, type GivenLayout, type Grid } from './domain/layout.js';
import type { LayoutDto, SaveContentDto, SaveWidgetDto } from './http/save-dashboard.dto.js';
import { findWidgetType } from './widgets/widget-types.js';

export const toStoredFilter = (dto: MetricFilterDto | undefined): StoredFilter => ({
  lists: toFilter(dto),
  ...(dto?.timeRange && { timeRange: Object.assign({}, dto.timeRange) }),
});

/** Eight random letters: unique on a dashboard, short in an address. */
const newWidgetId = (): string => `w-${randomBytes(5).toString('hex')}`;

const problemsOf = (error: unknown, pointer = ''): FieldProblem[] => {
  if (!(error instanceof DomainError)) throw error;
  return error.errors.map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
};

interface Read<T> {
  readonly value?: T;
  readonly problems: readonly FieldProblem[];
}

const readWidget = async (dto: SaveWidgetDto, pointer: string): Promise<Read<Widget>> => {
  const type = findWidgetType(dto.type);
  if (!type) return { problems: [{ pointer: `${pointer}/type`, detail: 'is not a type of widgets' }] };
  try {
    const options = await readDto(type.optionsDto, dto.options ?? {}, `${pointer}/options`);
    const widget: Widget = {
      id: dto.id ?? newWidgetId(),
      type: dto.type,
      ...(dto.title && { title: dto.title }),
      options: { ...options },
      filter: toStoredFilter(dto.filter),
    };
    return { value: widget, problems: [] };
  } catch (error) {
    return { problems: problemsOf(error) };
  }
};

const readWidgets = async (dtos: readonly SaveWidgetDto[]): Promise<Read<Widget[]>> => {
  const read = await Promise.all(dtos.map((dto, i) => readWidget(dto, `/widgets/${i}`)));
  const ids = dtos.map(({ id }) => id);
  const twice = ids.flatMap((id, i) =>
    id !== undefined && ids.indexOf(id) < i
      ? [{ pointer: `/widgets/${i}/id`, detail: 'is the id of another widget of this dashboard' }]
      : [],
  );
  return {
    value: read.flatMap(({ value }) => value ?? []),
    problems: [...read.flatMap((one) => one.problems), ...twice],
  };
};

const readLayout = (dto: LayoutDto, widgets: readonly Widget[]): Read<GivenLayout> => {
  const known = new Set(widgets.map(({ id }) => id));
  const problems: FieldProblem[] = [];
  const given = BREAKPOINTS.flatMap((name): [string, Grid][] => {
    const items = dto[name];
    if (!items) return [];
    items.forEach(({ widgetId }, i) => {
      const pointer = `/layout/${name}/${i}/widgetId`;
      if (!known.has(widgetId)) problems.push({ pointer, detail: 'is not a widget of this dashboard' });
      else if (items.findIndex((item) => item.widgetId === widgetId) < i)
        problems.push({ pointer, detail: 'has a place in this grid already' });
    });
    return [[name, items.map(({ widgetId, x, y, w, h }) => ({ widgetId, x, y, w, h }))]];
  });
  return { value: Object.fromEntries(given), problems };
};

/** Each widget must be able to answer: its filter can be joined with the dashboard's, its range is one. */
const filterProblems = (content: DashboardContent, now: Date): FieldProblem[] => {
  const sight = { timeZone: 'UTC' };
  try {
    resolveWidget(content.filter, { lists: {} }, sight, now);
  } catch (error) {
    return problemsOf(error);
  }
  return content.widgets.flatMap((widget, i) => {
    try {
      resolveWidget(content.filter, widget.filter, sight, now);
      return [];
    } catch (error) {
      return problemsOf(error, `/widgets/${i}`);
    }
  });
};

/**
 * The content that a request asks for, over the one that is there: what the request leaves out stays, null takes a
 * description away.
 * @throws DomainError 422 `validation_failed` with a pointer for each problem
 */
export const readContent = async (
  dto: SaveContentDto,
  before: DashboardContent | undefined,
  now: Date,
): Promise<DashboardContent> => {
  const { value: widgets = [], problems } = dto.widgets
    ? await readWidgets(dto.widgets)
    : { value: before?.widgets ?? [], problems: [] };
  // a widget that is wrong would only be missed again by the layout
  const layout = dto.layout && problems.length === 0 ? readLayout(dto.layout, widgets) : undefined;
  const description = dto.description === undefined ? before?.description : (dto.description ?? undefined);
  const content: DashboardContent = {
    name: dto.name ?? before?.name ?? '',
    ...(description !== undefined && { description }),
    filter: dto.filter ? toStoredFilter(dto.filter) : (before?.filter ?? { lists: {} }),
    refreshIntervalSeconds: dto.refreshIntervalSeconds ?? before?.refreshIntervalSeconds ?? DEFAULT_REFRESH_SECONDS,
    widgets,
    layout: layout?.value ?? arrangedIn({ layout: before?.layout ?? {}, widgets }),
  };
  const nameless = content.name === '' ? [{ pointer: '/name', detail: 'is missing' }] : [];
  const all = [...nameless, ...problems, ...(layout?.problems ?? [])];
  const wrong = all.length > 0 ? all : filterProblems(content, now);
  if (wrong.length > 0) throw invalid('validation_failed', 'Some fields are not valid', wrong);
  return content;
};
