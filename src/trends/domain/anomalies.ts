import { MAD_TO_SIGMA, mean, median, medianAbsoluteDeviation, wilson } from '../../common/stats/index.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, present } from './series.js';
import { senSlope } from './theil-sen.js';

const { abs, max, min, sqrt } = Math;

export const ANOMALY_DEFINITION = { id: 'anomalies.local_level', version: 1 } as const;
export const ANOMALY_RULES = {
  minimumPoints: 8,
  /** |score| from which a point is flagged (Iglewicz & Hoaglin 1993). */
  threshold: 3.5,
  /** A rate from fewer results than this is never flagged. */
  minimumResults: 20,
  /** Neighbours on each side, or one season if that is more. */
  reach: 7,
  /** A segment between change points stands for itself from this length on. */
  ownSegment: 6,
} as const;

/** rate: of `n` results; count: Poisson noise; other: durations and figures of the clients. */
export type AnomalyKind = 'rate' | 'count' | 'other';

export interface AnomalyInput {
  readonly values: Gapped;
  /** Results behind each point; needed for rates: a point without is never flagged. */
  readonly n?: readonly (number | null)[];
  readonly kind: AnomalyKind;
  /** A season that was found: deviation by position modulo its length. */
  readonly profile?: readonly number[];
  /** Positions of change points: neighbours are not looked for beyond them. */
  readonly changePoints?: readonly number[];
}

export interface Anomaly {
  readonly position: number;
  readonly value: number;
  readonly expected: number;
  /** Where a value is not flagged. */
  readonly expectedLow: number;
  readonly expectedHigh: number;
  /** Residual over its scale; the sign is the direction. */
  readonly score: number;
  readonly direction: 'above' | 'below';
  readonly n?: number;
}
export interface Anomalies {
  readonly status: 'ok';
  readonly definition: typeof ANOMALY_DEFINITION;
  readonly anomalies: readonly Anomaly[];
}

/** Positions split at change points; short ones join the one before. */
const segmentsOf = (length: number, changePoints: readonly number[]): [number, number][] => {
  const segments: [number, number][] = [];
  const bounds = [0, ...changePoints.filter((at) => at > 0 && at < length).sort((a, b) => a - b), length];
  for (let k = 0; k + 1 < bounds.length; k++) {
    const [from, to] = [bounds[k]!, bounds[k + 1]!];
    const last = segments.at(-1);
    const short = to - from < ANOMALY_RULES.ownSegment || (last && last[1] - last[0] < ANOMALY_RULES.ownSegment);
    if (last && short) last[1] = to;
    else segments.push([from, to]);
  }
  return segments;
};

/** Level that the neighbours of each point let expect, along the segment's slope; null without a neighbour. */
const localLevels = (rest: Gapped, from: number, to: number, reach: number): (number | null)[] => {
  const part = rest.slice(from, to);
  const slope = senSlope(part, 0)?.slope ?? 0;
  return part.map((_, i) => {
    const near: number[] = [];
    for (let j = max(0, i - reach); j <= min(part.length - 1, i + reach); j++) {
      const value = part[j];
      if (j !== i && typeof value === 'number') near.push(value + slope * (i - j));
    }
    return near.length > 0 ? median(near) : null;
  });
};

/** Standard deviation that sampling alone gives a point; for other figures one percent, so that ripples are none. */
const samplingNoise = (kind: AnomalyKind, expected: number, n: number, size: number): number => {
  if (kind === 'count') return sqrt(max(1, expected));
  if (kind === 'other') return 0.01 * max(abs(expected), size);
  // Agresti-Coull: a rate expected at 0 or 1 has noise, too.
  const p = (max(0, min(1, expected)) * n + 2) / (n + 4);
  return sqrt((p * (1 - p)) / n);
};

const withinOwnInterval = (value: number, expected: number, n: number): boolean => {
  const { low, high } = wilson(value * n, n);
  return low <= expected && expected <= high;
};

/**
 * Anomalies (statistics.md section 4): residual against the seasonal level and trend of the neighbours, scaled by the
 * robust spread of all residuals, never less than the sampling noise of the point.
 */
export const findAnomalies = (input: AnomalyInput): Anomalies | Insufficient => {
  const { values, profile } = input;
  const count = present(values).value.length;
  if (count < ANOMALY_RULES.minimumPoints)
    return insufficient(`anomalies need ${ANOMALY_RULES.minimumPoints} points, there are ${count}`);
  const season = (i: number): number => (profile && profile.length > 0 ? profile[i % profile.length]! : 0);
  const rest = values.map((x, i) => (typeof x === 'number' && Number.isFinite(x) ? x - season(i) : null));
  const reach = max(ANOMALY_RULES.reach, profile?.length ?? 0);
  const levels = segmentsOf(values.length, input.changePoints ?? []).flatMap(([from, to]) =>
    localLevels(rest, from, to, reach),
  );
  const residuals = rest.flatMap((x, i) => (x === null || typeof levels[i] !== 'number' ? [] : [x - levels[i]]));
  const spread = residuals.length > 0 ? MAD_TO_SIGMA * medianAbsoluteDeviation(residuals) : 0;
  const size = mean(present(values).value.map(Math.abs));
  const anomalies = rest.flatMap((x, i): Anomaly[] => {
    const level = levels[i];
    return x === null || typeof level !== 'number' ? [] : judge(input, i, level + season(i), { spread, size });
  });
  return { status: 'ok', definition: ANOMALY_DEFINITION, anomalies };
};

interface Noise {
  /** Robust spread of all residuals. */
  readonly spread: number;
  /** Mean absolute value of the series. */
  readonly size: number;
}

const judge = (input: AnomalyInput, position: number, expected: number, noise: Noise): Anomaly[] => {
  const { kind } = input;
  const value = input.values[position]!;
  const n = input.n?.[position] ?? undefined;
  if (kind === 'rate' && (n === undefined || n < ANOMALY_RULES.minimumResults)) return [];
  const scale = max(noise.spread, samplingNoise(kind, expected, n ?? 1, noise.size));
  if (scale === 0) return [];
  const score = (value - expected) / scale;
  if (abs(score) < ANOMALY_RULES.threshold) return [];
  if (kind === 'rate' && withinOwnInterval(value, expected, n ?? 0)) return [];
  const half = ANOMALY_RULES.threshold * scale;
  const highest = kind === 'rate' ? 1 : Infinity;
  const lowest = kind === 'other' && expected - half < 0 && value >= 0 ? 0 : kind === 'other' ? -Infinity : 0;
  return [
    {
      position,
      value,
      expected: max(lowest, min(highest, expected)),
      expectedLow: max(lowest, expected - half),
      expectedHigh: min(highest, expected + half),
      score,
      direction: score > 0 ? 'above' : 'below',
      ...(n !== undefined && { n }),
    },
  ];
};
