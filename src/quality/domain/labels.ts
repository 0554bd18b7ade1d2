import { betaQuantile } from '../../common/stats/index.js';
import type { FlakinessPosterior } from './flakiness-posterior.js';
import type { Disagreement } from './same-code.js';
import type { Evidence } from './test-history.js';

/** In the order of precedence. */
export const TEST_LABELS = [
  'insufficient_data',
  'new',
  'broken',
  'confirmed',
  'suspected',
  'failing',
  'stable',
] as const;
export type TestLabel = (typeof TEST_LABELS)[number];

/** What each of them says, for people. */
export const TEST_LABELS_TEXT =
  'insufficient_data: no outcome; new: fewer than 5 outcomes; broken: it always fails since its newest change, at least 3 times; ' +
  'confirmed: it passed and failed on the same code within 90 days; suspected: it very probably is flaky; ' +
  'failing: its newest outcome failed; stable: none of these';

export const LABEL_RULES = {
  /** Fewer outcomes than this: new. */
  newBelow: 5,
  /** The 5 % quantile of the failure rate of a segment that always fails must lie above this: from 3 of 3 on (.556). */
  brokenAbove: 0.5,
  /** P(phi > .02) from which a test is suspected. */
  suspectedFrom: 0.95,
  evidenceDays: 90,
  evidenceRuns: 20,
} as const;

export interface LabelFacts {
  readonly evidence: Evidence;
  readonly segmentStart: number;
  readonly segmentFailures: number;
  readonly flakiness: FlakinessPosterior;
  readonly disagreements: readonly Disagreement[];
  /** Epoch ms. */
  readonly now: number;
}

/** The label and the runs that are its evidence, as indices into the run table, newest first. */
export interface LabelWithEvidence {
  readonly label: TestLabel;
  readonly runs: readonly number[];
}

const DAY_MS = 86_400_000;

/** Newest first, each run once, at most `evidenceRuns`. */
const runsAt = (evidence: Evidence, positions: Iterable<number>): number[] => {
  const runs = new Set<number>();
  for (const position of positions) {
    if (runs.size >= LABEL_RULES.evidenceRuns) break;
    runs.add(evidence.history.run[evidence.row[position]!]!);
  }
  return [...runs];
};

const backwards = function* (from: number, to: number, keep: (i: number) => boolean): Generator<number> {
  for (let i = to - 1; i >= from; i--) if (keep(i)) yield i;
};

const alwaysFails = ({ evidence, segmentStart, segmentFailures }: LabelFacts): boolean => {
  const n = evidence.length - segmentStart;
  return segmentFailures === n && betaQuantile(0.05, n + 0.5, 0.5) > LABEL_RULES.brokenAbove;
};

const recentDisagreements = ({ disagreements, now }: LabelFacts): Disagreement[] =>
  disagreements.filter((one) => one.at >= now - LABEL_RULES.evidenceDays * DAY_MS);

const confirmedRuns = (recent: readonly Disagreement[]): number[] =>
  [...new Set([...recent].reverse().flatMap((one) => one.runs))].slice(0, LABEL_RULES.evidenceRuns);

/** Both runs of each change of outcome within the segment. */
const flips = (facts: LabelFacts): number[] => {
  const { failed, length } = facts.evidence;
  const differs = (i: number): boolean => i > facts.segmentStart && failed[i] !== failed[i - 1];
  return runsAt(
    facts.evidence,
    backwards(facts.segmentStart, length, (i) => differs(i) || (i + 1 < length && differs(i + 1))),
  );
};

/** The failures at the end of the history, back to the last pass. */
const newestFailures = ({ evidence }: LabelFacts): number[] => {
  let from = evidence.length;
  while (from > 0 && evidence.failed[from - 1] === 1) from -= 1;
  return runsAt(
    evidence,
    backwards(from, evidence.length, () => true),
  );
};

/** Labels by the precedence of statistics.md section 1: the first that applies. */
export const labelOf = (facts: LabelFacts): LabelWithEvidence => {
  const { evidence, flakiness, segmentStart } = facts;
  const n = evidence.length;
  const all = (from: number): number[] =>
    runsAt(
      evidence,
      backwards(from, n, () => true),
    );
  if (n === 0) return { label: 'insufficient_data', runs: [] };
  if (n < LABEL_RULES.newBelow) return { label: 'new', runs: all(0) };
  if (alwaysFails(facts)) return { label: 'broken', runs: all(segmentStart) };
  const recent = recentDisagreements(facts);
  if (recent.length > 0) return { label: 'confirmed', runs: confirmedRuns(recent) };
  if (flakiness.aboveThreshold >= LABEL_RULES.suspectedFrom) return { label: 'suspected', runs: flips(facts) };
  if (evidence.failed[n - 1] === 1) return { label: 'failing', runs: newestFailures(facts) };
  return { label: 'stable', runs: all(segmentStart) };
};
