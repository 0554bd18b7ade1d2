import type { RunTable, TestHistory } from './test-history.js';

interface Column {
  [index: number]: number;
  readonly length: number;
}
const gather = <T extends Column>(from: T, into: T, order: Uint32Array): T => {
  for (let i = 0; i < order.length; i++) into[i] = from[order[i]!]!;
  return into;
};

/** Growing columns of outcomes of many tests, in any order. */
export class HistoryCollector {
  private size = 0;
  private test = new Int32Array(1024);
  private at = new Float64Array(1024);
  private status = new Uint8Array(1024);
  private run = new Uint32Array(1024);
  private attempts = new Uint16Array(1024);
  private flaky = new Uint8Array(1024);
  private durationUs = new Float64Array(1024);

  get length(): number {
    return this.size;
  }

  /**
   * One outcome.
   * @param test dense test number, >= 0
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
    if (this.size === this.test.length) this.grow();
    const i = this.size++;
    this.test[i] = test;
    this.at[i] = at;
    this.status[i] = status;
    this.run[i] = run;
    this.attempts[i] = attempts;
    this.flaky[i] = flakyInRun ? 1 : 0;
    this.durationUs[i] = durationUs;
  }

  /** The history of each test, by test number. All are views of the same columns: cheap for thousands of tests. */
  histories(table: RunTable): Map<number, TestHistory> {
    const order = this.order();
    const at = gather(this.at, new Float64Array(this.size), order);
    const status = gather(this.status, new Uint8Array(this.size), order);
    const run = gather(this.run, new Uint32Array(this.size), order);
    const attempts = gather(this.attempts, new Uint16Array(this.size), order);
    const flakyInRun = gather(this.flaky, new Uint8Array(this.size), order);
    const durationUs = gather(this.durationUs, new Float64Array(this.size), order);
    const found = new Map<number, TestHistory>();
    for (let from = 0; from < this.size;) {
      const test = this.test[order[from]!]!;
      let to = from + 1;
      while (to < this.size && this.test[order[to]!] === test) to += 1;
      found.set(test, {
        length: to - from,
        at: at.subarray(from, to),
        status: status.subarray(from, to),
        run: run.subarray(from, to),
        attempts: attempts.subarray(from, to),
        flakyInRun: flakyInRun.subarray(from, to),
        durationUs: durationUs.subarray(from, to),
        table,
      });
      from = to;
    }
    return found;
  }

  /** Rows by test, then time, then run: a stable counting sort by test, then each test by time where it is not yet. */
  private order(): Uint32Array {
    let tests = 0;
    for (let i = 0; i < this.size; i++) tests = Math.max(tests, this.test[i]! + 1);
    const next = new Uint32Array(tests + 1);
    for (let i = 0; i < this.size; i++) next[this.test[i]! + 1]! += 1;
    for (let t = 0; t < tests; t++) next[t + 1]! += next[t]!;
    const order = new Uint32Array(this.size);
    const starts = next.slice();
    for (let i = 0; i < this.size; i++) order[next[this.test[i]!]!++] = i;
    for (let t = 0; t < tests; t++) this.sortByTime(order.subarray(starts[t], starts[t + 1]));
    return order;
  }

  private sortByTime(rows: Uint32Array): void {
    for (let i = 1; i < rows.length; i++) {
      if (this.at[rows[i]!]! < this.at[rows[i - 1]!]!) {
        rows.sort((a, b) => this.at[a]! - this.at[b]! || this.run[a]! - this.run[b]!);
        return;
      }
    }
  }

  private grow(): void {
    const capacity = this.test.length * 2;
    const widen = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.test = widen(new Int32Array(capacity), this.test);
    this.at = widen(new Float64Array(capacity), this.at);
    this.status = widen(new Uint8Array(capacity), this.status);
    this.run = widen(new Uint32Array(capacity), this.run);
    this.attempts = widen(new Uint16Array(capacity), this.attempts);
    this.flaky = widen(new Uint8Array(capacity), this.flaky);
    this.durationUs = widen(new Float64Array(capacity), this.durationUs);
  }
}
