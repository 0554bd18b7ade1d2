import type { ErrorInput, ResultStatus, StepInput } from './model.js';

/** A test of a project. */
export interface StoredTest {
  readonly testId: string;
  /** Its number within the project, which stands for it in results and rollups. */
  readonly number: number;
  readonly projectId: string;
  readonly projectKey: string;
  readonly suite: string;
  readonly name: string;
  /** As the newest result that named one said. */
  readonly file?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Earliest start of an attempt; absent while no result of it is stored. */
  readonly firstAt?: Date;
}

/** One attempt of a test, whole. */
export interface StoredResult {
  /** 32 hex digits. */
  readonly resultId: string;
  readonly runId: string;
  readonly projectId: string;
  readonly test: StoredTest;
  readonly type?: string;
  readonly tags: readonly string[];
  readonly owner?: string;
  readonly status: ResultStatus;
  readonly attempt: number;
  readonly startedAt: Date;
  readonly durationMs?: number;
  readonly error?: ErrorInput & { readonly fingerprint?: string };
  readonly steps: readonly StepInput[];
  readonly worker?: string;
  /** The generation of the run that brought it. */
  readonly generation: number;
}
