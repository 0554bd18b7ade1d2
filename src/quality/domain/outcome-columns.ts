import type { Slices } from '../../common/index.js';
import type { RunTable, TestHistory } from './test-history.js';

const FIRST_CAPACITY = 16_384;
/** Rows moved between two looks at the clock: about a millisecond. */
const ROWS_AT_ONCE = 16_384;

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
    const sorting = this.sort(tests, table);
    for (;;) {
      const { done, value } = sorting.next();
      if (done) return value;
    }
  }

  /** The same beside other work of the process. */
  async historiesInSlices(tests: number, table: RunTable, slices: Slices): Promise<TestHistory[]> {
    const sorting = this.sort(tests, table);
    for (;;) {
      const { done, value } = sorting.next();
      if (done) return value;
      await slices.pause();
    }
  }

  private *sort(tests: number, table: RunTable): Generator<undefined, TestHistory[]> {
    const { order, starts } = this.order(tests);
    yield;
    const n = this.size;
    const sorted = {
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
      sorted.at[i] = this.at[row]!;
      sorted.status[i] = this.status[row]!;
      sorted.run[i] = this.run[row]!;
      sorted.attempts[i] = this.attempts[row]!;
      sorted.flakyInRun[i] = this.flaky[row]!;
      sorted.durationUs[i] = this.durationUs[row]!;
    }
    return Array.from({ length: tests }, (_, test): TestHistory => {
      const [from, to] = [starts[test]!, starts[test + 1]!];
      return {
        length: to - from,
        at: sorted.at.subarray(from, to),
        status: sorted.status.subarray(from, to),
        run: sorted.run.subarray(from, to),
        attempts: sorted.attempts.subarray(from, to),
        flakyInRun: sorted.flakyInRun.subarray(from, to),
        durationUs: sorted.durationUs.subarray(from, to),
        table,
      };
    });
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
