import {
  type DayRows,
  type GroupKey,
  ROW_FINAL,
  ROW_FLAKY,
  ROW_HAS_DURATION,
  ROW_RETRIED,
  ROW_STATUS,
  type RowRun,
  type Rows,
} from '../../metrics/domain/index.js';
import type { CanonicalNumber } from '../definitions/definition.js';
import { FailureClusters } from './failure-clusters.js';
import { OutcomeColumns } from '../domain/outcome-columns.js';
import type { HistoryRun } from '../domain/test-history.js';
import { isFailure, isJudged } from '../domain/test-history.js';

const DAY_MS = 86_400_000;

/** A run as the scan met it; `judged` and `failed` count all of its outcomes, whatever the filter lets through. */
export interface ScannedRun extends HistoryRun {
  readonly projectId: string;
  readonly projectKey: string;
  judged: number;
  failed: number;
  /** Outcomes that the filter lets through. */
  matched: number;
}

/** A test as the scan met it. */
export interface ScannedTest {
  readonly projectId: string;
  readonly projectKey: string;
  /** Its number within the project; of the present test where the outcome is that of a renamed one. */
  readonly number: number;
  suite: string;
}

/** What is read of a day's rows. */
export interface CollectedRows extends Omit<Rows, 'groups' | 'runs'> {
  readonly groups: readonly CollectedGroup[];
  readonly runs: readonly CollectedRun[];
}
export type CollectedGroup = Pick<GroupKey, 'suite' | 'branch' | 'environment'>;
export type CollectedRun = Pick<RowRun, 'runId' | 'startedAtSeconds' | 'commit'>;

export interface CollectedDay extends Omit<DayRows, 'rows'> {
  readonly rows: CollectedRows;
}

/** Test number to dense index + 1; 0 is none. Numbers are dense themselves, so an array serves. */
class DenseNumbers {
  private places = new Int32Array(1024);

  get(number: number): number {
    return (this.places[number] ?? 0) - 1;
  }

  set(number: number, index: number): void {
    if (number >= this.places.length) {
      const wider = new Int32Array(Math.max(number + 1, 2 * this.places.length));
      wider.set(this.places);
      this.places = wider;
    }
    this.places[number] = index + 1;
  }
}

/** Turns the rows of a scan (`attempts: 'all'`) into histories, tallies of runs and failure clusters. */
export class OutcomeCollector {
  readonly outcomes = new OutcomeColumns();
  readonly runs: ScannedRun[] = [];
  readonly tests: ScannedTest[] = [];
  readonly clusters = new FailureClusters();
  /** Superseded attempts of the filter, and what they took. */
  retriedOutcomes = 0;
  wastedUs = 0;
  private readonly runIndex = new Map<string, number>();
  private readonly projects = new Map<string, DenseNumbers>();
  private readonly retriedRuns = new Set<number>();

  constructor(private readonly canonical: CanonicalNumber) {}

  add({ projectId, projectKey, day, rows, match }: CollectedDay): void {
    const runOf = new Int32Array(rows.runs.length).fill(-1);
    const dense = this.numbersOf(projectId);
    for (let i = 0; i < rows.length; i++) {
      const flags = rows.flags[i]!;
      const final = (flags & ROW_FINAL) !== 0;
      if (!final && match[i] === 0) continue;
      const group = rows.groups[rows.group[i]!]!;
      const place = rows.run[i]!;
      if (runOf[place]! < 0) runOf[place] = this.runIndexOf(projectId, projectKey, rows.runs[place]!, group);
      const run = runOf[place]!;
      const status = flags & ROW_STATUS;
      if (final) this.tally(run, status);
      if (match[i] === 0) continue;
      const durationUs = (flags & ROW_HAS_DURATION) === 0 ? NaN : rows.durationUs[i]!;
      if (!final) {
        if (durationUs > 0) this.wastedUs += durationUs;
        continue;
      }
      this.runs[run]!.matched += 1;
      const test = this.testOf(dense, projectId, projectKey, rows.test[i]!, group.suite);
      const at = day * DAY_MS + rows.at[i]!;
      const retried = (flags & ROW_RETRIED) !== 0;
      const attempts = retried ? Math.max(2, rows.attempt[i]!) : 1;
      if (retried) this.countRetry(run);
      this.outcomes.add(test, at, status, run, attempts, (flags & ROW_FLAKY) !== 0, durationUs);
      const fingerprint = rows.fingerprint[i]!;
      if (fingerprint !== 0 && isFailure(status))
        this.clusters.add(projectId, rows.fingerprints[fingerprint]!, {
          at,
          test,
          run,
          suite: group.suite,
          branch: group.branch,
          attempt: rows.attempt[i]!,
          number: rows.test[i]!,
        });
    }
  }

  /** Run ids with a retried outcome, newest first. */
  retriedRunIds(limit: number): string[] {
    return [...this.retriedRuns]
      .map((index) => this.runs[index]!)
      .sort((a, b) => b.startedAt - a.startedAt)
      .slice(0, limit)
      .map((run) => run.runId);
  }

  private tally(run: number, status: number): void {
    if (!isJudged(status)) return;
    const tally = this.runs[run]!;
    tally.judged += 1;
    if (isFailure(status)) tally.failed += 1;
  }

  private countRetry(run: number): void {
    this.retriedOutcomes += 1;
    this.retriedRuns.add(run);
  }

  private numbersOf(projectId: string): DenseNumbers {
    let numbers = this.projects.get(projectId);
    if (!numbers) this.projects.set(projectId, (numbers = new DenseNumbers()));
    return numbers;
  }

  private testOf(dense: DenseNumbers, projectId: string, projectKey: string, raw: number, suite: string): number {
    const number = this.canonical(projectId, raw);
    const known = dense.get(number);
    if (known >= 0) {
      // A past test may have been in another suite: its present name decides.
      if (number === raw) this.tests[known]!.suite = suite;
      return known;
    }
    const index = this.tests.length;
    this.tests.push({ projectId, projectKey, number, suite });
    dense.set(number, index);
    return index;
  }

  private runIndexOf(projectId: string, projectKey: string, run: CollectedRun, group: CollectedGroup): number {
    const known = this.runIndex.get(run.runId);
    if (known !== undefined) return known;
    const index = this.runs.length;
    this.runs.push({
      runId: run.runId,
      projectId,
      projectKey,
      startedAt: run.startedAtSeconds * 1000,
      commit: run.commit,
      branch: group.branch,
      environment: group.environment,
      judged: 0,
      failed: 0,
      matched: 0,
    });
    this.runIndex.set(run.runId, index);
    return index;
  }
}
