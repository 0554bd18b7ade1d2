import { describe, expect, it } from '@jest/globals';
import { generateDemo, type Demo } from '../../src/demo/domain/generate-demo.js';
import type { TestKey } from '../../src/demo/domain/truth.js';
import { RESULT_STATUSES, type ResultInput } from '../../src/executions/index.js';
import { FlakinessPosteriors } from '../../src/quality/domain/flakiness-posterior.js';
import { assessTest } from '../../src/quality/domain/flakiness.js';
import { HistoryCollector } from '../../src/quality/domain/history-collector.js';
import { excludedRunIds, findOutages, type RunTally } from '../../src/quality/domain/outages.js';
import { segment } from '../../src/quality/domain/segmentation.js';
import {
  commitOf,
  evidenceOf,
  isFailure,
  isJudged,
  runOf,
  runTable,
  type HistoryRun,
  type TestHistory,
} from '../../src/quality/domain/test-history.js';

const NOW = new Date('2026-11-25T12:00:00Z');
const DAY_MS = 86_400_000;
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const posteriors = new FlakinessPosteriors();

const keyOf = ({ suite = '', name, parameters }: Partial<TestKey> & { name: string }): string =>
  `${suite}\0${name}\0${parameters ? JSON.stringify(parameters) : ''}`;

interface Collected {
  readonly names: readonly string[];
  readonly year: ReadonlyMap<number, TestHistory>;
  readonly quarter: ReadonlyMap<number, TestHistory>;
  readonly outages: readonly string[];
}

const attemptsByTest = (results: readonly ResultInput[]): Map<string, ResultInput[]> => {
  const byTest = new Map<string, ResultInput[]>();
  for (const result of results) {
    const key = keyOf(result);
    const attempts = byTest.get(key);
    if (attempts) attempts.push(result);
    else byTest.set(key, [result]);
  }
  return byTest;
};

/** Outcomes as the read model would hand them out: the last attempt of each test in each run. */
const collect = (demo: Demo): Collected => {
  const year = new HistoryCollector();
  const quarter = new HistoryCollector();
  const numbers = new Map<string, number>();
  const runs: HistoryRun[] = [];
  const tallies: RunTally[] = [];
  for (const { run, results } of demo.runs) {
    const startedAt = Date.parse(run.startedAt ?? '');
    const { externalId: runId = '', commit = '', branch = '', environment = '' } = run;
    runs.push({ runId, startedAt, commit, branch, environment });
    const tally = { runId, branch, startedAt, judged: 0, failed: 0 };
    tallies.push(tally);
    for (const [key, attempts] of attemptsByTest(results)) {
      const last = attempts.at(-1)!;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      const status = RESULT_STATUSES.indexOf(last.status);
      if (isJudged(status)) tally.judged += 1;
      if (isFailure(status)) tally.failed += 1;
      const at = Date.parse(last.startedAt ?? run.startedAt ?? '');
      // Every attempt before the last one failed, or there would be no last one.
      const flaky = attempts.length > 1 && status === 0;
      const row = [
        number,
        at,
        status,
        runs.length - 1,
        attempts.length,
        flaky,
        (last.durationMs ?? NaN) * 1000,
      ] as const;
      year.add(...row);
      if (startedAt >= NOW.getTime() - 90 * DAY_MS) quarter.add(...row);
    }
  }
  const outages = findOutages(tallies);
  const table = runTable(runs, excludedRunIds(outages));
  return {
    names: [...numbers.keys()],
    year: year.histories(table),
    quarter: quarter.histories(table),
    outages: outages.map(({ runId }) => runId),
  };
};

const flagged = (names: readonly string[], histories: ReadonlyMap<number, TestHistory>): string[] =>
  [...histories]
    .filter(([, history]) => ['confirmed', 'suspected'].includes(assessTest(history, posteriors, NOW.getTime()).label))
    .map(([number]) => names[number]!)
    .sort();

/** Run ids of the interval in which some change point of the test lies. */
const changeIntervals = (history: TestHistory): string[][] => {
  const evidence = evidenceOf(history);
  return segment({ failed: evidence.failed, commitOf: (i) => commitOf(evidence, i) }).flatMap(({ start }) =>
    start
      ? [Array.from({ length: start.high99 - start.low99 + 1 }, (_, i) => runOf(evidence, start.low99 + i).runId)]
      : [],
  );
};

describe('the demo year, whose truth is known', () => {
  it.each(SEEDS)(
    'seed %i: 6 flaky tests and no other, the outage and no other, the culprit in its interval',
    (seed) => {
      const demo = generateDemo({ seed, days: 365, now: NOW });
      const { names, year, quarter, outages } = collect(demo);
      const { flaky, outage, regression } = demo.truth;
      const truth = flaky.map(({ test }) => keyOf(test)).sort();
      expect(truth).toHaveLength(6);
      expect(flagged(names, year)).toEqual(truth);
      expect(flagged(names, quarter)).toEqual(truth);
      expect(outages).toEqual([outage!.run.externalId]);
      for (const test of regression!.tests) {
        const intervals = changeIntervals(year.get(names.indexOf(keyOf(test)))!);
        expect(intervals.some((runs) => runs.includes(regression!.culprit.externalId))).toBe(true);
      }
    },
  );
});
