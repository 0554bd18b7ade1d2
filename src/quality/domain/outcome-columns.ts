import type { Slices } from '../../common/index.js';
import type { DurationSpread, RunTable, TestHistory } from './test-history.js';

const FIRST_CAPACITY = 16_384;
/** Rows moved between two looks at the clock: about a millisecond. */
const ROWS_AT_ONCE = 16_384;

/** Columns of `TestHistory`, of all tests one after the other. */
export type HistoryColumns = Pick<TestHistory, 'at' | 'status' | 'run' | 'attempts' | 'flakyInRun' | 'durationUs'>;

/** The histories of many tests: test `t` has the rows from `starts[t]` up to `starts[t + 1]`. */
export interface SortedOutcomes {
  readonly columns: HistoryColumns;
  readonly starts: Uint32Array;
}

/** The history of test `t`, as views. */
export const historyOf = (
  { columns: { at, status, run, attempts, flakyInRun, durationUs }, starts }: SortedOutcomes,
  t: number,
  table: RunTable,
  spread?: DurationSpread,
): TestHistory => {
  const [from, to] = [starts[t]!, starts[t + 1]!];
  return {
    length: to - from,
    at: at.subarray(from, to),
    status: status.subarray(from, to),
    run: run.subarray(from, to),
    attempts: attempts.subarray(from, to),
    flakyInRun: flakyInRun.subarray(from, to),
    durationUs: durationUs.subarray(from, to),
    table,
    ...(spread && { spread }),
  };
};

/**
 * Outcomes of many tests in columns, in any order. `histories` gives each test views into columns sorted once, where
 * arrays of their own would cost several times what judging the tests does.
 */
export class OutcomeColumns {
  private size = 0;
  private test = new Int32Array(FIRST_CAPACITY);
  private run = new Uint32Array(FIRST_CAPACITY);
  private at = new Float64Array(FIRST_CAPACITY);
  private durationUs = new Float64Array(FIRST_CAPACITY);
  private attempts = new Uint16Array(FIRST_CAPACITY);
  private status = new Uint8Array(FIRST_CAPACITY);
  private flaky = new Uint8Array(FIRST_CAPACITY);

  get length(): number {
    return this.size;
  }

  /**
   * @param test dense index from 0
   * @param at epoch ms
   * @param durationUs NaN where unknown
   */
  add(
    test: number,
    at: number,
    status: number,
    run: number,
    attempts: number,
    flaky: boolean,
    durationUs: number,
  ): void {
    if (this.size === this.test.length) this.grow();
    const i = this.size++;
    this.test[i] = test;
    this.at[i] = at;
    this.status[i] = status;
    this.run[i] = run;
    this.attempts[i] = attempts;
    this.flaky[i] = flaky ? 1 : 0;
    this.durationUs[i] = durationUs;
  }

  /** The history of each of `tests` tests, by dense index; empty for one without an outcome. */
  histories(tests: number, table: RunTable): TestHistory[] {
    const sorting = this.sort(tests);
    for (;;) {
      const { done, value } = sorting.next();
      if (done) return Array.from({ length: tests }, (_, test) => historyOf(value, test, table));
    }
  }

  /** What `histories` are views of, beside other work of the process. */
  async sortInSlices(tests: number, slices: Slices): Promise<SortedOutcomes> {
    const sorting = this.sort(tests);
    for (;;) {
      const { done, value } = sorting.next();
      if (done) return value;
      await slices.pause();
    }
  }

  private *sort(tests: number): Generator<undefined, SortedOutcomes> {
    const { order, starts } = this.order(tests);
    yield;
    const n = this.size;
    const columns = {
      at: new Float64Array(n),
      status: new Uint8Array(n),
      run: new Uint32Array(n),
      attempts: new Uint16Array(n),
      flakyInRun: new Uint8Array(n),
      durationUs: new Float64Array(n),
    };
    for (let i = 0; i < n; i++) {
      if (i % ROWS_AT_ONCE === 0) yield;
      const row = order[i]!;
      columns.at[i] = this.at[row]!;
      columns.status[i] = this.status[row]!;
      columns.run[i] = this.run[row]!;
      columns.attempts[i] = this.attempts[row]!;
      columns.flakyInRun[i] = this.flaky[row]!;
      columns.durationUs[i] = this.durationUs[row]!;
    }
    return { columns, starts };
  }

  /** Rows by test, then time, then run: a stable counting sort, then each test by time where it is not yet. */
  private order(tests: number): { order: Uint32Array; starts: Uint32Array } {
    const starts = new Uint32Array(tests + 1);
    for (let i = 0; i < this.size; i++) starts[this.test[i]! + 1]! += 1;
    for (let t = 0; t < tests; t++) starts[t + 1]! += starts[t]!;
    const next = starts.slice();
    const order = new Uint32Array(this.size);
    for (let i = 0; i < this.size; i++) order[next[this.test[i]!]!++] = i;
    for (let t = 0; t < tests; t++) this.sortByTime(order, starts[t]!, starts[t + 1]!);
    return { order, starts };
  }

  private sortByTime(order: Uint32Array, from: number, to: number): void {
    for (let i = from + 1; i < to; i++) {
      if (this.at[order[i]!]! >= this.at[order[i - 1]!]!) continue;
      order.subarray(from, to).sort((a, b) => this.at[a]! - this.at[b]! || this.run[a]! - this.run[b]!);
      return;
    }
  }

  private grow(): void {
    const capacity = this.test.length * 2;
    const widen = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.test = widen(new Int32Array(capacity), this.test);
    this.run = widen(new Uint32Array(capacity), this.run);
    this.at = widen(new Float64Array(capacity), this.at);
    this.durationUs = widen(new Float64Array(capacity), this.durationUs);
    this.attempts = widen(new Uint16Array(capacity), this.attempts);
    this.status = widen(new Uint8Array(capacity), this.status);
    this.flaky = widen(new Uint8Array(capacity), this.flaky);
  }
}
