import { studentTQuantile } from '../../common/stats/index.js';
import type { OriginErrors } from './rolling-origin.js';

const { abs, ceil, max, min, sqrt } = Math;

/** Half widths of the intervals by step ahead, on the model's scale. */
export interface Calibration {
  readonly half80: Float64Array;
  readonly half95: Float64Array;
}

const NEIGHBOURS = 2;
/** Degrees of freedom that the choice among three models takes. */
const CHOICES = 2;

/** Root mean square error by step, over neighbouring steps, never falling with the distance. */
const spreadByStep = (runs: readonly OriginErrors[], horizon: number): Float64Array => {
  const squares = new Float64Array(horizon);
  const counts = new Float64Array(horizon);
  for (const { errors } of runs)
    errors.forEach((error, h) => {
      if (Number.isNaN(error)) return;
      squares[h]! += error * error;
      counts[h]! += 1;
    });
  const spread = new Float64Array(horizon);
  let largest = 0;
  for (let h = 0; h < horizon; h++) {
    let [sum, n] = [0, 0];
    for (let k = max(0, h - NEIGHBOURS); k <= min(horizon - 1, h + NEIGHBOURS); k++) {
      sum += squares[k]!;
      n += counts[k]!;
    }
    if (n > 0) largest = max(largest, sqrt(sum / n));
    spread[h] = largest;
  }
  return spread;
};

/** The conformal order statistic: rank ceil((N + 1) x confidence); the largest where N is too small for it. */
const conformalQuantile = (sorted: Float64Array, confidence: number): number =>
  sorted.length === 0 ? 0 : sorted[min(sorted.length, ceil((sorted.length + 1) * confidence)) - 1]!;

/**
 * Split-conformal intervals from the errors of a rolling origin (Vovk et al.; statistics.md section 5): absolute errors
 * divided by the spread of their step are pooled, their quantile times the spread is the half width. Errors of one
 * origin go together, so the quantile is never taken below Student's t for the number of origins.
 */
export const calibrate = (runs: readonly OriginErrors[], horizon: number): Calibration => {
  const spread = spreadByStep(runs, horizon);
  const pooled: number[] = [];
  for (const { errors } of runs)
    errors.forEach((error, h) => {
      if (!Number.isNaN(error) && spread[h]! > 0) pooled.push(abs(error) / spread[h]!);
    });
  const sorted = Float64Array.from(pooled).sort();
  const effective = effectiveErrors(runs);
  const degrees = max(1, effective - 1);
  // the model was chosen for these very errors, which makes them look smaller than those to come: the fewer, the more
  const chosen = sqrt(1 + CHOICES / max(1, effective));
  const half = (confidence: number): Float64Array => {
    const quantile = max(conformalQuantile(sorted, confidence), studentTQuantile(0.5 + confidence / 2, degrees));
    return spread.map((s) => s * quantile * chosen);
  };
  return { half80: half(0.8), half95: half(0.95) };
};

/** What the errors are worth as independent ones: one per origin, and one more per two steps of it. */
const effectiveErrors = (runs: readonly OriginErrors[]): number =>
  runs.reduce((sum, { errors }) => sum + 1 + errors.filter((error) => !Number.isNaN(error)).length / 2, 0);

export interface Coverage {
  readonly coverage80: number | null;
  readonly coverage95: number | null;
}

/** Share of the errors within intervals calibrated on the other origins; null with fewer than two origins. */
export const coverageOf = (runs: readonly OriginErrors[], horizon: number): Coverage => {
  if (runs.length < 2) return { coverage80: null, coverage95: null };
  let [n, in80, in95] = [0, 0, 0];
  runs.forEach((run, left) => {
    const { half80, half95 } = calibrate(
      runs.filter((_, k) => k !== left),
      horizon,
    );
    run.errors.forEach((error, h) => {
      if (Number.isNaN(error)) return;
      n += 1;
      if (abs(error) <= half80[h]!) in80 += 1;
      if (abs(error) <= half95[h]!) in95 += 1;
    });
  });
  return { coverage80: n > 0 ? in80 / n : null, coverage95: n > 0 ? in95 / n : null };
};
