import type { AssessedTest, Assessment } from '../assessments/assessment.js';
import type { ScannedRun } from '../assessments/outcome-collector.js';
import { testFigures } from '../assessments/figures.js';
import { segment } from '../domain/segmentation.js';
import { commitOf, evidenceOf, type Evidence } from '../domain/test-history.js';

/** An outcome as a point in the history. */
export interface TimelinePoint {
  readonly run: ScannedRun;
  /** Epoch ms of the outcome. */
  readonly at: number;
}

/** A stretch of one failure rate. */
export interface TimelineSegment {
  readonly first: TimelinePoint;
  readonly last: TimelinePoint;
  readonly runs: number;
  readonly failures: number;
  /** Where it began: the 99 % interval of its position, both ends included; absent for the first. */
  readonly start?: { readonly low: TimelinePoint; readonly high: TimelinePoint; readonly runs: readonly ScannedRun[] };
}

export interface TimelineEpisode {
  readonly branch: string;
  readonly from: number;
  readonly to?: number;
  readonly failures: number;
  readonly firstRun: ScannedRun;
  readonly fixRun?: ScannedRun;
}

const RUNS_OF_INTERVAL = 50;

/** Stretches of one failure rate, oldest first; outages and skipped outcomes belong to none. */
export const segmentsOf = (assessment: Assessment, test: AssessedTest): TimelineSegment[] => {
  const evidence = evidenceOf(test.history);
  const point = pointIn(assessment, evidence);
  const input = { failed: evidence.failed, commitOf: (i: number) => commitOf(evidence, i) };
  return segment(input).map(({ from, to, failures, start }) => ({
    first: point(from),
    last: point(to - 1),
    runs: to - from,
    failures,
    ...(start && {
      start: {
        low: point(start.low99),
        high: point(start.high99),
        runs: Array.from(
          { length: Math.min(RUNS_OF_INTERVAL, start.high99 - start.low99 + 1) },
          (_, i) => point(start.low99 + i).run,
        ),
      },
    }),
  }));
};

const pointIn =
  ({ runs }: Assessment, { history, row }: Evidence) =>
  (position: number): TimelinePoint => {
    const i = row[position]!;
    return { run: runs[history.run[i]!]!, at: history.at[i]! };
  };

/** Failure episodes, oldest first. */
export const episodesOf = ({ runs }: Assessment, test: AssessedTest): TimelineEpisode[] =>
  testFigures(test).episodes.map(({ branch, from, to, failures, firstRun, fixRun }) => ({
    ...{ branch, from, failures },
    ...(to !== undefined && { to }),
    firstRun: runs[firstRun]!,
    ...(fixRun !== undefined && { fixRun: runs[fixRun]! }),
  }));
