import type { CalendarInterval, Metric } from '../../metrics/index.js';
import { analyseSeries, type SeriesAnalysis } from '../domain/analyse-series.js';
import type { AnomalyKind } from '../domain/anomalies.js';
import type { ForecastScale } from '../domain/forecast-scale.js';
import type { Cycle } from '../domain/seasonality.js';
import type { Gapped } from '../domain/series.js';

/** A series to analyse, as plain data that can be sent to another thread. */
export interface AnalysisTask {
  readonly metric: Pick<Metric, 'kind' | 'unit' | 'goodDirection'>;
  readonly period: CalendarInterval;
  readonly values: Gapped;
  readonly n: readonly number[];
  readonly cycles: readonly Cycle[];
  /** Periods to forecast; absent: no forecast. */
  readonly horizon?: number;
}

const number = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));

const MS_UNITS = [
  { from: 3_600_000, name: 'h' },
  { from: 60_000, name: 'min' },
  { from: 1000, name: 's' },
] as const;

const duration = (ms: number): string => {
  const unit = MS_UNITS.find(({ from }) => Math.abs(ms) >= from);
  return unit ? `${number(ms / unit.from)} ${unit.name}` : `${number(ms)} ms`;
};

/** How a value of a unit reads in a sentence. */
export const formatOf = (unit: Metric['unit']): ((value: number) => string) => {
  if (unit === 'ratio') return (value) => `${number(value * 100)} %`;
  return unit === 'ms' ? duration : (value) => number(value, 4);
};

const formatDifferenceOf = (unit: Metric['unit']): ((value: number) => string) =>
  unit === 'ratio' ? (value) => `${number(value * 100)} percentage points` : formatOf(unit);

const anomalyKindOf = ({ kind }: AnalysisTask['metric']): AnomalyKind =>
  kind === 'rate' || kind === 'count' ? kind : 'other';

/** Rates on the logit scale, durations and counts on the log scale; what a client measures may be anything. */
const scaleOf = ({ kind, unit }: AnalysisTask['metric']): ForecastScale => {
  if (kind === 'rate') return 'rate';
  return unit === 'count' || unit === 'ms' ? 'positive' : 'plain';
};

/** Everything that statistics.md says of one series; see `analyseSeries`. */
export const analyseTask = ({ metric, period, values, n, cycles, horizon }: AnalysisTask): SeriesAnalysis =>
  analyseSeries({
    ...{ values, n, period, cycles },
    goodDirection: metric.goodDirection,
    kind: anomalyKindOf(metric),
    scale: scaleOf(metric),
    format: formatOf(metric.unit),
    formatDifference: formatDifferenceOf(metric.unit),
    ...(horizon !== undefined && { horizon }),
  });
