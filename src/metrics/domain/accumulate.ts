import { DomainError } from '../../common/index.js';
import { emptyAggregate, mergeAggregate, RAN } from './aggregate.js';
import { SLOT_MS, SLOTS_PER_DAY, SUPERSEDED, type DayBlock } from './day-block.js';
import { bucketOf } from './histogram.js';
import type { AnswerRow, CellAggregate, Dimension } from './query.js';
import { RowMatcher, type Selection } from './row-matcher.js';
import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED, ROW_STATUS, type GroupKey, type Rows } from './rows.js';

export const MAX_CELLS = 20_000;

export interface ProjectFacts {
  readonly projectId: string;
  readonly projectKey: string;
  readonly team: string;
}

const GROUP_VALUE: Readonly<Record<Exclude<Dimension, 'project' | 'team' | 'test' | 'run' | 'tag'>, keyof GroupKey>> = {
  suite: 'suite',
  type: 'type',
  branch: 'branch',
  environment: 'environment',
  owner: 'owner',
  user: 'user',
  kind: 'kind',
};

/** Dimensions that only rows know. */
export const isRowDimension = (dimension: Dimension): boolean => dimension === 'test' || dimension === 'run';

/** A test as the accumulator names it: numbers are dense per project, so the project belongs to it. */
export const testRef = (projectId: string, test: number): string => `${projectId}:${test}`;

/** The values of a dimension for a group; `test` and `run` are filled in per row. */
const valuesOf = (dimension: Dimension, project: ProjectFacts, group: GroupKey): readonly string[] => {
  switch (dimension) {
    case 'project':
      return [project.projectKey];
    case 'team':
      return [project.team];
    case 'tag':
      return group.tags.length > 0 ? group.tags : [''];
    case 'test':
    case 'run':
      return [''];
    default:
      return [group[GROUP_VALUE[dimension]] as string];
  }
};

/**
 * Adds days up into cells (bucket x group). Feed it blocks or rows of any number of days and projects in any order;
 * the result does not depend on the order.
 */
export class Accumulator {
  private readonly cells = new Map<
    string,
    { readonly group: readonly string[]; readonly byBucket: (CellAggregate | undefined)[] }
  >();
  private readonly targets = new Map<string, Map<GroupKey, readonly CellColumn[] | null>>();
  private readonly rowTargets = new Map<string, Map<number | string, readonly CellColumn[]>>();
  private readonly byTest: boolean;
  private readonly byRun: boolean;
  private readonly totals = emptyAggregate();
  private readonly bucketOfSlot = new Int32Array(SLOTS_PER_DAY);
  private readonly multiValued: boolean;
  private count = 0;

  constructor(
    private readonly selection: Selection,
    private readonly groupBy: readonly Dimension[],
    /** Epoch ms to bucket index, -1 outside the range. */
    private readonly bucketAt: (epochMs: number) => number,
    /** False: the range is one bucket, and rows carry none. */
    private readonly bucketed: boolean,
  ) {
    this.multiValued = groupBy.includes('tag');
    this.byTest = groupBy.includes('test');
    this.byRun = groupBy.includes('run');
  }

  /** A whole day from its rollup; every quarter hour of it must lie in the range and in one bucket. */
  addBlock(project: ProjectFacts, dayStartMs: number, block: DayBlock): void {
    const targets = block.groups.map((group) => this.columnsOf(project, group));
    const buckets = this.bucketOfSlot.fill(-2);
    const all = this.selection.attempts === 'all';
    for (let e = 0; e < block.length; e++) {
      const columns = targets[block.group[e]!];
      if (!columns) continue;
      const slot = block.slot[e]!;
      if (buckets[slot] === -2) buckets[slot] = this.bucketAt(dayStartMs + slot * SLOT_MS);
      const bucket = buckets[slot]!;
      if (bucket < 0) continue;
      for (const column of columns) addEntry(this.cellOf(column, bucket), block, e, all, this.selection.statusMask);
      if (this.multiValued) addEntry(this.totals, block, e, all, this.selection.statusMask);
    }
  }

