import type { ForecastModel } from './forecast-models.js';

/** Errors of one model from one origin; NaN where the truth is a gap. On the model's scale. */
export interface OriginErrors {
  readonly origin: number;
  readonly errors: Float64Array;
  readonly predictions: Float64Array;
}

export const ROLLING_RULES = {
  /** At least; short horizons need more, since each origin gives few errors to calibrate with. */
  origins: 7,
  mostOrigins: 20,
  errors: 28,
  /** Models see at most so many points, or three periods if that is more: fits stay fast and near the present. */
  window: 130,
} as const;

export const trainingStart = (to: number, longestLag: number): number =>
  Math.max(0, to - Math.max(ROLLING_RULES.window, 3 * longestLag + 1));

/**
 * Origins spread over the newest part of the series: the last leaves half a horizon, the first the whole of as many as
 * fit; all leave `minimum` points to learn from.
 */
export const chooseOrigins = (n: number, horizon: number, minimum: number): number[] => {
  const wanted = Math.min(
    ROLLING_RULES.mostOrigins,
    Math.max(ROLLING_RULES.origins, Math.ceil(ROLLING_RULES.errors / horizon)),
  );
  const last = Math.max(minimum, n - Math.max(1, Math.ceil(horizon / 2)));
  const first = Math.max(minimum, Math.min(n - horizon, last) - wanted * Math.max(1, Math.ceil(horizon / 2)));
  const count = Math.min(wanted, last - first + 1);
  const step = count > 1 ? (last - first) / (count - 1) : 0;
  return [...new Set(Array.from({ length: count }, (_, k) => Math.round(first + k * step)))].filter((at) => at < n);
};

/** Forecasts from each origin with what was known then; undefined as soon as the model fails at one. */
export const rollingErrors = (
  model: ForecastModel,
  y: Float64Array,
  observed: Uint8Array,
  origins: readonly number[],
  horizon: number,
  longestLag: number,
): OriginErrors[] | undefined => {
  const result: OriginErrors[] = [];
  for (const origin of origins) {
    const steps = Math.min(horizon, y.length - origin);
    const predictions = model.forecast(y.subarray(trainingStart(origin, longestLag), origin), steps);
    if (predictions === undefined) return undefined;
    const errors = predictions.map((value, h) => (observed[origin + h] === 1 ? y[origin + h]! - value : NaN));
    result.push({ origin, errors, predictions });
  }
  return result;
};
