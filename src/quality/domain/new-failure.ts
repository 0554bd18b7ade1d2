import { isFailure, isJudged, type TestHistory } from './test-history.js';

/** A failure is new when none of so many outcomes before failed: as alerts and the built-in gate say. */
export const QUIET_OUTCOMES = 5;

/** What a test says of a stretch of time; `absent`: it did not run in it. */
export type NewFailure = 'absent' | 'old' | 'new';

/**
 * Whether a test fails that did not before: its newest outcome of the rows `first` up to `end` failed, it ran before them,
 * and none of its last 5 outcomes before them failed. Skipped and cancelled outcomes say nothing.
 * @param earliest row from which on the past counts
 */
export const newFailureOf = (
  { status }: Pick<TestHistory, 'status'>,
  { earliest, first, end }: { readonly earliest: number; readonly first: number; readonly end: number },
): NewFailure => {
  const newest = newestJudged(status, first, end);
  if (newest === undefined) return 'absent';
  if (!isFailure(status[newest]!)) return 'old';
  let before = newestJudged(status, earliest, first);
  if (before === undefined) return 'old';
  for (let looked = 0; before !== undefined && looked < QUIET_OUTCOMES; looked++) {
    if (isFailure(status[before]!)) return 'old';
    before = newestJudged(status, earliest, before);
  }
  return 'new';
};

/** The last judged row of `from` up to `to`. */
const newestJudged = (status: Uint8Array, from: number, to: number): number | undefined => {
  for (let i = to - 1; i >= from; i--) if (isJudged(status[i]!)) return i;
  return undefined;
};
