import { Z95, median, selectRank } from '../../common/stats/index.js';
import { countInversions } from './ranks.js';
import type { Gapped } from './series.js';
import { present } from './series.js';

const { max, min, round, sqrt } = Math;

/** Above so many points (3 million slopes) they are selected by counting instead of being listed. */
const LISTED_POINTS = 2500;

export interface SenSlope {
  /** Per step of the series. */
  readonly slope: number;
  /** Median of the values less slope x median of their positions (Conover). */
  readonly intercept: number;
  /** 95 % interval of the slope. */
  readonly low: number;
  readonly high: number;
}

const allSlopes = (x: Float64Array, y: Float64Array): Float64Array => {
  const slopes = new Float64Array((x.length * (x.length - 1)) / 2);
  let k = 0;
  for (let i = 0; i < x.length; i++)
    for (let j = i + 1; j < x.length; j++) slopes[k++] = (y[j]! - y[i]!) / (x[j]! - x[i]!);
  return slopes;
};

/**
 * The slope of 0-based rank k without a list: a slope is below t exactly where y - t x falls, so that inversions count
 * them; bisection on t to 1e-13 of its range.
 */
const countSlope = (x: Float64Array, y: Float64Array, k: number): number => {
  const spread = y.reduce((a, b) => max(a, b), -Infinity) - y.reduce((a, b) => min(a, b), Infinity);
  let [low, high] = [-spread, spread];
  for (let i = 0; i < 44; i++) {
    const t = (low + high) / 2;
    const below = countInversions(y.map((value, j) => value - t * x[j]!));
    if (below > k) high = t;
    else low = t;
  }
  return (low + high) / 2;
};

/**
 * Theil-Sen slope (Sen 1968) with the interval of its slope ranks, (N -+ z sqrt(Var)) / 2. Gaps keep their place.
 * @param varianceOfS variance of Mann-Kendall's S, corrected for autocorrelation where that applies
 * @returns undefined below two points
 */
export const senSlope = (values: Gapped, varianceOfS: number): SenSlope | undefined => {
  const { index, value } = present(values);
  const pairs = (index.length * (index.length - 1)) / 2;
  if (pairs < 1) return undefined;
  const listed = index.length <= LISTED_POINTS ? allSlopes(index, value) : undefined;
  const at = (rank: number): number => {
    const k = max(0, min(pairs - 1, rank));
    return listed ? selectRank(listed, k) : countSlope(index, value, k);
  };
  const half = Z95 * sqrt(varianceOfS);
  const slope = pairs % 2 === 1 ? at((pairs - 1) / 2) : (at(pairs / 2 - 1) + at(pairs / 2)) / 2;
  return {
    slope,
    intercept: median(value) - median(index) * slope,
    low: min(slope, at(round((pairs - half) / 2) - 1)),
    high: max(slope, at(round((pairs + half) / 2))),
  };
};
