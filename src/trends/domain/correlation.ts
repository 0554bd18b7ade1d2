import { Z95 } from '../../common/stats/index.js';
import { autocorrelation, ranks } from './ranks.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, isConstant } from './series.js';

export const CORRELATION_DEFINITION = { id: 'correlation', version: 1 } as const;
const MINIMUM_PAIRS = 8;

export interface Coefficient {
  readonly value: number;
  /** 95 % interval on Fisher's z scale, with the effective n. */
  readonly low: number;
  readonly high: number;
}
export interface Correlation {
  readonly status: 'ok';
  readonly definition: typeof CORRELATION_DEFINITION;
  /** Points that both have, and what they are worth after autocorrelation. */
  readonly n: number;
  readonly effectiveN: number;
  readonly pearson: Coefficient;
  readonly spearman: Coefficient;
}

const pearsonOf = (x: Float64Array, y: Float64Array): number => {
  const n = x.length;
  const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v / n, 0);
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xy += (x[i]! - mx) * (y[i]! - my);
    xx += (x[i]! - mx) ** 2;
    yy += (y[i]! - my) ** 2;
  }
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
};

/** Two autocorrelated series hold fewer independent pairs: n (1 - r_x r_y) / (1 + r_x r_y) (Bartlett 1935). */
const effectiveSize = (x: Float64Array, y: Float64Array): number => {
  const product = autocorrelation(x, 1)[1]! * autocorrelation(y, 1)[1]!;
  return Math.max(4, Math.min(x.length, (x.length * (1 - product)) / (1 + product)));
};

/** Fisher's z; `spread` is the variance of z times (n - 3). */
const withInterval = (value: number, n: number, spread: number): Coefficient => {
  if (Math.abs(value) >= 1 - 1e-12) return { value, low: value, high: value };
  const half = Z95 * Math.sqrt(spread / (n - 3));
  return { value, low: Math.tanh(Math.atanh(value) - half), high: Math.tanh(Math.atanh(value) + half) };
};

/**
 * Pearson and Spearman correlation of two series of the same steps, over the points that both have. Intervals by
 * Fisher's z (Spearman: Bonett & Wright 2000). Fewer than 8 pairs, or a constant: refused.
 */
export const correlate = (a: Gapped, b: Gapped): Correlation | Insufficient => {
  const both = a.flatMap((x, i) => {
    const y = b[i];
    return typeof x === 'number' && typeof y === 'number' && Number.isFinite(x) && Number.isFinite(y) ? [[x, y]] : [];
  });
  const n = both.length;
  if (n < MINIMUM_PAIRS) return insufficient(`a correlation needs ${MINIMUM_PAIRS} common points, there are ${n}`);
  const [x, y] = [0, 1].map((side) => Float64Array.from(both, (pair) => pair[side]!)) as [Float64Array, Float64Array];
  if (isConstant(x) || isConstant(y)) return insufficient('a constant series correlates with nothing');
  const effectiveN = effectiveSize(x, y);
  const spearman = pearsonOf(ranks(x), ranks(y));
  return {
    status: 'ok',
    definition: CORRELATION_DEFINITION,
    n,
    effectiveN,
    pearson: withInterval(pearsonOf(x, y), effectiveN, 1),
    spearman: withInterval(spearman, effectiveN, 1 + spearman ** 2 / 2),
  };
};

/** Correlation of a series with its own time: the positions of its points. */
export const correlateWithTime = (values: Gapped): Correlation | Insufficient =>
  correlate(
    values,
    values.map((_, i) => i),
  );
