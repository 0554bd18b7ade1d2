import { compareText } from '../../common/index.js';
import { FAILED, RAN, ROW_FLAKY, ROW_HAS_DURATION, ROW_STATUS, type DayRows } from '../../metrics/index.js';

const DAY_MS = 86_400_000;

/** One attempt, named so that its document can be found. */
export interface AttemptRef {
  readonly projectId: string;
  readonly runId: string;
  readonly runStartedAtSeconds: number;
  readonly test: number;
  readonly attempt: number;
  readonly at: number;
}

/** Figures of one test over the matching attempts. */
export interface TestFigures {
  readonly projectId: string;
  readonly test: number;
  judged: number;
  failures: number;
  flaky: number;
  durationN: number;
  durationSumUs: number;
}

export interface ClusterFigures {
  readonly fingerprint: string;
  size: number;
  readonly tests: Set<string>;
  readonly suites: Set<string>;
  readonly branches: Set<string>;
  firstAt: number;
  lastAt: number;
  example: AttemptRef;
}

export const attemptRef = ({ projectId, day, rows }: DayRows, i: number): AttemptRef => {
  const run = rows.runs[rows.run[i]!]!;
  return {
    projectId,
    runId: run.runId,
    runStartedAtSeconds: run.startedAtSeconds,
    test: rows.test[i]!,
    attempt: rows.attempt[i]!,
    at: day * DAY_MS + rows.at[i]!,
  };
};

/** Newest first; no two attempts are equal, so the order is total. */
export const newestFirst = (a: AttemptRef, b: AttemptRef): number =>
  b.at - a.at ||
  compareText(a.projectId, b.projectId) ||
  compareText(b.runId, a.runId) ||
  a.test - b.test ||
  b.attempt - a.attempt;

/** Whether an attempt belongs to the cluster of a fingerprint: it failed, and its error has it. */
export const isInCluster = ({ rows, match }: DayRows, i: number, fingerprintIndex: number): boolean =>
  match[i] === 1 && rows.fingerprint[i] === fingerprintIndex && FAILED[rows.flags[i]! & ROW_STATUS]!;

/** Gathers failure clusters from a pass over the attempts behind a report; most rows have no fingerprint and cost nothing. */
export class ClusterScan {
  readonly clusters = new Map<string, ClusterFigures>();

  add(day: DayRows): void {
    const { rows, match } = day;
    if (rows.fingerprints.length < 2) return;
    const { length, fingerprint, flags } = rows;
    for (let i = 0; i < length; i++)
      if (fingerprint[i] !== 0 && match[i] === 1 && FAILED[flags[i]! & ROW_STATUS]) this.addFailure(day, i);
  }

  private addFailure(day: DayRows, i: number): void {
    const { rows } = day;
    const fingerprint = rows.fingerprints[rows.fingerprint[i]!]!;
    if (fingerprint === '') return;
    const ref = attemptRef(day, i);
    let cluster = this.clusters.get(fingerprint);
    if (!cluster) {
      cluster = {
        fingerprint,
        size: 0,
        tests: new Set(),
        suites: new Set(),
        branches: new Set(),
        firstAt: ref.at,
        lastAt: ref.at,
        example: ref,
      };
      this.clusters.set(fingerprint, cluster);
    }
    const group = rows.groups[rows.group[i]!]!;
    cluster.size++;
    cluster.tests.add(`${ref.projectId}:${ref.test}`);
    cluster.suites.add(group.suite);
    cluster.branches.add(group.branch);
    cluster.firstAt = Math.min(cluster.firstAt, ref.at);
    cluster.lastAt = Math.max(cluster.lastAt, ref.at);
    if (newestFirst(ref, cluster.example) < 0) cluster.example = ref;
  }
}

/** Gathers tests, failure clusters and runs from one pass over the attempts behind a report. */
export class AttemptScan {
  readonly tests = new Map<string, TestFigures>();
  private readonly failures = new ClusterScan();
  /** Time that the counted outcomes of each run took, in microseconds. */
  readonly runs = new Map<string, number>();

  get clusters(): ReadonlyMap<string, ClusterFigures> {
    return this.failures.clusters;
  }

  add(day: DayRows): void {
    const { projectId, rows, match } = day;
    this.failures.add(day);
    const tests = new Map<number, TestFigures>();
    const perRun = new Float64Array(rows.runs.length).fill(-1);
    for (let i = 0; i < rows.length; i++) {
      if (!match[i]) continue;
      const number = rows.test[i]!;
      let figures = tests.get(number);
      if (!figures) tests.set(number, (figures = this.testOf(projectId, number)));
      const us = addOutcome(figures, rows.flags[i]!, rows.durationUs[i]!);
      const run = rows.run[i]!;
      perRun[run] = Math.max(0, perRun[run]!) + us;
    }
    rows.runs.forEach(({ runId }, index) => {
      if (perRun[index]! >= 0) this.runs.set(runId, (this.runs.get(runId) ?? 0) + perRun[index]!);
    });
  }

  private testOf(projectId: string, test: number): TestFigures {
    const key = `${projectId}:${test}`;
    let figures = this.tests.get(key);
    if (!figures) {
      figures = { projectId, test, judged: 0, failures: 0, flaky: 0, durationN: 0, durationSumUs: 0 };
      this.tests.set(key, figures);
    }
    return figures;
  }
}

/** Adds one outcome; answers the time it took in microseconds, 0 where it has none. */
const addOutcome = (figures: TestFigures, flags: number, durationUs: number): number => {
  const status = flags & ROW_STATUS;
  if (!RAN[status]) return 0;
  figures.judged++;
  if (FAILED[status]) figures.failures++;
  if (flags & ROW_FLAKY) figures.flaky++;
  if (!(flags & ROW_HAS_DURATION)) return 0;
  figures.durationN++;
  figures.durationSumUs += durationUs;
  return durationUs;
};

const byKey = (a: TestFigures, b: TestFigures): number => compareText(a.projectId, b.projectId) || a.test - b.test;

/** Tests with a failure: most failures first, then the highest rate. */
export const mostFailing = (tests: Iterable<TestFigures>, top: number): TestFigures[] =>
  [...tests]
    .filter((test) => test.failures > 0)
    .sort((a, b) => b.failures - a.failures || b.failures / b.judged - a.failures / a.judged || byKey(a, b))
    .slice(0, top);

/** Tests by their average duration, longest first. */
export const slowest = (tests: Iterable<TestFigures>, top: number): TestFigures[] =>
  [...tests]
    .filter((test) => test.durationN > 0)
    .sort((a, b) => b.durationSumUs / b.durationN - a.durationSumUs / a.durationN || byKey(a, b))
    .slice(0, top);

/** The biggest clusters; of equal size the newest. */
export const biggest = (clusters: Iterable<ClusterFigures>, top: number): ClusterFigures[] =>
  [...clusters]
    .sort((a, b) => b.size - a.size || b.lastAt - a.lastAt || compareText(a.fingerprint, b.fingerprint))
    .slice(0, top);

/** The fingerprints of failures among the matching attempts: to tell known clusters from new ones. */
export const failureFingerprints = ({ rows, match }: DayRows, into: Set<string>): void => {
  const seen = new Set<number>();
  for (let i = 0; i < rows.length; i++)
    if (match[i] && FAILED[rows.flags[i]! & ROW_STATUS]) seen.add(rows.fingerprint[i]!);
  for (const index of seen) into.add(rows.fingerprints[index] ?? '');
};
