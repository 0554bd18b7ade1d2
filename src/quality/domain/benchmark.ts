import { median } from '../../common/stats/index.js';

export interface Benchmark {
  readonly status: 'ok' | 'insufficient_data';
  /** 1 is the best; ties share the better rank. */
  readonly rank: number | null;
  readonly of: number;
  /** Share of the others that are not better, 0..1. */
  readonly percentile: number | null;
  readonly median: number | null;
  readonly best: number | null;
}

/**
 * Where a score stands among those of the other projects of the organization (higher is better).
 * @param others scores of the other projects; null for those without enough data
 */
export const benchmark = (own: number | null, others: readonly (number | null)[]): Benchmark => {
  const known = others.filter((score) => score !== null);
  const of = known.length + (own === null ? 0 : 1);
  if (own === null || known.length === 0)
    return { status: 'insufficient_data', rank: null, of, percentile: null, median: null, best: null };
  const better = known.filter((score) => score > own).length;
  return {
    status: 'ok',
    rank: better + 1,
    of,
    percentile: 1 - better / known.length,
    median: median([own, ...known]),
    best: Math.max(own, ...known),
  };
};
