import { betaCdf, median } from '../../common/stats/index.js';
import type { Gapped, Insufficient } from './series.js';
import { insufficient, present } from './series.js';
import { senSlope } from './theil-sen.js';

const { max, sqrt } = Math;

export const SEASONALITY_DEFINITION = { id: 'seasonality.known_lags', version: 1 } as const;

/** A cycle to test: one of the known lags, or one that a client names (a sprint, a release). */
export interface Cycle {
  readonly name: string;
  /** Steps of the series. */
  readonly lag: number;
}

export type Period = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';

/** The known lags; nothing else is searched, because a free search finds a season in all white noise. */
export const KNOWN_CYCLES: Readonly<Record<Period, readonly Cycle[]>> = {
  hour: [{ name: 'hour of day', lag: 24 }],
  day: [{ name: 'day of week', lag: 7 }],
  week: [{ name: 'week of year', lag: 52 }],
  month: [],
  quarter: [],
  year: [],
};

const Z90 = 1.645;
/** The phases must differ too, at this level: the autocorrelation alone errs in one of twenty series of noise. */
const PHASE_ALPHA = 0.01;

export interface SeasonTest extends Cycle {
  readonly status: 'ok' | 'insufficient_data';
  readonly reason?: string;
  readonly significant: boolean;
  /** Autocorrelation at the lag, and what it must exceed. */
  readonly r: number | null;
  readonly threshold: number | null;
  /** p value of the phases' means being equal (F test on the detrended series). */
  readonly p: number | null;
  /** Share of the detrended variance that the phases explain, adjusted for their number, 0..1. */
  readonly strength: number | null;
  /** Median deviation from the level by phase (position modulo lag); empty unless significant. */
  readonly profile: readonly number[];
}
export interface Seasonality {
  readonly status: 'ok';
  readonly definition: typeof SEASONALITY_DEFINITION;
  readonly tested: readonly SeasonTest[];
  /** The significant one of the greatest strength. */
  readonly season?: SeasonTest;
}

/** The series less its Theil-Sen line; gaps stay. */
export const withoutTrend = (values: Gapped): (number | null)[] => {
  const line = senSlope(values, 0);
  return values.map((x, i) =>
    x === null || !Number.isFinite(x) ? null : x - (line ? line.intercept + line.slope * i : 0),
  );
};

/** The series less a seasonal profile (deviation by position modulo its length); an empty profile takes nothing away. */
export const withoutSeason = (values: Gapped, profile: readonly number[]): Gapped =>
  profile.length === 0 ? values : values.map((x, i) => (x === null ? null : x - profile[i % profile.length]!));

/** Autocorrelations 1..maxLag over the pairs that are there, as if divided by n. */
const correlogram = (values: Gapped, maxLag: number): Float64Array => {
  const { value } = present(values);
  const centre = value.reduce((sum, x) => sum + x / value.length, 0);
  const variance = value.reduce((sum, x) => sum + (x - centre) ** 2, 0) / value.length;
  return Float64Array.from({ length: maxLag + 1 }, (_, lag) => {
    let [sum, pairs] = [0, 0];
    for (let i = lag; i < values.length; i++) {
      const [a, b] = [values[i], values[i - lag]];
      if (typeof a !== 'number' || typeof b !== 'number') continue;
      sum += (a - centre) * (b - centre);
      pairs += 1;
    }
    if (pairs === 0 || !(variance > 0)) return 0;
    return ((sum / pairs) * ((values.length - lag) / values.length)) / variance;
  });
};

