import { RESULT_STATUSES, type AttemptRecord, type Run } from '../../executions/index.js';
import { buildRunDays, DAY_MS, type RunDay } from './build-rows.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { ROW_HAS_DURATION, ROW_STATUS, type Rows } from './rows.js';

/** A part of a run whose results are gone. */
export interface FrozenPart extends RunDay {
  /** In which generation each row came; absent where the run had one only, or was frozen before this was kept. */
  readonly generations?: Uint8Array;
}

/** In which generation each row came, as pairs of a generation and how many rows it holds for: rows of a batch lie together. */
export const packGenerations = (rows: Rows, attempts: readonly AttemptRecord[]): Buffer => {
  const generationOf = new Map(attempts.map(({ test, attempt, generation }) => [keyOf(test, attempt), generation]));
  const out = new ByteWriter();
  let from = 0;
  const at = (i: number): number => generationOf.get(keyOf(rows.test[i]!, rows.attempt[i]!)) ?? 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && at(i) === at(from)) continue;
    out.varint(at(from));
    out.varint(i - from);
    from = i;
  }
  return out.finish();
};

/**
 * What a run that is gone consisted of at one of its generations, derived anew from the rows of its end. What is not
 * known, since its generations were not kept, is taken as it was at its end.
 */
export const frozenAt = (run: Run, generation: number, parts: readonly FrozenPart[]): RunDay[] => {
  if (parts.some(({ generations }) => !generations)) return parts.map(({ day, rows }) => ({ day, rows }));
  const attempts = parts.flatMap(attemptsOf).filter((attempt) => attempt.generation <= generation);
  return buildRunDays({ ...run, generation }, attempts);
};

const keyOf = (test: number, attempt: number): number => test * 0x10000 + attempt;

const attemptsOf = ({ day, rows, generations }: FrozenPart): AttemptRecord[] => {
  const generation = unpackGenerations(generations!, rows.length);
  return Array.from({ length: rows.length }, (_, i): AttemptRecord => {
    const { suite, type, owner, tags } = rows.groups[rows.group[i]!]!;
    return {
      ...{ suite, type, owner, tags, generation: generation[i]! },
      test: rows.test[i]!,
      attempt: rows.attempt[i]!,
      status: RESULT_STATUSES[rows.flags[i]! & ROW_STATUS]!,
      at: day * DAY_MS + rows.at[i]!,
      durationUs: rows.flags[i]! & ROW_HAS_DURATION ? rows.durationUs[i]! : undefined,
      fingerprint: rows.fingerprints[rows.fingerprint[i]!]!,
    };
  });
};

const unpackGenerations = (bytes: Uint8Array, length: number): Uint32Array => {
  const input = new ByteReader(bytes);
  const generations = new Uint32Array(length);
  for (let from = 0; from < length;) {
    const generation = input.varint();
    const to = from + input.varint();
    generations.fill(generation, from, to);
    from = to;
  }
  return generations;
};
