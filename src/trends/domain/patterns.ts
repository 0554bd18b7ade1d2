import type { Anomaly } from './anomalies.js';
import type { ChangePoint } from './change-points.js';
import type { Period, SeasonTest } from './seasonality.js';
import type { Trend } from './trend.js';

export type PatternKind = 'season' | 'cycle' | 'step' | 'drift' | 'burst';

/** Something found in a series, in words and with what it rests on. */
export interface Pattern {
  readonly kind: PatternKind;
  readonly text: string;
  /** Positions in the series that it is about: the points of a burst, the first point after a step. */
  readonly positions: readonly number[];
  readonly evidence: Readonly<Record<string, number>>;
}

export interface PatternInput {
  readonly period: Period;
  /** How a value of the metric reads. */
  readonly format: (value: number) => string;
  /** How a difference of two values reads. */
  readonly formatDifference?: (value: number) => string;
  readonly trend?: Trend;
  readonly changePoints: readonly ChangePoint[];
  readonly seasons: readonly SeasonTest[];
  /** Names of the cycles that the client asked for. */
  readonly named: readonly string[];
  readonly anomalies: readonly Anomaly[];
}

const seasonPattern = (season: SeasonTest, input: PatternInput): Pattern => {
  const difference = input.formatDifference ?? input.format;
  const highest = Math.max(...season.profile);
  const lowest = Math.min(...season.profile);
  return {
    kind: input.named.includes(season.name) ? 'cycle' : 'season',
    text: `Repeats every ${season.lag} ${input.period}s (${season.name}): its phases lie ${difference(highest - lowest)} apart and explain ${Math.round(100 * (season.strength ?? 0))} % of the variation`,
    positions: [],
    evidence: { lag: season.lag, r: season.r ?? 0, threshold: season.threshold ?? 0, strength: season.strength ?? 0 },
  };
};

const stepPattern = (point: ChangePoint, { format }: PatternInput): Pattern => ({
  kind: 'step',
  text: `Stepped ${point.after > point.before ? 'up' : 'down'} from ${format(point.before)} to ${format(point.after)}`,
  positions: [point.position],
  evidence: { before: point.before, after: point.after, low99: point.low99, high99: point.high99, gain: point.gain },
});

/** A trend with no step in it; with steps, the trend is how they look from afar. */
const driftPattern = (trend: Trend, input: PatternInput): Pattern => ({
  kind: 'drift',
  text: `Drifts ${trend.movement === 'rising' ? 'up' : 'down'} by ${(input.formatDifference ?? input.format)(Math.abs(trend.slope.slope))} per ${input.period}`,
  positions: [],
  evidence: { slope: trend.slope.slope, low: trend.slope.low, high: trend.slope.high, p: trend.hamedRao.p },
});

/** Anomalies of one direction in consecutive points. */
const bursts = (anomalies: readonly Anomaly[]): Anomaly[][] => {
  const groups: Anomaly[][] = [];
  for (const anomaly of anomalies) {
    const last = groups.at(-1)?.at(-1);
    if (last && anomaly.position - last.position === 1 && anomaly.direction === last.direction)
      groups.at(-1)!.push(anomaly);
    else groups.push([anomaly]);
  }
  return groups;
};

const burstPattern = (group: readonly Anomaly[], { period, format }: PatternInput): Pattern => {
  const worst = [...group].sort((a, b) => Math.abs(b.score) - Math.abs(a.score))[0]!;
  const length = group.length === 1 ? `one ${period}` : `${group.length} ${period}s`;
  return {
    kind: 'burst',
    text: `${worst.direction === 'above' ? 'Above' : 'Below'} its range for ${length}: ${format(worst.value)} where ${format(worst.expected)} was expected`,
    positions: group.map((anomaly) => anomaly.position),
    evidence: { value: worst.value, expected: worst.expected, score: worst.score, length: group.length },
  };
};

/** What was found, in words (statistics.md section 4). Nothing found: an empty list. */
export const describePatterns = (input: PatternInput): Pattern[] => [
  ...input.seasons.filter((season) => season.significant).map((season) => seasonPattern(season, input)),
  ...input.changePoints.map((point) => stepPattern(point, input)),
  ...(input.trend && input.trend.movement !== 'none' && input.changePoints.length === 0
    ? [driftPattern(input.trend, input)]
    : []),
  ...bursts(input.anomalies).map((group) => burstPattern(group, input)),
];
