import type { TestHistory } from './test-history.js';
import { PASSED, isJudged } from './test-history.js';

/** A stretch of failures of one test on one branch: from the first F after a P (or the first run) to the next P. */
export interface FailureEpisode {
  readonly branch: string;
  /** Epoch ms of the first failure. */
  readonly from: number;
  /** Epoch ms of the pass that ended it; absent while open. */
  readonly to?: number;
  /** Epoch ms of its last failure: up to then it is known to have been open. */
  readonly lastFailureAt: number;
  /** Indices into the run table. */
  readonly firstRun: number;
  readonly fixRun?: number;
  readonly failures: number;
}

interface OpenEpisode {
  from: number;
  lastFailureAt: number;
  firstRun: number;
  failures: number;
}

/** All episodes of a test, by branch, oldest first within each. Runs left out as outages neither begin nor end one. */
export const failureEpisodes = (history: TestHistory): FailureEpisode[] => {
  const { table, run, status, at } = history;
  const open = new Map<string, OpenEpisode>();
  const closed: FailureEpisode[] = [];
  for (let i = 0; i < history.length; i++) {
    const index = run[i]!;
    if (!isJudged(status[i]!) || table.excluded[index] === 1) continue;
    const branch = table.runs[index]!.branch;
    const current = open.get(branch);
    if (status[i] === PASSED) {
      if (current) closed.push({ branch, ...current, to: at[i]!, fixRun: index });
      open.delete(branch);
    } else if (current) {
      current.lastFailureAt = at[i]!;
      current.failures += 1;
    } else {
      open.set(branch, { from: at[i]!, lastFailureAt: at[i]!, firstRun: index, failures: 1 });
    }
  }
  return [...closed, ...[...open].map(([branch, episode]) => ({ branch, ...episode }))].sort((a, b) => a.from - b.from);
};

const HOUR_MS = 3_600_000;

/**
 * Kaplan-Meier median of a time to event (Kaplan & Meier 1958): the first time at which the survival falls to one half
 * or below. null where it never does: too many are censored, or there is nothing.
 */
export const kaplanMeierMedian = (
  observations: readonly { readonly time: number; readonly censored: boolean }[],
): number | null => {
  // At one time, events come before censorings: what was censored then was still at risk.
  const sorted = [...observations].sort((a, b) => a.time - b.time || Number(a.censored) - Number(b.censored));
  let survival = 1;
  for (const [position, { time, censored }] of sorted.entries()) {
    if (censored) continue;
    survival *= 1 - 1 / (sorted.length - position);
    // Products of fractions such as 2/3 * 3/4 miss one half by a rounding error.
    if (survival <= 0.5 + 1e-12) return time;
  }
  return null;
};

export interface RecoveryTime {
  readonly definition: { readonly id: 'mttr'; readonly version: 1 };
  /** ok from one closed episode on. no_failures: there was nothing to recover from. */
  readonly status: 'ok' | 'no_failures' | 'insufficient_data';
  /** Mean over closed episodes, hours; null without one. */
  readonly meanHours: number | null;
  /** Kaplan-Meier with open episodes censored at their last failure, hours; null where it is not reached. */
  readonly medianHours: number | null;
  readonly closed: number;
  readonly open: number;
}

/** MTTR (statistics.md section 6). */
export const recoveryTime = (episodes: readonly FailureEpisode[]): RecoveryTime => {
  const closed = episodes.filter((episode) => episode.to !== undefined);
  const hours = closed.reduce((sum, { from, to = from }) => sum + (to - from) / HOUR_MS, 0);
  const observations = episodes.map(({ from, to, lastFailureAt }) => ({
    time: ((to ?? lastFailureAt) - from) / HOUR_MS,
    censored: to === undefined,
  }));
  return {
    definition: { id: 'mttr', version: 1 },
    status: episodes.length === 0 ? 'no_failures' : closed.length === 0 ? 'insufficient_data' : 'ok',
    meanHours: closed.length > 0 ? hours / closed.length : null,
    medianHours: kaplanMeierMedian(observations),
    closed: closed.length,
    open: episodes.length - closed.length,
  };
};

export interface DetectionTime {
  readonly definition: { readonly id: 'mttd'; readonly version: 1 };
  readonly status: 'ok' | 'insufficient_data';
  readonly meanHours: number | null;
  /** Episodes whose culprit commit is known. */
  readonly n: number;
}

/**
 * MTTD: from the first run of the culprit commit (the commit of an episode's first failure) on its branch to that
 * failure. Episodes without a commit are left out.
 */
export const detectionTime = (
  episodes: readonly FailureEpisode[],
  runs: readonly { readonly commit: string; readonly branch: string; readonly startedAt: number }[],
): DetectionTime => {
  const firstRunAt = new Map<string, number>();
  const keyOf = (run: { commit: string; branch: string }): string => `${run.commit}\0${run.branch}`;
  for (const run of runs)
    if (run.commit !== '') firstRunAt.set(keyOf(run), Math.min(run.startedAt, firstRunAt.get(keyOf(run)) ?? Infinity));
  const hours = episodes.flatMap(({ firstRun, from }) => {
    const begun = firstRunAt.get(keyOf(runs[firstRun]!));
    return begun === undefined ? [] : [Math.max(0, from - begun) / HOUR_MS];
  });
  const n = hours.length;
  return {
    definition: { id: 'mttd', version: 1 },
    status: n > 0 ? 'ok' : 'insufficient_data',
    meanHours: n > 0 ? hours.reduce((sum, value) => sum + value, 0) / n : null,
    n,
  };
};
