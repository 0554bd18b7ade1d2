import { mean } from '../../common/stats/index.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, isConstant, present } from './series.js';

const { abs, exp, log, max, min, sqrt } = Math;

export const CHANGE_POINT_DEFINITION = { id: 'change_points.binseg_mbic', version: 1 } as const;
export const CHANGE_POINT_RULES = {
  minimumPoints: 8,
  /** Splits tried at most. */
  maximum: 5,
  /** A level that comes and goes again between two change points lasts at least so many points, and at most. */
  shortestVisit: 3,
  longestVisit: 400,
  /** Longer series are searched for single splits only. */
  visitsUpTo: 3000,
  /** Mass of the position posterior left out on each side. */
  tail: 0.005,
} as const;

export interface ChangePoint {
  /** Position in the series of the first point after the change. */
  readonly position: number;
  /**
   * 99 % interval of the point in which the change came, both ends included. It begins one point early: a change that
   * comes late in a day leaves that day nearly as the ones before.
   */
  readonly low99: number;
  readonly high99: number;
  /** Means of the segments on both sides, up to the neighbouring change points. */
  readonly before: number;
  readonly after: number;
  /** How much the fit gains over the penalty, in squared standard deviations: the evidence. */
  readonly gain: number;
}
export interface ChangePoints {
  readonly status: 'ok';
  readonly definition: typeof CHANGE_POINT_DEFINITION;
  /** In the order of time, both directions. */
  readonly points: readonly ChangePoint[];
}

/** Sums of x and x^2 up to each position. */
class Costs {
  private readonly sums: Float64Array;
  private readonly squares: Float64Array;
  private readonly logs: Float64Array;

  constructor(values: Float64Array) {
    this.sums = new Float64Array(values.length + 1);
    this.squares = new Float64Array(values.length + 1);
    this.logs = Float64Array.from({ length: values.length + 1 }, (_, length) => log(length));
    for (let i = 0; i < values.length; i++) {
      this.sums[i + 1] = this.sums[i]! + values[i]!;
      this.squares[i + 1] = this.squares[i]! + values[i]! ** 2;
    }
  }

  mean(from: number, to: number): number {
    return (this.sums[to]! - this.sums[from]!) / (to - from);
  }

  /** Squared deviations from the mean of from..to-1. */
  deviation(from: number, to: number): number {
    const sum = this.sums[to]! - this.sums[from]!;
    return max(0, this.squares[to]! - this.squares[from]! - (sum * sum) / (to - from));
  }

  /** MBIC's segment cost: deviation + ln(length) (Zhang & Siegmund 2007, as in the R package changepoint). */
  mbic(from: number, to: number): number {
    return this.deviation(from, to) + this.logs[to - from]!;
  }
}

const standardised = (values: Float64Array): Float64Array => {
  const n = values.length;
  const centre = values.reduce((sum, x) => sum + x / n, 0);
  const sd = sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (n - 1));
  return values.map((x) => (x - centre) / sd);
};

/** One change point, or two that hold a passing level between them, and what they gain over the penalty. */
interface Split {
  readonly at: readonly number[];
  readonly gain: number;
}

const better = (a: Split | undefined, b: Split | undefined): Split | undefined =>
  a === undefined || (b !== undefined && b.gain > a.gain) ? b : a;

/** The split of from..to-1 that lowers the cost most. */
const bestSplit = (costs: Costs, from: number, to: number, penalty: number): Split | undefined => {
  const whole = costs.mbic(from, to) - penalty;
  let [best, gain] = [-1, -Infinity];
  for (let at = from + 1; at < to; at++) {
    const value = whole - costs.mbic(from, at) - costs.mbic(at, to);
    if (value > gain) [best, gain] = [at, value];
  }
  return best < 0 ? undefined : { at: [best], gain };
};

/** The passing level within from..to-1 that lowers the cost most: both its ends pay the penalty. */
const bestVisit = (costs: Costs, from: number, to: number, penalty: number): Split | undefined => {
  const { shortestVisit, longestVisit } = CHANGE_POINT_RULES;
  const whole = costs.mbic(from, to) - 2 * penalty;
  let [start, end, gain] = [-1, -1, -Infinity];
  for (let i = from + 1; i < to - shortestVisit; i++) {
    const left = whole - costs.mbic(from, i);
    for (let j = i + shortestVisit; j < min(to, i + longestVisit); j++) {
      const value = left - costs.mbic(i, j) - costs.mbic(j, to);
      if (value > gain) [start, end, gain] = [i, j, value];
    }
  }
  return start < 0 ? undefined : { at: [start, end], gain };
};

/**
 * Change points that were found in a tamed series, as they are in what was measured. The first days of a new level look
 * like outliers and are drawn in, so that it is found too late and too small: days before it that were drawn in and lie
 * nearer to its level belong to it, and its levels are means of what was measured.
 */
