import { isFailure, isJudged, type TestAssessment, type TestHistory, type TestLabel } from '../../quality/index.js';

/** Labels that a policy may act on. */
export const QUARANTINE_LABELS = ['confirmed', 'suspected'] as const satisfies readonly TestLabel[];
export type QuarantineLabel = (typeof QUARANTINE_LABELS)[number];

export const END_REASONS = ['lifted', 'expired', 'stable'] as const;
export type EndReason = (typeof END_REASONS)[number];

/** A test whose failures do not count in gates for a while. */
export interface Quarantine {
  readonly quarantineId: string;
  readonly projectId: string;
  readonly projectKey: string;
  readonly testId: string;
  readonly number: number;
  readonly suite: string;
  readonly name: string;
  readonly file?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly owner: string;
  readonly origin: 'manual' | 'policy';
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly endedAt?: Date;
  readonly endReason?: EndReason;
  readonly endedBy?: string;
}

/** What a test runner knows a test by. */
export type QuarantinedTest = Pick<Quarantine, 'testId' | 'suite' | 'name' | 'file' | 'parameters' | 'expiresAt'>;

export const isActive = ({ endedAt, expiresAt }: Quarantine, now: Date): boolean =>
  endedAt === undefined && expiresAt > now;

/** When the service puts tests into quarantine by itself, and when it lets them out again. */
export interface QuarantinePolicy {
  readonly enabled: boolean;
  readonly labels: readonly QuarantineLabel[];
  /** Lower bound of the flakiness from which on. */
  readonly minFlakinessLow: number;
  /** At most so many tests of the project at a time, those put there by hand included. */
  readonly maxTests: number;
  readonly expireDays: number;
  /** So many outcomes since the quarantine began, the newest, all passed at the first attempt: it ends. */
  readonly stableAfterRuns: number;
}

export const DEFAULT_POLICY: QuarantinePolicy = {
  enabled: false,
  labels: ['confirmed'],
  minFlakinessLow: 0.02,
  maxTests: 20,
  expireDays: 14,
  stableAfterRuns: 20,
};

/**
 * Whether the test is stable again: its newest `runs` outcomes, all since `since`, passed at the first attempt. Skipped
 * and cancelled ones, and those of outages, say nothing.
 * @param since epoch ms
 */
export const isStableAgain = (history: TestHistory, since: number, runs: number): boolean => {
  let passed = 0;
  for (let i = history.length - 1; i >= 0 && passed < runs; i--) {
    const status = history.status[i]!;
    if (!isJudged(status) || history.table.excluded[history.run[i]!] === 1) continue;
    if (history.at[i]! < since || isFailure(status) || history.flakyInRun[i] === 1) return false;
    passed++;
  }
  return passed >= runs;
};

/** A test as a policy sees it. */
export interface Candidate {
  readonly number: number;
  readonly history: TestHistory;
  readonly assessment: TestAssessment;
}

/** Epoch ms of the newest sign of flakiness: a failure, or a pass after one; -Infinity without any. */
const newestSign = (history: TestHistory): number => {
  for (let i = history.length - 1; i >= 0; i--) {
    if (history.table.excluded[history.run[i]!] === 1) continue;
    if (isFailure(history.status[i]!) || history.flakyInRun[i] === 1) return history.at[i]!;
  }
  return -Infinity;
};

export type SkipReason =
  'already_quarantined' | 'below_threshold' | 'no_new_evidence' | 'stable_again' | 'limit_reached';

export interface PolicyPlan<T extends Candidate = Candidate> {
  /** The flakiest first. */
  readonly add: readonly T[];
  /** Candidates by label that are left alone. */
  readonly skipped: readonly { readonly test: T; readonly why: SkipReason }[];
}

/** What stands in quarantine, and when each test was last let out. */
export interface QuarantineState {
  readonly active: ReadonlySet<number>;
  readonly lastEndedAt: ReadonlyMap<number, number>;
}

const whyNot = (test: Candidate, policy: QuarantinePolicy, state: QuarantineState): SkipReason | undefined => {
  if (state.active.has(test.number)) return 'already_quarantined';
  if (test.assessment.flakiness.low < policy.minFlakinessLow) return 'below_threshold';
  const sign = newestSign(test.history);
  const endedAt = state.lastEndedAt.get(test.number);
  // a label outlives its cause by weeks: what was let out comes back for new evidence only
  if (endedAt !== undefined && sign <= endedAt) return 'no_new_evidence';
  if (isStableAgain(test.history, sign, policy.stableAfterRuns)) return 'stable_again';
  return undefined;
};

/** What the policy would put into quarantine; nothing for no tests. Whether it is enabled is for the caller to ask. */
export const planPolicy = <T extends Candidate>(
  tests: readonly T[],
  policy: QuarantinePolicy,
  state: QuarantineState,
): PolicyPlan<T> => {
  const labels: readonly string[] = policy.labels;
  const candidates = tests
    .filter(({ assessment }) => labels.includes(assessment.label))
    .sort((a, b) => b.assessment.flakiness.low - a.assessment.flakiness.low || a.number - b.number);
  const add: T[] = [];
  const skipped: { readonly test: T; readonly why: SkipReason }[] = [];
  for (const test of candidates) {
    const full = state.active.size + add.length >= policy.maxTests;
    const why = whyNot(test, policy, state) ?? (full ? 'limit_reached' : undefined);
    if (why) skipped.push({ test, why });
    else add.push(test);
  }
  return { add, skipped };
};
