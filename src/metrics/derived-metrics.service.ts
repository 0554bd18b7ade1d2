import { Injectable } from '@nestjs/common';
import { Clock, type Scope } from '../common/index.js';
import { RunsRepository, type Run } from '../executions/index.js';
import { testRef } from './domain/accumulate.js';
import { RAN } from './domain/aggregate.js';
import type { MetricValue } from './domain/catalogue.js';
import type { MetricQuery, TimeBucket } from './domain/query.js';
import { ROW_STATUS, type DayRows } from './domain/rows.js';
import { RunBuckets, runMetricValue } from './domain/run-metrics.js';
import { LOOKBACK_MS, TestLifecycles, type LifecycleCounts } from './domain/test-lifecycle.js';
import { bucketIndexer, bucketsOf } from './domain/time-buckets.js';
import { MetricsService } from './metrics.service.js';

/** Values of each metric asked for, one per bucket; one bucket, the whole range, without an interval. */
export interface DerivedAnswer {
  readonly buckets: readonly TimeBucket[];
  readonly values: ReadonlyMap<string, readonly MetricValue[]>;
}

const DAY_MS = 86_400_000;
const RUNS_AT_ONCE = 2000;
const TEST_METRICS: Readonly<Record<string, keyof LifecycleCounts>> = {
  tests_executed: 'executed',
  tests_known: 'known',
  tests_new: 'appeared',
  tests_vanished: 'vanished',
  tests_never_run: 'neverRun',
};

/** The metrics that no rollup cell holds (catalogue source `tests` and `runs`), from one pass over the attempts. */
@Injectable()
export class DerivedMetricsService {
  constructor(
    private readonly metrics: MetricsService,
    private readonly runs: RunsRepository,
    private readonly clock: Clock,
  ) {}

  /**
   * @param query its groupBy is not looked at
   * @param metricIds of the catalogue with source `tests` or `runs`; others are left out of the answer
   */
  async evaluate(scope: Scope, query: MetricQuery, metricIds: readonly string[]): Promise<DerivedAnswer> {
    const { range, interval } = query;
    const buckets = interval ? bucketsOf(range, interval) : [{ from: range.from, to: range.to }];
    const bucketAt = bucketIndexer(buckets);
    const byTest = metricIds.filter((id) => id in TEST_METRICS);
    const byRun = metricIds.filter((id) => id === 'runs' || id === 'run_duration' || id.startsWith('run.'));
    const lives = new TestLifecycles();
    const runs = new RunBuckets();
    const from = byTest.length > 0 ? new Date(range.from.getTime() - LOOKBACK_MS) : range.from;
    const wide: MetricQuery = { ...query, range: { ...range, from }, groupBy: [] };
    for await (const day of this.metrics.scanRows(scope, wide)) {
      if (byTest.length > 0) feedTests(lives, day, bucketAt);
      if (byRun.length > 0) runs.add(day, bucketAt);
    }
    const counts = lives.finish(buckets, bucketAt, this.clock.now().getTime());
    const values = new Map<string, readonly MetricValue[]>();
    for (const id of byTest)
      values.set(
        id,
        counts[TEST_METRICS[id]!].map((value, i) => ({ value, n: counts.known[i]! })),
      );
    const found = byRun.some((id) => id !== 'runs')
      ? await this.findRuns(scope, runs.runIds())
      : new Map<string, Run>();
    for (const id of byRun)
      values.set(
        id,
        runs.byBucket(buckets.length).map((ids) => runMetricValue(id, ids, found)),
      );
    return { buckets, values };
  }

  private async findRuns(scope: Scope, runIds: readonly string[]): Promise<Map<string, Run>> {
    const found = new Map<string, Run>();
    for (let from = 0; from < runIds.length; from += RUNS_AT_ONCE)
      for (const run of await this.runs.findMany(scope, runIds.slice(from, from + RUNS_AT_ONCE)))
        found.set(run.runId, run);
    return found;
  }
}

const feedTests = (
  lives: TestLifecycles,
  { projectId, day, rows, match }: DayRows,
  bucketAt: (epochMs: number) => number,
): void => {
  for (let i = 0; i < rows.length; i++) {
    if (!match[i]) continue;
    const at = day * DAY_MS + rows.at[i]!;
    lives.add(testRef(projectId, rows.test[i]!), at, bucketAt(at), RAN[rows.flags[i]! & ROW_STATUS]!);
  }
};
