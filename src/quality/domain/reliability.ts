import { wilson } from '../../common/stats/index.js';

export interface Reliability {
  readonly definition: { readonly id: 'reliability'; readonly version: 1 };
  readonly status: 'ok' | 'insufficient_data';
  /** 0..100; null without runs. */
  readonly value: number | null;
  readonly numerator: number;
  readonly denominator: number;
  /** Wilson's 95 % interval, 0..100. */
  readonly low: number;
  readonly high: number;
}

/**
 * 100 x the share of runs without a failure that is neither quarantined nor known to be flaky (statistics.md section 6).
 * @param runs one entry per run with judged outcomes: the failures in it that nothing excuses
 */
export const reliability = (runs: readonly { readonly unexcusedFailures: number }[]): Reliability => {
  const denominator = runs.length;
  const numerator = runs.filter((run) => run.unexcusedFailures === 0).length;
  const { low, high } = wilson(numerator, denominator);
  return {
    definition: { id: 'reliability', version: 1 },
    status: denominator > 0 ? 'ok' : 'insufficient_data',
    value: denominator > 0 ? (100 * numerator) / denominator : null,
    numerator,
    denominator,
    low: 100 * low,
    high: 100 * high,
  };
};