export const asMeasured = (measured: Gapped, tamed: Gapped, points: readonly ChangePoint[]): ChangePoint[] => {
  const found: ChangePoint[] = [];
  for (const point of points) {
    const from = found.at(-1)?.position ?? 0;
    const position = beginOf(point, measured, tamed, from);
    found.push({ ...point, position, low99: min(point.low99, max(from, position - 1)) });
  }
  const bounds = [0, ...found.map(({ position }) => position), measured.length];
  const levelOf = (k: number): number => mean(present(measured.slice(bounds[k], bounds[k + 1])).value);
  return found.map((point, k) => ({ ...point, before: levelOf(k), after: levelOf(k + 1) }));
};

/** The first of the days up to a change point that belong to the level after it; never `from` itself. */
const beginOf = ({ position, before, after }: ChangePoint, measured: Gapped, tamed: Gapped, from: number): number => {
  let begin = position;
  for (let i = position - 1; i > from; i--) {
    const value = measured[i];
    if (value === null || value === undefined) continue;
    if (value === tamed[i] || abs(value - after) >= abs(value - before)) break;
    begin = i;
  }
  return begin;
};

interface Found {
  readonly at: number;
  readonly gain: number;
}

/** Binary segmentation: the best split of any segment, again and again, while it beats the penalty 3 ln n. */
const segmentation = (costs: Costs, n: number, visits: boolean): Found[] => {
  const penalty = 3 * log(n);
  const found: Found[] = [];
  const bounds = [0, n];
  while (found.length < CHANGE_POINT_RULES.maximum) {
    const room = CHANGE_POINT_RULES.maximum - found.length;
    let best: Split | undefined;
    for (let k = 0; k + 1 < bounds.length; k++) {
      const [from, to] = [bounds[k]!, bounds[k + 1]!];
      best = better(best, bestSplit(costs, from, to, penalty));
      if (visits && room > 1) best = better(best, bestVisit(costs, from, to, penalty));
    }
    if (best === undefined || best.gain <= 0) break;
    for (const at of best.at) found.push({ at, gain: best.gain });
    bounds.push(...best.at);
    bounds.sort((a, b) => a - b);
  }
  return found.sort((a, b) => a.at - b.at);
};

/** Posterior of a split's position between its neighbours, for normal noise of the pooled residual variance. */
const positionInterval = (costs: Costs, from: number, to: number, variance: number): [number, number] => {
  const weights = new Float64Array(to - from);
  let lowest = Infinity;
  for (let at = from + 1; at < to; at++) {
    weights[at - from] = costs.deviation(from, at) + costs.deviation(at, to);
    lowest = min(lowest, weights[at - from]!);
  }
  let total = 0;
  for (let k = 1; k < weights.length; k++)
    total += weights[k] = exp(-(weights[k]! - lowest) / (2 * max(variance, 1e-9)));
  const left = CHANGE_POINT_RULES.tail * total;
  let low = 1;
  for (let mass = weights[1]!; mass <= left;) mass += weights[++low]!;
  let high = weights.length - 1;
  for (let mass = weights[high]!; mass <= left;) mass += weights[--high]!;
  return [from + low, from + high];
};

export interface ChangePointOptions {
  /**
   * Look for levels that come and go, too (circular binary segmentation, Olshen et al. 2004). A single split is blind to
   * a week of failures in the middle of a quarter: its two ends hide each other.
   */
  readonly visits?: boolean;
}

/**
 * Change points of the mean (statistics.md section 3): binary segmentation of the z-scored series, MBIC penalty
 * 3 ln n + sum ln(segment length), at most 5. Gaps are left out; positions are those of the series. Fewer than 8 points
 * are refused.
 */
export const findChangePoints = (values: Gapped, options: ChangePointOptions = {}): ChangePoints | Insufficient => {
  const { index, value } = present(values);
  const n = value.length;
  if (n < CHANGE_POINT_RULES.minimumPoints)
    return insufficient(`change points need ${CHANGE_POINT_RULES.minimumPoints} points, there are ${n}`);
  const definition = CHANGE_POINT_DEFINITION;
  if (isConstant(value)) return { status: 'ok', definition, points: [] };
  const costs = new Costs(standardised(value));
  const raw = new Costs(value);
  const splits = segmentation(costs, n, options.visits === true && n <= CHANGE_POINT_RULES.visitsUpTo);
  const bounds = [0, ...splits.map((split) => split.at), n];
  const residual = bounds.slice(1).reduce((sum, to, k) => sum + costs.deviation(bounds[k]!, to), 0);
  const variance = residual / max(1, n - bounds.length + 1);
  const points = splits.map(({ at, gain }, k): ChangePoint => {
    const [from, to] = [bounds[k]!, bounds[k + 2]!];
    const [low, high] = positionInterval(costs, from, to, variance);
    return {
      position: index[at]!,
      low99: index[low - 1]!,
      high99: index[high]!,
      before: raw.mean(from, at),
      after: raw.mean(at, to),
      gain,
    };
  });
  return { status: 'ok', definition, points };
};
