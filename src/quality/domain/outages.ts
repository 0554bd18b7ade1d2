import { median } from '../../common/stats/index.js';

export const OUTAGE_RULE = {
  id: 'outage',
  version: 1,
  /** More than this share of the outcomes failed ... */
  failedAbove: 0.8,
  /** ... of at least so many ... */
  minimumOutcomes: 20,
  /** ... on a branch whose median failure rate over so many runs before ... */
  runsBefore: 20,
  /** ... is below this. */
  medianBelow: 0.4,
} as const;

/** A run with its judged outcomes (passed, failed, broken, timeout). */
export interface RunTally {
  readonly runId: string;
  readonly branch: string;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly judged: number;
  readonly failed: number;
}

export interface Outage {
  readonly runId: string;
  readonly branch: string;
  readonly startedAt: number;
  readonly judged: number;
  readonly failed: number;
  readonly medianBefore: number;
  readonly runsBefore: number;
}

const isSuspicious = (run: RunTally): boolean =>
  run.judged >= OUTAGE_RULE.minimumOutcomes && run.failed / run.judged > OUTAGE_RULE.failedAbove;

const ofBranch = (runs: readonly RunTally[]): Outage[] =>
  runs.flatMap((run, position) => {
    const before = runs.slice(Math.max(0, position - OUTAGE_RULE.runsBefore), position);
    if (!isSuspicious(run) || before.length === 0) return [];
    const medianBefore = median(before.map((other) => other.failed / other.judged));
    return medianBefore < OUTAGE_RULE.medianBelow ? [{ ...run, medianBefore, runsBefore: before.length }] : [];
  });

/**
 * Runs that are outages, not evidence (statistics.md section 1), oldest first. A branch without a run before has no
 * median to fall from: its first run is never one. Nothing in, nothing out.
 */
export const findOutages = (runs: readonly RunTally[]): Outage[] => {
  const judged = runs.filter((run) => run.judged > 0).sort((a, b) => a.startedAt - b.startedAt);
  const byBranch = new Map<string, RunTally[]>();
  for (const run of judged) {
    const known = byBranch.get(run.branch);
    if (known) known.push(run);
    else byBranch.set(run.branch, [run]);
  }
  return [...byBranch.values()].flatMap(ofBranch).sort((a, b) => a.startedAt - b.startedAt);
};

/** The run ids to leave out: every outage but those that somebody put back. */
export const excludedRunIds = (outages: readonly Outage[], putBack: ReadonlySet<string> = new Set()): Set<string> =>
  new Set(outages.map((outage) => outage.runId).filter((runId) => !putBack.has(runId)));
