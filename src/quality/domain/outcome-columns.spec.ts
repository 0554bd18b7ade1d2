import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median } from '../../common/stats/index.js';
import { durationStability, passingDurations } from './stability.js';
import { runTable, type TestHistory } from './test-history.js';
import { OutcomeColumns } from './outcome-columns.js';
import { durationSpread } from '../assessments/passing-durations.js';

const table = runTable([]);
const outcome = fc.tuple(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 9 }),
  fc.integer({ min: 1, max: 3 }),
  fc.boolean(),
  fc.oneof(fc.constant(NaN), fc.integer({ min: 0, max: 9_000_000 })),
);
const columnsOf = (history: TestHistory): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(history)
      .filter(([name]) => name !== 'table')
      .map(([name, column]) => [name, typeof column === 'number' ? column : [...column]]),
  );

type Outcome = [number, number, number, number, number, boolean, number];

/** The same by plain lists: the rows of a test, by time and run unless they came in the order of time. */
const plainHistory = (rows: readonly Outcome[], test: number): Record<string, unknown> => {
  const own = rows.filter((row) => row[0] === test);
  if (own.some((row, i) => i > 0 && row[1] < own[i - 1]![1])) own.sort((a, b) => a[1] - b[1] || a[3] - b[3]);
  return {
    length: own.length,
    at: own.map((row) => row[1]),
    status: own.map((row) => row[2]),
    run: own.map((row) => row[3]),
    attempts: own.map((row) => row[4]),
    flakyInRun: own.map((row) => (row[5] ? 1 : 0)),
    durationUs: own.map((row) => row[6]),
  };
};

describe('OutcomeColumns', () => {
  it('gives each test the rows that are its own, in order', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 80 }), (rows) => {
        const columns = new OutcomeColumns();
        for (const row of rows) columns.add(...row);
        const histories = columns.histories(7, table);
        expect(histories).toHaveLength(7);
        for (const [test, history] of histories.entries()) expect(columnsOf(history)).toEqual(plainHistory(rows, test));
      }),
    );
  });

  it('grows beyond its first capacity', () => {
    const columns = new OutcomeColumns();
    for (let i = 0; i < 40_000; i++) columns.add(i % 2, i, 0, 0, 1, false, i);
    const [even, odd] = columns.histories(2, table);
    expect([even!.length, odd!.length, odd!.at[19_999]]).toEqual([20_000, 20_000, 39_999]);
  });
});

describe('durationSpread', () => {
  it('is median and duration stability as they are defined', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 30 }), (rows) => {
        const columns = new OutcomeColumns();
        for (const [, ...rest] of rows) columns.add(0, ...rest);
        const [history] = columns.histories(1, table);
        const durations = passingDurations(history!);
        expect(durationSpread(history!)).toEqual({
          n: durations.length,
          median: durations.length > 0 ? median(durations) : null,
          stability: durationStability(durations),
        });
      }),
    );
  });
});
