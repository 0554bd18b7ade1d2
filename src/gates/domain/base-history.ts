import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED, ROW_STATUS, type DayRows } from '../../metrics/index.js';
import {
  assessTest,
  evidenceOf,
  excludedRunIds,
  findOutages,
  type FlakinessPosteriors,
  HistoryCollector,
  type HistoryRun,
  isFailure,
  isJudged,
  runTable,
  type TestHistory,
  type TestLabel,
} from '../../quality/index.js';
import { SLOWER_RULE } from './slower.js';

const DAY_MS = 86_400_000;
const PASSED = 0;
/** What is known of a test now is what ran on the base branch on its last days with any result. */
const ACTIVE_DAYS = 3;

/** What people decided about runs, as the outage rule needs it. */
export interface OutageDecisions {
  readonly excluded: ReadonlySet<string>;
  readonly putBack: ReadonlySet<string>;
}

interface TalliedRun extends HistoryRun {
  judged: number;
  failed: number;
}

/** What the base branch says of one test. */
export interface TestPast {
  readonly label: TestLabel;
  /** Outcomes that count as evidence, and those of them that failed, among the last `window`. */
  readonly recent: number;
  readonly recentFailures: number;
  readonly evidence: number;
  /** Newest first. */
  readonly evidenceRunIds: readonly string[];
  readonly lastRunId?: string;
}

/**
 * Collects the outcomes of a branch from the rows of a scan, oldest day first: all tests' presence and each run's tally,
 * and the whole history of the tests that are asked for.
 */
export class BaseHistoryCollector {
  private readonly collector = new HistoryCollector();
  private readonly runs: TalliedRun[] = [];
  private readonly runIndex = new Map<string, number>();
  private readonly testsByDay = new Map<number, Set<number>>();
  private readonly durations = new Map<number, number[]>();
  private outcomes = 0;

  /**
   * @param wanted tests whose outcomes are kept
   * @param timed tests whose passing durations are kept
   * @param left runs that are not part of the past, those under judgement
   */
  constructor(
    private readonly canonical: (projectId: string, number: number) => number,
    private readonly wanted: (test: number) => boolean,
    private readonly timed: (test: number) => boolean,
    private readonly left: ReadonlySet<string>,
  ) {}

  add({ projectId, day, rows, match }: DayRows): void {
    const indexes: number[] = rows.runs.map((run) => (this.left.has(run.runId) ? -2 : -1));
    const ofDay = this.testsByDay.get(day) ?? new Set<number>();
    for (let i = 0; i < rows.length; i++) {
      const flags = rows.flags[i]!;
      const place = rows.run[i]!;
      if (match[i] === 0 || (flags & ROW_FINAL) === 0 || indexes[place] === -2) continue;
      if (indexes[place] === -1) {
        const { branch, environment } = rows.groups[rows.group[i]!]!;
        const { runId, startedAtSeconds, commit } = rows.runs[place]!;
        indexes[place] = this.indexOf({ runId, commit, branch, environment, startedAt: startedAtSeconds * 1000 });
      }
      const status = flags & ROW_STATUS;
      const test = this.canonical(projectId, rows.test[i]!);
      if (isJudged(status)) {
        this.tally(indexes[place]!, status);
        ofDay.add(test);
      }
      const durationUs = (flags & ROW_HAS_DURATION) === 0 ? NaN : rows.durationUs[i]!;
      if (status === PASSED && !Number.isNaN(durationUs) && this.timed(test)) this.time(test, durationUs);
      if (!this.wanted(test)) continue;
      const attempts = (flags & ROW_RETRIED) === 0 ? 1 : Math.max(2, rows.attempt[i]!);
      const flaky = (flags & ROW_FLAKY) !== 0;
      this.collector.add(test, day * DAY_MS + rows.at[i]!, status, indexes[place]!, attempts, flaky, durationUs);
    }
    if (ofDay.size > 0) this.testsByDay.set(day, ofDay);
  }

  finish(decisions: OutageDecisions): BaseHistory {
    const found = findOutages(this.runs);
    const excluded = new Set([...excludedRunIds(found, decisions.putBack), ...decisions.excluded]);
    const table = runTable(this.runs, excluded);
    const days = [...this.testsByDay.keys()].sort((a, b) => b - a).slice(0, ACTIVE_DAYS);
    return new BaseHistory(
      this.collector.histories(table),
      this.durations,
      new Set(days.flatMap((day) => [...this.testsByDay.get(day)!])),
      this.outcomes,
      this.runs.length,
    );
  }

  private time(test: number, durationUs: number): void {
    const known = this.durations.get(test);
    if (known) known.push(durationUs);
    else this.durations.set(test, [durationUs]);
  }

  private tally(run: number, status: number): void {
    this.outcomes++;
    this.runs[run]!.judged++;
    if (isFailure(status)) this.runs[run]!.failed++;
  }

  private indexOf(run: HistoryRun): number {
    const known = this.runIndex.get(run.runId);
    if (known !== undefined) return known;
    this.runs.push({ ...run, judged: 0, failed: 0 });
    this.runIndex.set(run.runId, this.runs.length - 1);
    return this.runs.length - 1;
  }
}

/** The past of a branch, by test number; a test it has never seen has no history. */
export class BaseHistory {
  constructor(
    private readonly histories: ReadonlyMap<number, TestHistory>,
    /** Passing durations in microseconds, oldest first. */
    private readonly durations: ReadonlyMap<number, readonly number[]>,
    /** Tests that ran on the last three days with results. */
    readonly activeTests: ReadonlySet<number>,
    /** Judged outcomes of all tests. */
    readonly outcomes: number,
    readonly runs: number,
  ) {}

  /**
   * @param window newest outcomes that tell whether a failure is new
   * @param now epoch ms
   */
  pastOf(test: number, window: number, posteriors: FlakinessPosteriors, now: number): TestPast {
    const history = this.histories.get(test);
    if (!history) return { label: 'insufficient_data', recent: 0, recentFailures: 0, evidence: 0, evidenceRunIds: [] };
    const evidence = evidenceOf(history);
    const recent = evidence.failed.subarray(Math.max(0, evidence.length - window));
    const { label, evidenceRuns } = assessTest(history, posteriors, now);
    const last = evidence.length > 0 ? history.run[evidence.row[evidence.length - 1]!]! : undefined;
    return {
      label,
      recent: recent.length,
      recentFailures: recent.reduce((sum, failed) => sum + failed, 0),
      evidence: evidence.length,
      evidenceRunIds: evidenceRuns.map((index) => history.table.runs[index]!.runId),
      ...(last !== undefined && { lastRunId: history.table.runs[last]!.runId }),
    };
  }

  /** Passing durations in microseconds, newest first, at most as many as a test of durations looks at. */
  durationsOf(test: number): number[] {
    return (this.durations.get(test) ?? []).slice(-SLOWER_RULE.most).reverse();
  }
}
