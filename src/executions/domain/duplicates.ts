import type { Rejection } from './batch-outcome.js';
import type { PreparedResult } from './prepare-results.js';

export interface Split {
  readonly fresh: readonly PreparedResult[];
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
}

/**
 * Tells rows that are new from those whose attempt is stored already, or stands earlier in the same batch: with the same
 * content they are duplicates, with other content a `conflict`.
 * @param known content hashes of stored results by hex id
 */
export const splitKnown = (batch: readonly PreparedResult[], known: ReadonlyMap<string, string>): Split => {
  const fresh: PreparedResult[] = [];
  const rejected: Rejection[] = [];
  const hashes = new Map(known);
  let duplicates = 0;
  for (const prepared of batch) {
    const id = prepared.id.toString('hex');
    const hash = hashes.get(id);
    if (hash === undefined) {
      hashes.set(id, prepared.hash);
      fresh.push(prepared);
    } else if (hash === prepared.hash) duplicates++;
    else rejected.push(conflict(prepared));
  }
  return { fresh, duplicates, rejected };
};

const conflict = ({ index, record, result }: PreparedResult): Rejection => ({
  index,
  pointer: `/results/${index}`,
  code: 'conflict',
  detail: `attempt ${record.attempt} of "${result.name}" is in this run already, with other content`,
});
