/** Widths of a screen, from the widest to the narrowest. */
export const BREAKPOINTS = ['lg', 'md', 'sm', 'xs'] as const;
export type Breakpoint = (typeof BREAKPOINTS)[number];

/** Columns of the grid at each breakpoint. */
export const COLUMNS: Readonly<Record<Breakpoint, number>> = { lg: 12, md: 10, sm: 6, xs: 2 };
export const MAX_HEIGHT = 24;
export const MAX_ROW = 1000;

export interface GridSize {
  readonly w: number;
  readonly h: number;
}

/** Where a widget lies, in cells of the grid; the origin is the upper left corner. */
export interface GridItem extends GridSize {
  readonly widgetId: string;
  readonly x: number;
  readonly y: number;
}

export type Grid = readonly GridItem[];
/** What somebody has arranged; breakpoints that are not there are derived from those that are. */
export type GivenLayout = Readonly<Partial<Record<Breakpoint, Grid>>>;
export type Layout = Readonly<Record<Breakpoint, Grid>>;

/** A widget as the grid sees it; the size is of the widest breakpoint. */
export interface Placeable {
  readonly widgetId: string;
  readonly size: GridSize;
}

const between = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

const intoBounds = (item: GridItem, columns: number): GridItem => {
  const w = between(item.w, 1, columns);
  return {
    ...item,
    w,
    h: between(item.h, 1, MAX_HEIGHT),
    x: between(item.x, 0, columns - w),
    y: between(item.y, 0, MAX_ROW),
  };
};

const byPlace = (a: GridItem, b: GridItem): number => a.y - b.y || a.x - b.x;

/**
 * The same items within the bounds and without overlap. From top to bottom (left before right, then the order given)
 * each item falls up onto what lies above it; a collision thus pushes the later one down. Answers them in that order; an
 * empty grid for an empty one. Doing it twice changes nothing.
 */
export const settle = (items: Grid, columns: number): Grid => {
  const floor = new Array<number>(columns).fill(0);
  return items
    .map((item) => intoBounds(item, columns))
    .sort(byPlace)
    .map((item) => {
      const y = Math.max(...floor.slice(item.x, item.x + item.w));
      floor.fill(y + item.h, item.x, item.x + item.w);
      return { ...item, y };
    })
    .sort(byPlace);
};

/** A settled grid for another number of columns: places and widths in proportion, the reading order kept. */
export const rescale = (items: Grid, from: number, to: number): Grid => {
  const ratio = to / from;
  const scaled = items.map((item) => {
    const w = between(Math.round(item.w * ratio), 1, to);
    return { ...item, w, x: between(Math.round(item.x * ratio), 0, to - w) };
  });
  return settle(scaled, to);
};

/** Adds what has no place yet below everything else, from left to right. */
const append = (items: Grid, missing: readonly Placeable[], columns: number): Grid => {
  let bottom = Math.max(0, ...items.map(({ y, h }) => y + h));
  let [x, rowHeight] = [0, 0];
  const added: GridItem[] = [];
  for (const { widgetId, size } of missing) {
    const w = between(Math.round((size.w * columns) / COLUMNS.lg), 1, columns);
    if (x + w > columns) [x, bottom, rowHeight] = [0, bottom + rowHeight, 0];
    added.push({ widgetId, x, y: bottom, w, h: size.h });
    x += w;
    rowHeight = Math.max(rowHeight, size.h);
  }
  return settle([...items, ...added], columns);
};

/** The breakpoint to derive another from: the next wider one that was given, else the next narrower one. */
const sourceOf = (target: Breakpoint, given: GivenLayout): Breakpoint | undefined => {
  const position = BREAKPOINTS.indexOf(target);
  const wider = BREAKPOINTS.slice(0, position).reverse();
  return [...wider, ...BREAKPOINTS.slice(position + 1)].find((name) => given[name] !== undefined);
};

/** The same without places of widgets that are not there (any more). */
export const withoutStrays = (given: GivenLayout, widgetIds: readonly string[]): GivenLayout => {
  const known = new Set(widgetIds);
  return Object.fromEntries(
    Object.entries(given).map(([name, items]) => [name, items.filter(({ widgetId }) => known.has(widgetId))]),
  );
};

/** What was given, settled, without widgets that are not there (any more) or stand there twice. */
export const tidy = (given: GivenLayout, widgets: readonly Placeable[]): GivenLayout => {
  const kept = withoutStrays(
    given,
    widgets.map(({ widgetId }) => widgetId),
  );
  return Object.fromEntries(
    BREAKPOINTS.flatMap((name) => {
      const items = kept[name];
      if (items === undefined) return [];
      const first = items.filter(({ widgetId }, i) => items.findIndex((item) => item.widgetId === widgetId) === i);
      return [[name, settle(first, COLUMNS[name])]];
    }),
  );
};

/** Every widget once at every breakpoint. With nothing given they stand in their order, from left to right. */
export const completeLayout = (given: GivenLayout, widgets: readonly Placeable[]): Layout => {
  const tidied = tidy(given, widgets);
  const gridOf = (name: Breakpoint): Grid => {
    const source = tidied[name] === undefined ? sourceOf(name, tidied) : undefined;
    const base = tidied[name] ?? (source ? rescale(tidied[source] ?? [], COLUMNS[source], COLUMNS[name]) : []);
    const placed = new Set(base.map(({ widgetId }) => widgetId));
    const missing = widgets.filter(({ widgetId }) => !placed.has(widgetId));
    return append(base, missing, COLUMNS[name]);
  };
  return { lg: gridOf('lg'), md: gridOf('md'), sm: gridOf('sm'), xs: gridOf('xs') };
};
