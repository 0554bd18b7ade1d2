import { describe, expect, it } from '@jest/globals';
import { aucWithInterval, evaluateBrier } from './discrimination.js';
import { FlakinessPosteriors, countTransitions } from './flakiness-posterior.js';
import { assessTest } from './flakiness.js';
import { HistoryCollector } from './history-collector.js';
import { NO_TRANSITIONS, addTransitions, predictNextFailure } from './next-failure.js';
import { lastSegmentStart } from './segmentation.js';
import type { HistoryRun, TestHistory } from './test-history.js';
import { evidenceOf, runTable } from './test-history.js';
import { hasSharedData, readRows } from './testing/shared-data.js';

interface Row {
  readonly test: string;
  readonly build: string;
  readonly at: number;
  readonly failed: boolean;
  readonly cycle: number;
}

const read = (): Row[] =>
  readRows('dune_debian11.csv').map((row) => ({
    test: row['Name']!,
    build: row['BuildId']!,
    at: Date.parse(`${row['LastRun']!.replace(' ', 'T')}Z`),
    failed: row['Verdict'] === '1',
    cycle: Number(row['Cycle']),
  }));

/** Histories by test name; the file names no commits, so a build is a run of unknown code. */
const historiesOf = (rows: readonly Row[]): Map<string, TestHistory> => {
  const builds = [...new Set(rows.map((row) => row.build))];
  const tests = [...new Set(rows.map((row) => row.test))];
  const runs = builds.map((runId): HistoryRun => ({ runId, startedAt: 0, commit: '', branch: '', environment: '' }));
  const runNo = new Map(builds.map((build, i) => [build, i]));
  const testNo = new Map(tests.map((test, i) => [test, i]));
  const collector = new HistoryCollector();
  for (const row of rows)
    collector.add(testNo.get(row.test)!, row.at, row.failed ? 1 : 0, runNo.get(row.build)!, 1, false, NaN);
  const byNo = collector.histories(runTable(runs));
  return new Map([...byNo].map(([no, history]) => [tests[no]!, history]));
};

/** Tests with both verdicts within one cycle. */
const mixedWithinACycle = (rows: readonly Row[]): Set<string> => {
  const seen = new Map<string, boolean>();
  const mixed = new Set<string>();
  for (const row of rows) {
    const key = `${row.cycle}/${row.test}`;
    const before = seen.get(key);
    if (before !== undefined && before !== row.failed) mixed.add(row.test);
    seen.set(key, row.failed);
  }
  return mixed;
};

(hasSharedData ? describe : describe.skip)('on dune_debian11.csv', () => {
  const rows = hasSharedData ? read() : [];
  const half = Math.floor(Math.max(...rows.map((row) => row.cycle)) / 2);
  const first = rows.filter((row) => row.cycle <= half);
  const second = rows.filter((row) => row.cycle > half);

  it('ranks by the lower bound the tests that are mixed within a cycle later', () => {
    const posteriors = new FlakinessPosteriors();
    const learnt = historiesOf(first);
    const positives = mixedWithinACycle(second);
    const scores = new Map(
      [...new Set(second.map((row) => row.test))].map((test) => {
        const history = learnt.get(test);
        const low = history
          ? assessTest(history, posteriors, 0).flakiness.low
          : posteriors.of(countTransitions(new Uint8Array())).low;
        return [test, low];
      }),
    );
    const scoresOf = (isPositive: boolean): number[] =>
      [...scores].filter(([test]) => positives.has(test) === isPositive).map(([, score]) => score);
    const result = aucWithInterval(scoresOf(true), scoresOf(false), { seed: 2024 });
    console.log('dune_debian11: AUC of the lower bound', result);
    expect(result.positives).toBe(15);
    expect(result.value).toBeGreaterThanOrEqual(0.93);
    expect(result.low!).toBeLessThanOrEqual(result.value!);
    expect(result.high!).toBeGreaterThanOrEqual(result.value!);
  });

  it('predicts the next failure better than the base rate, on runs it has not seen', () => {
    const suite = [...historiesOf(first).values()]
      .map((history) => countTransitions(evidenceOf(history).failed))
      .reduce(addTransitions, NO_TRANSITIONS);
    const split = second[0]!.at;
    const pairs = [...historiesOf(rows).values()].flatMap((history) => {
      const { failed } = evidenceOf(history);
      return Array.from(failed, (outcome, i) => {
        if (i === 0 || history.at[i]! < split) return [];
        const past = failed.subarray(0, i);
        const from = lastSegmentStart({ failed: past });
        const test = countTransitions(past, from);
        const { probability } = predictNextFailure({ test, suite, recent: past.subarray(from) });
        return [{ probability: probability!, failed: outcome === 1 }];
      }).flat();
    });
    const base = first.filter((row) => row.failed).length / first.length;
    const evaluation = evaluateBrier(pairs, base);
    console.log('dune_debian11: Brier score of the next run', evaluation);
    expect(evaluation.n).toBeGreaterThan(100);
    expect(evaluation.skill).toBeGreaterThan(0);
  });
});
