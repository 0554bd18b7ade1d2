/**
 * Attempts of one (project, UTC day) in columns, decoded. The same shape serves one run's part of a day and a whole
 * sealed day. Row i is one attempt; all arrays have `length` entries.
 */
export interface Rows {
  readonly length: number;
  /** Test numbers. */
  readonly test: Int32Array;
  /** See ROW_* below; the low three bits are the status code. */
  readonly flags: Uint8Array;
  readonly attempt: Uint16Array;
  /** Milliseconds since the start of the UTC day. */
  readonly at: Uint32Array;
  /** Microseconds; meaningless without ROW_HAS_DURATION. */
  readonly durationUs: Float64Array;
  /** Index into `groups`. */
  readonly group: Uint16Array | Uint32Array;
  /** Index into `runs`. */
  readonly run: Uint16Array | Uint32Array;
  /** Index into `fingerprints`; 0 is none. */
  readonly fingerprint: Uint16Array | Uint32Array;
  readonly groups: readonly GroupKey[];
  readonly runs: readonly RowRun[];
  readonly fingerprints: readonly string[];
}

export const ROW_STATUS = 0b0111;
/** The last attempt of its test in its run: the outcome. Without it the row is a superseded attempt. */
export const ROW_FINAL = 0b0000_1000;
/** An outcome that passed after at least one failed attempt. */
export const ROW_FLAKY = 0b0001_0000;
/** An outcome with more than one attempt. */
export const ROW_RETRIED = 0b0010_0000;
export const ROW_HAS_DURATION = 0b0100_0000;

/** The dimensions of an outcome besides its test and run; '' where a client sent none. */
export interface GroupKey {
  readonly suite: string;
  readonly type: string;
  readonly environment: string;
  readonly branch: string;
  readonly owner: string;
  /** triggeredBy of the run. */
  readonly user: string;
  readonly kind: string;
  /** Tags of the result and its run, sorted, without duplicates. */
  readonly tags: readonly string[];
}

export interface RowRun {
  readonly runId: string;
  /** Seconds since 1970: with the run id, test id and attempt it makes the id of the result document. */
  readonly startedAtSeconds: number;
  /** The generation of the run that these rows hold. */
  readonly generation: number;
  readonly commit: string;
  /** live, or expired: the result documents are gone by retention. (Rows of deleted runs are not in a day.) */
  readonly expired: boolean;
}

/** One day's rows as a scan hands them out. `match[i]` is 1 where row i passes the filter, range and attempt mode. */
export interface DayRows {
  readonly projectId: string;
  readonly projectKey: string;
  /** Days since 1970-01-01 (UTC). */
  readonly day: number;
  readonly rows: Rows;
  readonly match: Uint8Array;
}
