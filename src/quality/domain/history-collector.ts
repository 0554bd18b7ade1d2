import { OutcomeColumns } from './outcome-columns.js';
import type { RunTable, TestHistory } from './test-history.js';

/** Outcomes of tests that are named by any number, in any order. */
export class HistoryCollector {
  private readonly columns = new OutcomeColumns();
  private readonly indexes = new Map<number, number>();

  get length(): number {
    return this.columns.length;
  }

  /**
   * One outcome.
   * @param test its number, >= 0
   * @param at epoch ms
   * @param status position in RESULT_STATUSES
   * @param run index into the run table given to `histories`
   * @param durationUs NaN where unknown
   */
  add(
    test: number,
    at: number,
    status: number,
    run: number,
    attempts: number,
    flakyInRun: boolean,
    durationUs: number,
  ): void {
    let index = this.indexes.get(test);
    if (index === undefined) this.indexes.set(test, (index = this.indexes.size));
    this.columns.add(index, at, status, run, attempts, flakyInRun, durationUs);
  }

  /** The history of each test, by test number, ascending. */
  histories(table: RunTable): Map<number, TestHistory> {
    const histories = this.columns.histories(this.indexes.size, table);
    return new Map([...this.indexes].sort(([a], [b]) => a - b).map(([test, index]) => [test, histories[index]!]));
  }
}
