import { type DayRows, FAILED, RAN, ROW_FINAL, ROW_STATUS, testRef } from '../../metrics/index.js';
import { type Group, type GroupDimension, groupKey } from './rule.js';
import { groupOfRow } from './row-groups.js';

const DAY_MS = 86_400_000;
/** A failure is new when none of so many outcomes before failed: the same as the built-in gate says. */
export const QUIET_OUTCOMES = 5;
export const HISTORY_DAYS = 30;

/** The number of a renamed test's present name. */
type Canonical = (projectId: string, number: number) => number;

interface LastOutcome {
  readonly at: number;
  readonly failed: boolean;
  readonly group: Group;
}

/** New failures of one group. */
export interface NewFailures {
  readonly group: Group;
  /** `projectId:number` of the tests. */
  readonly tests: readonly string[];
  /** Tests with an outcome that ran. */
  readonly n: number;
}

/** Final outcomes that ran, row by row, of tests by their present names. */
const eachOutcome = (
  day: DayRows,
  canonical: Canonical,
  take: (test: string, at: number, failed: boolean, row: number) => void,
): void => {
  const { rows, match, projectId } = day;
  for (let i = 0; i < rows.length; i++) {
    const flags = rows.flags[i]!;
    if (match[i] === 0 || (flags & ROW_FINAL) === 0) continue;
    const status = flags & ROW_STATUS;
    if (RAN[status] !== true) continue;
    const test = testRef(projectId, canonical(projectId, rows.test[i]!));
    take(test, day.day * DAY_MS + rows.at[i]!, FAILED[status] === true, i);
  }
};

/**
 * Tests that fail now and did not before: their newest outcome in the window failed, they ran before the window, and none
 * of their last 5 outcomes before it failed. First the window is fed, then the past: only of tests that failed it is kept.
 */
export class NewFailureCollector {
  private readonly last = new Map<string, LastOutcome>();
  private readonly past = new Map<string, { at: number; failed: boolean }[]>();

  constructor(
    private readonly dimensions: readonly GroupDimension[],
    private readonly isExcused: (test: string) => boolean = () => false,
    private readonly canonical: Canonical = (_, number) => number,
  ) {}

  addWindow(day: DayRows): void {
    eachOutcome(day, this.canonical, (test, at, failed, row) => {
      const known = this.last.get(test);
      if (!known || at >= known.at) this.last.set(test, { at, failed, group: groupOfRow(this.dimensions, day, row) });
    });
  }

  /** Whether the past has to be read at all. */
  get hasFailures(): boolean {
    return [...this.last.values()].some(({ failed }) => failed);
  }

  addPast(day: DayRows): void {
    eachOutcome(day, this.canonical, (test, at, failed) => {
      if (this.last.get(test)?.failed !== true) return;
      const known = this.past.get(test);
      if (known) known.push({ at, failed });
      else this.past.set(test, [{ at, failed }]);
    });
  }

  /** One entry per group that had an outcome in the window; no entry at all for an empty window. */
  finish(): NewFailures[] {
    const groups = new Map<string, { group: Group; tests: string[]; n: number }>();
    for (const [test, { failed, group }] of this.last) {
      const key = groupKey(group);
      const entry = groups.get(key) ?? { group, tests: [], n: 0 };
      groups.set(key, entry);
      entry.n++;
      if (failed && this.isNew(test) && !this.isExcused(test)) entry.tests.push(test);
    }
    return [...groups.values()];
  }

  private isNew(test: string): boolean {
    const past = [...(this.past.get(test) ?? [])].sort((a, b) => b.at - a.at).slice(0, QUIET_OUTCOMES);
    return past.length > 0 && past.every(({ failed }) => !failed);
  }
}