  /** The matching attempts of a day, one by one. A test's group value is `projectId:number`, see `testRef`. */
  addRows(project: ProjectFacts, dayStartMs: number, rows: Rows): void {
    const accepted = new RowMatcher(this.selection, project.projectId, rows, dayStartMs);
    const byRow = this.byTest || this.byRun;
    const targets = byRow ? rows.groups.map((group) => this.rowTargetsOf(project, group)) : [];
    for (let i = 0; i < rows.length; i++) {
      if (!accepted.admits(i)) continue;
      const bucket = this.bucketAt(dayStartMs + rows.at[i]!);
      if (bucket < 0) continue;
      const group = rows.groups[rows.group[i]!]!;
      const columns = byRow
        ? this.rowColumns(project, targets[rows.group[i]!]!, rows, i)
        : this.columnsOf(project, group);
      for (const column of columns ?? []) addRow(this.cellOf(column, bucket), rows, i, this.selection);
      if (this.multiValued) addRow(this.totals, rows, i, this.selection);
    }
  }

  /** Cells in the order of bucket, then group; `totals` counts every outcome once, also where a tag repeats it. */
  finish(): { rows: AnswerRow[]; totals: CellAggregate } {
    const rows: AnswerRow[] = [];
    for (const { group, byBucket } of this.cells.values())
      byBucket.forEach((aggregate, bucket) => {
        if (!aggregate) return;
        rows.push({ ...(this.bucketed ? { bucket } : {}), group, aggregate });
        if (!this.multiValued) mergeAggregate(this.totals, aggregate);
      });
    rows.sort((a, b) => (a.bucket ?? 0) - (b.bucket ?? 0) || compareGroups(a.group, b.group));
    return { rows: rows.filter((row) => hasContent(row.aggregate)), totals: this.totals };
  }

  private columnsOf(project: ProjectFacts, group: GroupKey): readonly CellColumn[] | null {
    let ofProject = this.targets.get(project.projectId);
    if (!ofProject)
      this.targets.set(project.projectId, (ofProject = new Map<GroupKey, readonly CellColumn[] | null>()));
    let columns = ofProject.get(group);
    if (columns === undefined) {
      columns = this.selection.group(group) ? this.expand(project, group) : null;
      ofProject.set(group, columns);
    }
    return columns;
  }

  private rowColumns(
    project: ProjectFacts,
    known: Map<number | string, readonly CellColumn[]>,
    rows: Rows,
    i: number,
  ): readonly CellColumn[] {
    const number = rows.test[i]!;
    const run = this.byRun ? rows.runs[rows.run[i]!]!.runId : '';
    const key = this.byRun ? `${this.byTest ? number : ''}:${run}` : number;
    let columns = known.get(key);
    if (!columns) {
      const test = this.byTest ? testRef(project.projectId, number) : '';
      const values = this.groupBy.map((dimension) => (dimension === 'test' ? test : dimension === 'run' ? run : ''));
      known.set(key, (columns = this.expand(project, rows.groups[rows.group[i]!]!, values)));
    }
    return columns;
  }

  /** Columns by test and run, shared by all groups of all days that have the same values besides these. */
  private rowTargetsOf(project: ProjectFacts, group: GroupKey): Map<number | string, readonly CellColumn[]> {
    const values = this.groupBy.map((dimension) =>
      isRowDimension(dimension) ? '' : valuesOf(dimension, project, group).join('\u0001'),
    );
    const id = [project.projectId, ...values].join('\u0000');
    let targets = this.rowTargets.get(id);
    if (!targets) this.rowTargets.set(id, (targets = new Map<number | string, readonly CellColumn[]>()));
    return targets;
  }

