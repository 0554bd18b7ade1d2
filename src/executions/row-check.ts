import { Slices } from '../common/index.js';
import type { Rejection } from './domain/batch-outcome.js';
import { validateRow, type RowProblem } from './formats/row-validator.js';
import type { BatchRow } from './result-preparer.js';

export interface CheckedRows {
  readonly rows: readonly BatchRow[];
  /** The first thousand. */
  readonly rejected: readonly Rejection[];
  readonly rejectedCount: number;
}

/** More would not be read: millions of them, as a body of the smallest wrong rows has, took more memory than there is. */
export const MOST_REJECTIONS = 1_000;

/** A problem of a row as the client finds it in the body. */
export const toRejection = ({ index, pointer, code, detail }: RowProblem): Rejection => ({
  index,
  pointer: `/results/${index}${pointer}`,
  code,
  detail,
});

const SLICE = 500;

/** Checks every row, and tells the good from the bad. */
export const checkRows = async (rows: readonly unknown[], now: number): Promise<CheckedRows> => {
  const good: BatchRow[] = [];
  const rejected: Rejection[] = [];
  let rejectedCount = 0;
  const slices = new Slices();
  for (let index = 0; index < rows.length; index++) {
    const verdict = validateRow(rows[index], index, now);
    if (verdict.ok) good.push({ index, result: verdict.value });
    else {
      rejected.push(...verdict.problems.slice(0, MOST_REJECTIONS - rejected.length).map(toRejection));
      rejectedCount += verdict.problems.length;
    }
    if (index % SLICE === 0) await slices.pause();
  }
  return { rows: good, rejected, rejectedCount };
};
