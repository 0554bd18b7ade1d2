/** Statuses of one attempt, in the order of their stored codes. Append only: the position is what is stored. */
export const RESULT_STATUSES = ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'] as const;
export type ResultStatus = (typeof RESULT_STATUSES)[number];

/** failed = an assertion, broken = anything else that threw, timeout = took too long: all three count as a failure. */
export const FAILURE_STATUSES: readonly ResultStatus[] = ['failed', 'broken', 'timeout'];

export const RUN_KINDS = ['ci', 'manual', 'batch', 'scheduled'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const RUN_STATUSES = ['running', 'finished', 'aborted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface StepInput {
  readonly name: string;
  readonly status: ResultStatus;
  readonly durationMs?: number;
  readonly expected?: string;
  readonly actual?: string;
  readonly error?: string;
  readonly warnings?: readonly string[];
}

export interface ErrorInput {
  readonly type?: string;
  readonly message?: string;
  readonly stack?: string;
}

/** One attempt of one test as a client sends it, whatever the format was. `suite` is a path with `/` between its parts. */
export interface ResultInput {
  readonly name: string;
  readonly suite?: string;
  readonly file?: string;
  readonly type?: string;
  readonly tags?: readonly string[];
  readonly owner?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly status: ResultStatus;
  /** 1-based; when absent, the ordinal of the test within its request or file. */
  readonly attempt?: number;
  /** ISO 8601; when absent, the run's startedAt. */
  readonly startedAt?: string;
  readonly durationMs?: number;
  readonly error?: ErrorInput;
  readonly steps?: readonly StepInput[];
  readonly worker?: string;
}

export interface ResourcesInput {
  readonly cpuPercent?: number;
  readonly memoryMb?: number;
  readonly diskIoMb?: number;
  readonly networkIoMb?: number;
}

/** The metadata of a run; everything but the project may be left out. */
export interface RunInput {
  readonly project: string;
  readonly externalId?: string;
  readonly build?: { readonly id: string; readonly shard?: number; readonly shards?: number };
  readonly kind?: RunKind;
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly commitTime?: string;
  readonly pullRequest?: string;
  readonly environment?: string;
  readonly ci?: { readonly provider?: string; readonly url?: string; readonly job?: string };
  readonly triggeredBy?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly workers?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly resources?: ResourcesInput;
}

/** A stored run, as the repositories hand it out. Ids are strings; times are Dates. */
export interface Run {
  readonly runId: string;
  readonly organization: string;
  readonly projectId: string;
  readonly projectKey: string;
  readonly externalId: string;
  readonly build?: RunInput['build'];
  readonly kind: RunKind;
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
  readonly commitTime?: Date;
  readonly pullRequest?: string;
  readonly environment?: string;
  readonly ci?: RunInput['ci'];
  readonly triggeredBy?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly startedAt: Date;
  readonly finishedAt?: Date;
  readonly status: RunStatus;
  readonly workers?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly resources?: ResourcesInput;
  /** Incremented by every batch before it inserts; results are stamped with it. */
  readonly generation: number;
  /** The generation that the rollups contain. */
  readonly summarised: number;
  /** UTC days (days since 1970-01-01) that hold an attempt of this run, sorted. */
  readonly days: readonly number[];
  /** live; deleted: by a client; expired: removed by retention, its summary frozen. */
  readonly state: RunState;
}
export type RunState = 'live' | 'deleted' | 'expired';

/**
 * One attempt as the read model needs it: everything but the bulky parts. Times in epoch ms, durations in whole
 * microseconds so that sums are exact in any order.
 */
export interface AttemptRecord {
  /** The test's number within its project (dense, from 1). */
  readonly test: number;
  readonly attempt: number;
  readonly status: ResultStatus;
  readonly at: number;
  readonly durationUs?: number;
  readonly generation: number;
  readonly suite: string;
  readonly type: string;
  readonly owner: string;
  /** The result's own tags, sorted, without duplicates; the run's tags are added by the read model. */
  readonly tags: readonly string[];
  /** Hex fingerprint of the error (statistics.md section 7), '' without one. */
  readonly fingerprint: string;
}

/**
 * What `executions` calls, inside the run's write lease, before it answers 2xx; `metrics` implements it. It must be
 * idempotent: it is called again with the same arguments after a crash.
 */
export interface CommitHook {
  /**
   * Replaces the run's summary by one computed from exactly these attempts (all of the run up to `run.generation`).
   * @param previousDays the days that held the run before, so that days it left are marked as changed too
   * @returns the days that now hold it
   */
  summarise(run: Run, attempts: readonly AttemptRecord[], previousDays: readonly number[]): Promise<readonly number[]>;
  /** The run's results are about to be removed: keep its summary frozen under the new state and mark its days. */
  freeze(run: Run, state: 'deleted' | 'expired'): Promise<void>;
}
export const COMMIT_HOOK = Symbol('COMMIT_HOOK');

/** An entry of the commit log. Positions are gapless and become visible in order: whoever sees n sees all before it. */
export interface Commit {
  readonly position: number;
  readonly organization: string;
  readonly projectId: string;
  readonly kind: 'results' | 'deleted' | 'expired' | 'definition';
  readonly runId?: string;
  readonly generation?: number;
  readonly days: readonly number[];
  readonly at: Date;
}
