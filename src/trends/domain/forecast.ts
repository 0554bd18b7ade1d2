import type { Coverage } from './conformal.js';
import { calibrate, coverageOf } from './conformal.js';
import type { ForecastModel, ForecastModelId } from './forecast-models.js';
import { autoEts, mstlEts, seasonalNaive } from './forecast-models.js';
import type { ForecastScale, Scale } from './forecast-scale.js';
import { filled, scaleFor } from './forecast-scale.js';
import type { OriginErrors } from './rolling-origin.js';
import { chooseOrigins, rollingErrors, trainingStart } from './rolling-origin.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, isConstant, present } from './series.js';

export const FORECAST_DEFINITION = { id: 'forecast.rolling_origin', version: 1 } as const;
export const FORECAST_RULES = { minimumPoints: 10, minimumPeriods: 2, maximumHorizon: 90 } as const;

export interface ForecastOptions {
  /** 1..90 steps. */
  readonly horizon: number;
  /** Lags of the known seasons of the series' period, in steps; [] for none. */
  readonly lags: readonly number[];
  readonly scale: ForecastScale;
}

export interface ForecastPoint {
  /** 1 is the first step after the series. */
  readonly step: number;
  readonly value: number;
  readonly low80: number;
  readonly high80: number;
  readonly low95: number;
  readonly high95: number;
}

export interface ForecastAccuracy extends Coverage {
  /** Mean absolute error over all origins and steps, by that of the naive forecast within the series (Hyndman 2006). */
  readonly mase: number | null;
  /** The same error by seasonal naive's from the same origins: below 1 is better. */
  readonly relativeToSeasonalNaive: number | null;
  readonly origins: number;
}

export interface Forecast {
  readonly status: 'ok';
  readonly definition: typeof FORECAST_DEFINITION;
  readonly model: ForecastModelId;
  /** Points it rests on, gaps left out. */
  readonly n: number;
  readonly points: readonly ForecastPoint[];
  readonly accuracy: ForecastAccuracy;
}

interface Candidate {
  readonly model: ForecastModel;
  readonly runs: readonly OriginErrors[];
  /** Mean absolute error on the metric's own scale. */
  readonly error: number;
}

/** Mean absolute error of back-transformed forecasts; Infinity without one. */
const ownError = (runs: readonly OriginErrors[], y: Float64Array, scale: Scale): number => {
  let [sum, n] = [0, 0];
  for (const { origin, errors, predictions } of runs)
    errors.forEach((error, h) => {
      if (Number.isNaN(error)) return;
      sum += Math.abs(scale.from(y[origin + h]!) - scale.from(predictions[h]!));
      n += 1;
    });
  return n > 0 ? sum / n : Infinity;
};

/** Mean absolute change over one lag within the series: the denominator of MASE. */
const naiveError = (values: Gapped, lag: number): number => {
  const changes = values.flatMap((x, i) => {
    const before = i >= lag ? values[i - lag] : null;
    return typeof x === 'number' && typeof before === 'number' ? [Math.abs(x - before)] : [];
  });
  return changes.length > 0 ? changes.reduce((a, b) => a + b, 0) / changes.length : 0;
};

const ratio = (a: number, b: number): number | null => (b > 0 && Number.isFinite(a) ? a / b : null);

/** Lags that the series is long enough for: two full periods. */
const usableLags = (lags: readonly number[], n: number): number[] =>
  lags.filter((lag) => lag >= 2 && n >= FORECAST_RULES.minimumPeriods * lag).sort((a, b) => a - b);

const refusal = (values: Gapped, options: ForecastOptions): Insufficient | undefined => {
  const n = present(values).value.length;
  const { horizon, lags } = options;
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > FORECAST_RULES.maximumHorizon)
    return insufficient(`a forecast reaches 1 to ${FORECAST_RULES.maximumHorizon} periods ahead`);
  const shortest = Math.min(...lags.filter((lag) => lag >= 2));
  // A year of weeks is too long to ask for twice: such series are forecast without their season.
  const periods = shortest <= 24 ? FORECAST_RULES.minimumPeriods * shortest : 0;
  const needed = Math.max(FORECAST_RULES.minimumPoints, periods);
  if (n < needed) return insufficient(`a forecast needs ${needed} points, there are ${n}`);
  return undefined;
};

const pointsOf = (center: Float64Array, runs: readonly OriginErrors[], scale: Scale): ForecastPoint[] => {
  const { half80, half95 } = calibrate(runs, center.length);
  return Array.from(center, (value, h) => ({
    step: h + 1,
    value: scale.from(value),
    low80: scale.from(value - half80[h]!),
    high80: scale.from(value + half80[h]!),
    low95: scale.from(value - half95[h]!),
    high95: scale.from(value + half95[h]!),
  }));
};

/**
 * Forecast with calibrated intervals (statistics.md section 5). The candidates are seasonal naive, AutoETS and MSTL + ETS;
 * the one with the least rolling-origin error is taken, and its errors there calibrate the intervals.
 * Fewer than 10 points or two periods: refused.
 */
export const forecast = (values: Gapped, options: ForecastOptions): Forecast | Insufficient => {
  const refused = refusal(values, options);
  if (refused) return refused;
  const { horizon } = options;
  const n = present(values).value.length;
  const lags = usableLags(options.lags, n);
  const lag = lags[0] ?? 1;
  const longest = lags.at(-1) ?? 1;
  const scale = scaleFor(options.scale, values);
  const y = filled(values).map(scale.to);
  const observed = Uint8Array.from(values, (x) => (x !== null && Number.isFinite(x) ? 1 : 0));
  const minimum = Math.min(y.length - 1, Math.max(FORECAST_RULES.minimumPoints - 2, 2 * lag + 1));
  const origins = chooseOrigins(y.length, horizon, minimum);
  const models = isConstant(y)
    ? [seasonalNaive(lag)]
    : [seasonalNaive(lag), autoEts, ...(lags.length > 0 ? [mstlEts(lags)] : [])];
  const candidates = models.flatMap((model): Candidate[] => {
    const runs = rollingErrors(model, y, observed, origins, horizon, longest);
    return runs ? [{ model, runs, error: ownError(runs, y, scale) }] : [];
  });
  return best(candidates, (model) => model.forecast(y.subarray(trainingStart(y.length, longest)), horizon), {
    values,
    horizon,
    lag,
    n,
    scale,
  });
};

interface Context {
  readonly values: Gapped;
  readonly horizon: number;
  readonly lag: number;
  readonly n: number;
  readonly scale: Scale;
}

/** The best candidate that can still be fitted to the whole series. */
const best = (
  candidates: readonly Candidate[],
  ahead: (model: ForecastModel) => Float64Array | undefined,
  { values, horizon, lag, n, scale }: Context,
): Forecast | Insufficient => {
  const naive = candidates.find(({ model }) => model.id === 'seasonal_naive')?.error ?? 0;
  for (const { model, runs, error } of [...candidates].sort((a, b) => a.error - b.error)) {
    const center = ahead(model);
    if (center === undefined) continue;
    return {
      status: 'ok',
      definition: FORECAST_DEFINITION,
      model: model.id,
      n,
      points: pointsOf(center, runs, scale),
      accuracy: {
        mase: ratio(error, naiveError(values, lag)),
        relativeToSeasonalNaive: ratio(error, naive),
        origins: runs.length,
        ...coverageOf(runs, horizon),
      },
    };
  }
  return insufficient('no model could be fitted');
};
