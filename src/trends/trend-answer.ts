import type { TimeBucket } from '../metrics/index.js';
import type { SeriesAnalysis } from './domain/analyse-series.js';
import type { Correlation } from './domain/correlation.js';
import type { Insufficient } from './domain/series.js';
import type { MetricPoint, Stretch } from './series/metric-points.js';
import type { MetricFacts } from './series/series-sources.js';

/** A run beside a change point. */
export interface NeighbouringRun {
  readonly runId: string;
  readonly project: string;
  readonly startedAt: Date;
  readonly name?: string;
  readonly branch?: string;
  readonly commit?: string;
}

/** Newest first before the change, oldest first after it. */
export interface ChangeSides {
  readonly before: readonly NeighbouringRun[];
  readonly after: readonly NeighbouringRun[];
}

export interface AnalysedSeries {
  readonly metric: MetricFacts;
  readonly points: readonly MetricPoint[];
  /** What of the points the analysis looked at; its positions count from `judged.from`. */
  readonly judged: Stretch;
  readonly analysis: SeriesAnalysis;
  /** One per change point. */
  readonly sides: readonly ChangeSides[];
  /** The periods of the forecast. */
  readonly ahead: readonly TimeBucket[];
}

export interface MetricPair {
  readonly metrics: readonly [string, string];
  readonly correlation: Correlation | Insufficient;
}

export interface TrendsAnswer {
  readonly asOf: number;
  readonly newestCommitAt?: Date;
  readonly series: readonly AnalysedSeries[];
  readonly correlations: readonly MetricPair[];
}
