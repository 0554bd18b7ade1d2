import type { RunRecord } from './run-record.js';

/** A row that was not taken. `pointer` is into the request's body; of a file it is the row's place in it. */
export interface Rejection {
  readonly index: number;
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface BatchOutcome {
  readonly run: RunRecord;
  /** Rows that are new. */
  readonly accepted: number;
  /** Rows that were stored already with the same content. */
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
  /** How many there are, where not all of them are in `rejected`. */
  readonly rejectedCount?: number;
}
