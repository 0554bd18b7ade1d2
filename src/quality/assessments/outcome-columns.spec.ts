import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { median } from '../../common/stats/index.js';
import { HistoryCollector } from '../domain/history-collector.js';
import { durationStability, passingDurations } from '../domain/stability.js';
import { runTable, type TestHistory } from '../domain/test-history.js';
import { OutcomeColumns } from './outcome-columns.js';
import { durationSpread } from './passing-durations.js';

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

describe('OutcomeColumns', () => {
  it('gives the histories that HistoryCollector gives', () => {
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 80 }), (rows) => {
        const columns = new OutcomeColumns();
        const collector = new HistoryCollector();
        for (const row of rows) {
          columns.add(...row);
          collector.add(...row);
        }
        const known = collector.histories(table);
        const histories = columns.histories(7, table);
        expect(histories).toHaveLength(7);
        for (const [test, history] of histories.entries()) {
          const expected = known.get(test);
          if (expected) expect(columnsOf(history)).toEqual(columnsOf(expected));
          else expect(history.length).toBe(0);
        }
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
