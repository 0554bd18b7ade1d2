import type { Slices } from '../../common/threads/index.js';
import { type AliasLink, canonicalNumbers } from '../definitions/definition.js';
import { assessTest } from '../domain/flakiness.js';
import type { FlakinessPosteriors } from '../domain/flakiness-posterior.js';
import { historyOf, type SortedOutcomes } from '../domain/outcome-columns.js';
import { runTable } from '../domain/test-history.js';
import type { AssessedTest, ClusterWindow, Judged } from './assessment.js';
import { type CollectedDay, OutcomeCollector, type ScannedRun } from './outcome-collector.js';

/** Run ids of retried outcomes that an assessment names. */
const RETRIED_RUNS = 20;

/** Rows of a window on their way: all days, then the clusters, or the runs and the judgement; else `drop`. */
export interface Judging<Day> {
  add(day: Day): void;
  /** The runs of all days that were added, with their tallies. */
  runs(): Promise<readonly ScannedRun[]>;
  /**
   * @param excluded runs that are no evidence
   * @param now epoch ms that labels are given at
   */
  judge(excluded: ReadonlySet<string>, now: number): Promise<Judged>;
  /** The failures by their cause; the end of it, like `judge`. */
  clusters(): Promise<Clusters>;
  /** Nobody will ask any more. */
  drop(): void;
}

export type Clusters = Omit<ClusterWindow, 'asOf'>;

/** Judges in the thread that calls it, in slices. */
export class SlicedJudging implements Judging<CollectedDay> {
  private readonly collector: OutcomeCollector;

  constructor(
    aliases: readonly AliasLink[],
    private readonly posteriors: FlakinessPosteriors,
    private readonly slices: Slices,
  ) {
    this.collector = new OutcomeCollector(canonicalNumbers(aliases));
  }

  add(day: CollectedDay): void {
    this.collector.add(day);
  }

  runs(): Promise<readonly ScannedRun[]> {
    return Promise.resolve(this.collector.runs);
  }

  async judge(excluded: ReadonlySet<string>, now: number): Promise<Judged & { readonly sorted: SortedOutcomes }> {
    const { collector, slices, posteriors } = this;
    const { outcomes, runs, tests: scanned, clusters } = collector;
    const table = runTable(runs, excluded);
    const sorted = await outcomes.sortInSlices(scanned.length, slices);
    const tests: AssessedTest[] = [];
    for (const [index, test] of scanned.entries()) {
      const history = historyOf(sorted, index, table);
      tests.push({ ...test, history, assessment: assessTest(history, posteriors, now) });
      await slices.pause();
    }
    const { retriedOutcomes, wastedUs } = collector;
    return {
      ...{ sorted, tests, table, scanned },
      clusters: clusters.all(),
      retries: { outcomes: retriedOutcomes, wastedMs: wastedUs / 1000, runs: collector.retriedRunIds(RETRIED_RUNS) },
      outcomes: outcomes.length,
    };
  }

  clusters(): Promise<Clusters> {
    const { clusters, tests: scanned, runs } = this.collector;
    return Promise.resolve({ clusters: clusters.all(), scanned, runs });
  }

  drop(): void {
    // the collector goes with it
  }
}