  /** One column per combination of dimension values (several only for tags). */
  private expand(project: ProjectFacts, group: GroupKey, rowValues: readonly string[] = []): CellColumn[] {
    let combinations: string[][] = [[]];
    this.groupBy.forEach((dimension, index) => {
      const values = isRowDimension(dimension) ? [rowValues[index] ?? ''] : valuesOf(dimension, project, group);
      combinations = combinations.flatMap((head) => values.map((value) => [...head, value]));
    });
    return combinations.map((values) => {
      const id = values.join('\u0000');
      let column = this.cells.get(id);
      if (!column) this.cells.set(id, (column = { group: values, byBucket: [] }));
      return column;
    });
  }

  private cellOf(column: CellColumn, bucket: number): CellAggregate {
    const known = column.byBucket[bucket];
    if (known) return known;
    if (++this.count > MAX_CELLS)
      throw new DomainError('invalid', 'too_many_cells', `The answer has more than ${MAX_CELLS} cells`, {
        errors: [{ pointer: '/groupBy', detail: 'ask for fewer groups, a longer interval or a shorter range' }],
      });
    return (column.byBucket[bucket] = emptyAggregate());
  }
}

interface CellColumn {
  readonly group: readonly string[];
  readonly byBucket: (CellAggregate | undefined)[];
}

const addEntry = (cell: CellAggregate, block: DayBlock, e: number, all: boolean, statusMask: number): void => {
  const code = block.code[e]!;
  const status = code & ROW_STATUS;
  const superseded = code >= SUPERSEDED;
  const n = block.n[e]!;
  if (superseded) {
    cell.retries += n;
    cell.retryDurationUs += block.durationSumUs[e]!;
    if (!all) return;
  }
  if (!((statusMask >> status) & 1)) return;
  cell.counts[status]! += n;
  cell.flaky += block.flaky[e]!;
  cell.retried += block.retried[e]!;
  if (!RAN[status] || block.durationN[e] === 0) return;
  cell.durationN += block.durationN[e]!;
  cell.durationSumUs += block.durationSumUs[e]!;
  cell.durationMinUs = Math.min(cell.durationMinUs, block.durationMinUs[e]!);
  cell.durationMaxUs = Math.max(cell.durationMaxUs, block.durationMaxUs[e]!);
  const { histogram } = cell;
  const { histogramBucket, histogramCount } = block;
  for (let h = block.start[e]!, end = block.start[e + 1]!; h < end; h++)
    histogram[histogramBucket[h]!]! += histogramCount[h]!;
};

const addRow = (cell: CellAggregate, rows: Rows, i: number, selection: Selection): void => {
  const flags = rows.flags[i]!;
  const status = flags & ROW_STATUS;
  const hasDuration = (flags & ROW_HAS_DURATION) !== 0;
  const us = rows.durationUs[i]!;
  if (!(flags & ROW_FINAL)) {
    cell.retries++;
    if (hasDuration) cell.retryDurationUs += us;
    if (selection.attempts === 'final') return;
  }
  if (!((selection.statusMask >> status) & 1)) return;
  cell.counts[status]!++;
  if (flags & ROW_FLAKY) cell.flaky++;
  if (flags & ROW_RETRIED) cell.retried++;
  if (!hasDuration || !RAN[status]) return;
  cell.durationN++;
  cell.durationSumUs += us;
  cell.durationMinUs = Math.min(cell.durationMinUs, us);
  cell.durationMaxUs = Math.max(cell.durationMaxUs, us);
  cell.histogram[bucketOf(us)]!++;
};

// a cell that holds only superseded attempts has no outcome to show, but its retries stand in the totals
const hasContent = (aggregate: CellAggregate): boolean => aggregate.counts.some((n) => n > 0);

const compareGroups = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < a.length; i++) {
    if (a[i]! < b[i]!) return -1;
    if (a[i]! > b[i]!) return 1;
  }
  return 0;
};
