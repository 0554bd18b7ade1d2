import type { AttemptMode } from './query.js';
import { ROW_FINAL, ROW_STATUS, type GroupKey, type Rows } from './rows.js';

/** What of a day counts. Predicates over groups are asked once per distinct group. */
export interface Selection {
  readonly group: (group: GroupKey) => boolean;
  /** Bit i is set where status code i counts. */
  readonly statusMask: number;
  /** Test numbers by project id; absent: all. */
  readonly tests?: ReadonlyMap<string, ReadonlySet<number>>;
  /** Run ids; absent: all. */
  readonly runs?: ReadonlySet<string>;
  readonly fromMs: number;
  readonly toMs: number;
  readonly attempts: AttemptMode;
}

/** Decides row by row; the verdict on a group, run or test is taken once per day. */
export class RowMatcher {
  private readonly groups: readonly boolean[];
  private readonly runs: readonly boolean[] | undefined;
  private readonly tests: ReadonlySet<number> | undefined;

  constructor(
    private readonly selection: Selection,
    projectId: string,
    private readonly rows: Rows,
    private readonly dayStartMs: number,
  ) {
    this.groups = rows.groups.map(selection.group);
    this.tests = selection.tests && (selection.tests.get(projectId) ?? new Set());
    this.runs = selection.runs && rows.runs.map((run) => selection.runs!.has(run.runId));
  }

  /** Whether the row may add to a cell: in final mode superseded attempts pass too, since they make up `retries`. */
  admits(i: number): boolean {
    const { rows, selection } = this;
    if (!this.groups[rows.group[i]!]) return false;
    if (this.runs && !this.runs[rows.run[i]!]) return false;
    if (this.tests && !this.tests.has(rows.test[i]!)) return false;
    const at = this.dayStartMs + rows.at[i]!;
    return at >= selection.fromMs && at < selection.toMs;
  }

  /** `counts` of every row, as 0 and 1: the same verdicts without a call per row. */
  matches(): Uint8Array {
    const { rows, selection, dayStartMs } = this;
    const { length, flags, group, at } = rows;
    const match = new Uint8Array(length);
    if (this.runs || this.tests) {
      for (let i = 0; i < length; i++) if (this.counts(i)) match[i] = 1;
      return match;
    }
    const groups = Uint8Array.from(this.groups, Number);
    const [from, to] = [selection.fromMs - dayStartMs, selection.toMs - dayStartMs];
    const { statusMask } = selection;
    const needed = selection.attempts === 'final' ? ROW_FINAL : 0;
    for (let i = 0; i < length; i++) {
      const f = flags[i]!;
      if (groups[group[i]!] === 1 && (f & needed) === needed && ((statusMask >> (f & ROW_STATUS)) & 1) === 1)
        match[i] = at[i]! >= from && at[i]! < to ? 1 : 0;
    }
    return match;
  }

  /** Whether the row is one of those that `executions` counts: what a drill-down lists. */
  counts(i: number): boolean {
    const flags = this.rows.flags[i]!;
    if (!(flags & ROW_FINAL) && this.selection.attempts === 'final') return false;
    return ((this.selection.statusMask >> (flags & ROW_STATUS)) & 1) === 1 && this.admits(i);
  }
}
