import { mean, median, sampleVariance } from '../../common/stats/index.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, present } from './series.js';

export interface SeriesSummary {
  readonly status: 'ok';
  /** Points that are there, and gaps. */
  readonly n: number;
  readonly gaps: number;
  readonly mean: number;
  readonly median: number;
  /** Of the sample; null for one point. */
  readonly standardDeviation: number | null;
  readonly minimum: number;
  readonly maximum: number;
}

/** Mean, median, sd and range of the points that are there. */
export const summarise = (values: Gapped): SeriesSummary | (Insufficient & { readonly n: 0 }) => {
  const { value } = present(values);
  const n = value.length;
  if (n === 0) return { ...insufficient('the series has no point'), n };
  return {
    status: 'ok',
    n,
    gaps: values.length - n,
    mean: mean(value),
    median: median(value),
    standardDeviation: n > 1 ? Math.sqrt(sampleVariance(value)) : null,
    minimum: value.reduce((a, b) => Math.min(a, b)),
    maximum: value.reduce((a, b) => Math.max(a, b)),
  };
};
