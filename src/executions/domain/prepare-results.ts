import { contentHashOf, toMicroseconds } from './content-hash.js';
import { fingerprintOf } from './fingerprint.js';
import type { AttemptRecord, ErrorInput, ResultInput, Run } from './model.js';
import { resultIdOf } from './test-identity.js';

/** A test as results refer to it. */
export interface KnownTest {
  readonly testId: string;
  readonly number: number;
  readonly suite: string;
}

/** A row of a request, and which attempt of its test it is. */
export interface NumberedRow {
  /** Its place in the request, from 0. */
  readonly index: number;
  readonly result: ResultInput;
  readonly test: KnownTest;
  readonly attempt: number;
}

/** An attempt that is ready to be stored. */
export interface PreparedResult {
  readonly index: number;
  /** `_id` of the document: 16 bytes. */
  readonly id: Buffer;
  readonly hash: string;
  readonly result: ResultInput;
  readonly error?: ErrorInput & { readonly fingerprint: string };
  readonly test: KnownTest;
  readonly record: AttemptRecord;
}

export type RunStart = Pick<Run, 'runId' | 'startedAt'>;

const NO_TAGS: readonly string[] = [];

/**
 * Works out the id, the content hash and what the read model needs. A result without a start has its run's.
 * @param generation of the run, which the attempt is stamped with
 */
export const prepareResult = (row: NumberedRow, run: RunStart, generation: number): PreparedResult => {
  const { index, result, test, attempt } = row;
  const at = result.startedAt === undefined ? run.startedAt.getTime() : Date.parse(result.startedAt);
  const placed = result.startedAt === undefined ? { ...result, startedAt: run.startedAt.toISOString() } : result;
  const fingerprint = result.error === undefined ? '' : fingerprintOf(result.error).fingerprint;
  return {
    index,
    id: resultIdOf(run.startedAt.getTime() / 1000, run.runId, test.testId, attempt),
    hash: contentHashOf(placed),
    result,
    error: result.error && { ...result.error, fingerprint },
    test,
    record: {
      test: test.number,
      attempt,
      status: result.status,
      at,
      durationUs: toMicroseconds(result.durationMs),
      generation,
      suite: test.suite,
      type: result.type ?? '',
      owner: result.owner ?? '',
      tags: result.tags?.length ? [...new Set(result.tags)].sort() : NO_TAGS,
      fingerprint,
    },
  };
};

/** The same attempt under another generation. */
export const stampGeneration = (prepared: PreparedResult, generation: number): PreparedResult =>
  prepared.record.generation === generation ? prepared : { ...prepared, record: { ...prepared.record, generation } };

/**
 * Numbers the attempts of one request or file: a row without a number is the n-th attempt of its test when n - 1 rows of
 * that test stand before it, numbered or not. It remembers what it has seen, so a stream is numbered chunk by chunk.
 */
export class AttemptNumbers {
  private readonly seen = new Map<string, number>();

  next(testId: string, given: number | undefined): number {
    const ordinal = (this.seen.get(testId) ?? 0) + 1;
    this.seen.set(testId, ordinal);
    return given ?? ordinal;
  }
}
