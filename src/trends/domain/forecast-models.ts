import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AutoETS, initSync as initEts } from '@bsull/augurs/ets';
import { MSTL, initSync as initMstl } from '@bsull/augurs/mstl';

export type ForecastModelId = 'seasonal_naive' | 'auto_ets' | 'mstl_ets';

/** Point forecasts of the next `horizon` steps; undefined where the model cannot be fitted. `y` has no gaps. */
export interface ForecastModel {
  readonly id: ForecastModelId;
  readonly forecast: (y: Float64Array, horizon: number) => Float64Array | undefined;
}

let loaded = false;
/** The WASM modules are read once, when the first model is fitted: in Node only `initSync` works. */
const load = (): void => {
  if (loaded) return;
  const folder = dirname(createRequire(import.meta.url).resolve('@bsull/augurs/ets'));
  initEts({ module: readFileSync(join(folder, 'ets_bg.wasm')) });
  initMstl({ module: readFileSync(join(folder, 'mstl_bg.wasm')) });
  loaded = true;
};

interface Fitted {
  fit(y: Float64Array): void;
  predict(horizon: number): { point: number[] };
  free(): void;
}

/** A model that finds no fit says so by throwing; a forecast that is no number is none. */
const fitAndPredict = (make: () => Fitted, y: Float64Array, horizon: number): Float64Array | undefined => {
  load();
  let model: Fitted | undefined;
  try {
    model = make();
    model.fit(y);
    const point = Float64Array.from(model.predict(horizon).point);
    return point.length === horizon && point.every(Number.isFinite) ? point : undefined;
  } catch {
    return undefined;
  } finally {
    model?.free();
  }
};

/** The last period again and again; with lag 1, the last value. */
export const seasonalNaive = (lag: number): ForecastModel => ({
  id: 'seasonal_naive',
  forecast: (y, horizon) =>
    y.length < lag ? undefined : Float64Array.from({ length: horizon }, (_, h) => y[y.length - lag + (h % lag)]!),
});

/** Exponential smoothing without a season, the form chosen by AICc (@bsull/augurs). */
export const autoEts: ForecastModel = {
  id: 'auto_ets',
  forecast: (y, horizon) => fitAndPredict(() => new AutoETS(1, 'ZZN'), y, horizon),
};

/** STL at each lag, ETS on what is left (Bandara et al. 2021; @bsull/augurs). Wants two full periods. */
export const mstlEts = (lags: readonly number[]): ForecastModel => ({
  id: 'mstl_ets',
  forecast: (y, horizon) => {
    const usable = lags.filter((lag) => y.length >= 2 * lag + 1);
    return usable.length === 0 ? undefined : fitAndPredict(() => MSTL.ets([...usable]), y, horizon);
  },
});
