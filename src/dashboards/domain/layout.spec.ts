import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  BREAKPOINTS,
  COLUMNS,
  completeLayout,
  type GivenLayout,
  type Grid,
  type GridItem,
  MAX_HEIGHT,
  type Placeable,
  rescale,
  settle,
  withoutStrays,
} from './layout.js';

const item = (widgetId: string, x: number, y: number, w: number, h: number): GridItem => ({ widgetId, x, y, w, h });

const overlaps = (a: GridItem, b: GridItem): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

const expectSound = (grid: Grid, columns: number): void => {
  for (const [i, a] of grid.entries()) {
    expect(a.x).toBeGreaterThanOrEqual(0);
    expect(a.x + a.w).toBeLessThanOrEqual(columns);
    expect(a.w).toBeGreaterThanOrEqual(1);
    expect(a.h).toBeLessThanOrEqual(MAX_HEIGHT);
    for (const b of grid.slice(i + 1)) expect({ a, b, overlap: overlaps(a, b) }).toEqual({ a, b, overlap: false });
  }
};

const ids = (grid: Grid): string[] => grid.map(({ widgetId }) => widgetId).sort();

const aGrid = (names: readonly string[]): fc.Arbitrary<Grid> =>
  fc
    .tuple(
      ...names.map((name) =>
        fc.record({
          widgetId: fc.constant(name),
          x: fc.integer({ min: -3, max: 20 }),
          y: fc.integer({ min: 0, max: 30 }),
          w: fc.integer({ min: 0, max: 20 }),
          h: fc.integer({ min: 0, max: 40 }),
        }),
      ),
    )
    .map((items) => items as Grid);

const NAMES = Array.from({ length: 12 }, (_, i) => `w${i}`);
const someNames = fc.subarray(NAMES, { minLength: 0 });
const columns = fc.constantFrom(...Object.values(COLUMNS));

const aBoard: fc.Arbitrary<{ given: GivenLayout; widgets: readonly Placeable[] }> = fc
  .tuple(someNames, fc.subarray([...BREAKPOINTS]), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 8 }))
  .chain(([names, given, w, h]) =>
    fc.record({
      given: fc
        .tuple(...given.map((name) => someNames.chain((placed) => aGrid(placed).map((grid) => [name, grid] as const))))
        .map((entries) => Object.fromEntries(entries as (readonly [string, Grid])[]) as GivenLayout),
      widgets: fc.constant(names.map((widgetId) => ({ widgetId, size: { w, h } }))),
    }),
  );

describe('settle', () => {
  it('answers nothing for nothing', () => expect(settle([], 12)).toEqual([]));

  it('lets items fall up and pushes the later of two that collide down', () => {
    expect(settle([item('b', 2, 1, 4, 2), item('a', 0, 0, 4, 3), item('c', 8, 7, 4, 1)], 12)).toEqual([
      item('a', 0, 0, 4, 3),
      item('c', 8, 0, 4, 1),
      item('b', 2, 3, 4, 2),
    ]);
  });

  it('keeps items in the grid', () => {
    expect(settle([item('a', 11, 0, 4, 99), item('b', -2, 0, 40, 0)], 12)).toEqual([
      item('b', 0, 0, 12, 1),
      item('a', 8, 1, 4, MAX_HEIGHT),
    ]);
  });

  it('overlaps nowhere, loses nothing, stays in bounds, and changes nothing the second time', () => {
    fc.assert(
      fc.property(someNames.chain(aGrid), columns, (grid, wide) => {
        const settled = settle(grid, wide);
        expectSound(settled, wide);
        expect(ids(settled)).toEqual(ids(grid));
        expect(settle(settled, wide)).toEqual(settled);
      }),
    );
  });

  it('leaves what lies above an item alone when that item moves down', () => {
    fc.assert(
      fc.property(someNames.chain(aGrid), columns, (grid, wide) => {
        const settled = settle(grid, wide);
        const last = settled.at(-1);
        if (!last) return;
        const moved = settled.map((one) => (one === last ? { ...one, y: one.y + 5 } : one));
        expect(settle(moved, wide).slice(0, -1)).toEqual(settled.slice(0, -1));
      }),
    );
  });
});

describe('rescale', () => {
  it('halves a row, and stacks it where there is no room', () => {
    const row = [item('a', 0, 0, 6, 2), item('b', 6, 0, 6, 2)];
    expect(rescale(row, 12, 6)).toEqual([item('a', 0, 0, 3, 2), item('b', 3, 0, 3, 2)]);
    const quarters = [0, 3, 6, 9].map((x, i) => item(`q${i}`, x, 0, 3, 1));
    expect(rescale(quarters, 12, 2).map(({ widgetId, x, y }) => [widgetId, x, y])).toEqual([
      ['q0', 0, 0],
      ['q1', 1, 0],
      ['q2', 1, 1],
      ['q3', 1, 2],
    ]);
  });
});

describe('completeLayout', () => {
  const size = { w: 6, h: 2 };
  const widgets = ['a', 'b', 'c'].map((widgetId) => ({ widgetId, size }));

  it('places widgets in their order where nothing is given', () => {
    const { lg, xs } = completeLayout({}, widgets);
    expect(lg).toEqual([item('a', 0, 0, 6, 2), item('b', 6, 0, 6, 2), item('c', 0, 2, 6, 2)]);
    expect(xs).toEqual([item('a', 0, 0, 1, 2), item('b', 1, 0, 1, 2), item('c', 0, 2, 1, 2)]);
    expect(completeLayout({}, [])).toEqual({ lg: [], md: [], sm: [], xs: [] });
  });

  it('takes what is given, drops what is gone, and adds what is new at the bottom', () => {
    const given = { lg: [item('gone', 0, 0, 12, 4), item('b', 0, 4, 12, 1)] };
    expect(completeLayout(given, widgets).lg).toEqual([
      item('b', 0, 0, 12, 1),
      item('a', 0, 1, 6, 2),
      item('c', 6, 1, 6, 2),
    ]);
  });

  it('has no place for what is not there, and leaves the other places as they are', () => {
    const given = { lg: [item('gone', 0, 0, 12, 4), item('b', 0, 4, 12, 1)], xs: [item('gone', 0, 0, 1, 1)] };
    expect(withoutStrays(given, ['a', 'b'])).toEqual({ lg: [item('b', 0, 4, 12, 1)], xs: [] });
    expect(withoutStrays({}, ['a'])).toEqual({});
  });

  it('derives from the next wider breakpoint before a narrower one', () => {
    const one = widgets.slice(0, 1);
    const given = { md: [item('a', 0, 0, 10, 3)], xs: [item('a', 0, 0, 1, 1)] };
    const { lg, sm } = completeLayout(given, one);
    expect([lg[0], sm[0]]).toEqual([item('a', 0, 0, 12, 3), item('a', 0, 0, 6, 3)]);
  });

  it('holds each widget once at each breakpoint, soundly, and completes a complete layout to itself', () => {
    fc.assert(
      fc.property(aBoard, ({ given, widgets: placed }) => {
        const layout = completeLayout(given, placed);
        for (const name of BREAKPOINTS) {
          expectSound(layout[name], COLUMNS[name]);
          expect(ids(layout[name])).toEqual(placed.map(({ widgetId }) => widgetId).sort());
        }
        expect(completeLayout(layout, placed)).toEqual(layout);
        expect(completeLayout(given, placed)).toEqual(layout);
      }),
    );
  });
});