/** One-way analysis of variance by phase: p value and adjusted share of variance. */
const phaseTest = (values: Gapped, lag: number): { p: number; strength: number } => {
  const groups = Array.from({ length: lag }, (_, phase) => present(values.filter((_x, i) => i % lag === phase)).value);
  const all = present(values).value;
  const n = all.length;
  const mean = (x: Float64Array): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const centre = mean(all);
  const total = all.reduce((sum, x) => sum + (x - centre) ** 2, 0);
  const filled = groups.filter((group) => group.length > 0);
  const between = filled.reduce((sum, group) => sum + group.length * (mean(group) - centre) ** 2, 0);
  const [df1, df2] = [filled.length - 1, n - filled.length];
  if (df1 < 1 || df2 < 1 || !(total > 0)) return { p: 1, strength: 0 };
  const rest = max(0, total - between);
  // F's tail is a beta tail: I_x(df2 / 2, df1 / 2) at x = df2 / (df2 + df1 F) = rest / total.
  const p = betaCdf(rest / total, df2 / 2, df1 / 2);
  return { p, strength: max(0, 1 - rest / df2 / (total / (n - 1))) };
};

const profileOf = (values: Gapped, lag: number): number[] => {
  const levels = Array.from({ length: lag }, (_, phase) => {
    const { value } = present(values.filter((_x, i) => i % lag === phase));
    return value.length > 0 ? median(value) : 0;
  });
  const centre = levels.reduce((sum, x) => sum + x / lag, 0);
  return levels.map((x) => x - centre);
};

const testCycle = (rest: Gapped, n: number, cycle: Cycle): SeasonTest => {
  const { lag } = cycle;
  const none = { ...cycle, significant: false, r: null, threshold: null, p: null, strength: null, profile: [] };
  if (!Number.isInteger(lag) || lag < 2)
    return { ...none, status: 'insufficient_data', reason: 'a cycle has at least two steps' };
  if (n < 3 * lag)
    return { ...none, status: 'insufficient_data', reason: `${cycle.name} needs ${3 * lag} points, there are ${n}` };
  const r = correlogram(rest, lag);
  let before = 0;
  for (let k = 1; k < lag; k++) before += r[k]! ** 2;
  const threshold = (Z90 / sqrt(n)) * sqrt(1 + 2 * before);
  const { p, strength } = phaseTest(rest, lag);
  const significant = r[lag]! > threshold && p < PHASE_ALPHA;
  const profile = significant ? profileOf(rest, lag) : [];
  return { ...cycle, status: 'ok', significant, r: r[lag]!, threshold, p, strength, profile };
};

/** A fortnight repeats because its weeks do: a multiple of a season that was found is tested on what that one leaves. */
const testInTurn = (rest: Gapped, n: number, cycles: readonly Cycle[]): SeasonTest[] => {
  const found: SeasonTest[] = [];
  const tested = new Map<Cycle, SeasonTest>();
  for (const cycle of [...cycles].sort((a, b) => a.lag - b.lag)) {
    const inner = found.filter((season) => cycle.lag > season.lag && cycle.lag % season.lag === 0);
    const left = inner.reduce<Gapped>((values, season) => withoutSeason(values, season.profile), rest);
    const answer = testCycle(left, n, cycle);
    if (answer.significant) found.push(answer);
    tested.set(cycle, answer);
  }
  return cycles.flatMap((cycle) => tested.get(cycle) ?? []);
};

/**
 * Seasonality at the given lags only (statistics.md section 4): on the detrended series r_m must exceed
 * 1.645 / sqrt(n) x sqrt(1 + 2 sum_(k<m) r_k^2), n >= 3m, and the phases must differ at .01.
 */
export const findSeasonality = (values: Gapped, cycles: readonly Cycle[]): Seasonality | Insufficient => {
  const n = present(values).value.length;
  const rest = withoutTrend(values);
  const tested = testInTurn(rest, n, cycles);
  if (tested.every((one) => one.status === 'insufficient_data'))
    return insufficient(tested[0]?.reason ?? 'no season is known for this period');
  const season = tested.filter((one) => one.significant).sort((a, b) => (b.strength ?? 0) - (a.strength ?? 0))[0];
  return { status: 'ok', definition: SEASONALITY_DEFINITION, tested, ...(season && { season }) };
};
