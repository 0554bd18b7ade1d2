import { describe, expect, it } from '@jest/globals';
import type { DemoRun } from '../../demo/domain/generate-demo.js';
import { generateDemo } from '../../demo/domain/generate-demo.js';
import type { DemoTruth, TestKey } from '../../demo/domain/truth.js';
import { analyseSeries } from '../../trends/domain/analyse-series.js';
import { FlakinessPosteriors } from './flakiness-posterior.js';
import { assessTest } from './flakiness.js';
import { HistoryCollector } from './history-collector.js';
import { excludedRunIds, findOutages } from './outages.js';
import type { HistoryRun, TestHistory } from './test-history.js';
import { isFailure, isJudged, runTable } from './test-history.js';

const STATUSES = ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'];
const DAY_MS = 86_400_000;
const NOW = new Date('2026-11-23T12:00:00Z');
const DAYS = 60;

interface Outcome {
  readonly test: string;
  readonly at: number;
  readonly status: number;
  readonly attempts: number;
  readonly flaky: boolean;
}

const keyOf = ({ suite, name, parameters }: TestKey): string => JSON.stringify([suite, name, parameters ?? {}]);

/** The last attempt of each test in a run. */
const outcomesOf = ({ run, results }: DemoRun): Outcome[] => {
  const last = new Map<string, Outcome & { failed: boolean }>();
  for (const result of results) {
    const test = keyOf({ suite: result.suite ?? '', name: result.name, parameters: result.parameters });
    const status = STATUSES.indexOf(result.status);
    const before = last.get(test);
    const at = Date.parse(result.startedAt ?? run.startedAt ?? '');
    const failed = (before?.failed ?? false) || isFailure(status);
    last.set(test, { test, at, status, attempts: result.attempt ?? 1, flaky: status === 0 && failed, failed });
  }
  return [...last.values()];
};

const runOf = ({ run }: DemoRun): HistoryRun => ({
  runId: run.externalId ?? '',
  startedAt: Date.parse(run.startedAt ?? ''),
  commit: run.commit ?? '',
  branch: run.branch ?? '',
  environment: run.environment ?? '',
});

interface Seen {
  readonly truth: DemoTruth;
  readonly outages: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
  readonly outcomes: readonly Outcome[];
}

const look = (seed: number): Seen => {
  const demo = generateDemo({ seed, days: DAYS, now: NOW });
  const all = Array.from(demo.runs, (one) => ({ run: runOf(one), outcomes: outcomesOf(one) }));
  const found = findOutages(
    all.map(({ run, outcomes }) => ({
      ...run,
      judged: outcomes.filter((one) => isJudged(one.status)).length,
      failed: outcomes.filter((one) => isFailure(one.status)).length,
    })),
  );
  const table = runTable(
    all.map(({ run }) => run),
    excludedRunIds(found),
  );
  const numbers = new Map<string, number>();
  const collector = new HistoryCollector();
  all.forEach(({ outcomes }, run) => {
    for (const one of outcomes) {
      const no = numbers.get(one.test) ?? numbers.size;
      numbers.set(one.test, no);
      collector.add(no, one.at, one.status, run, one.attempts, one.flaky, NaN);
    }
  });
  return {
    truth: demo.truth,
    outages: found.map((outage) => outage.runId),
    labels: labelsOf(numbers, collector.histories(table)),
    outcomes: all.flatMap(({ outcomes }) => outcomes),
  };
};

const posteriors = new FlakinessPosteriors();
const labelsOf = (numbers: Map<string, number>, histories: Map<number, TestHistory>): Map<string, string> =>
  new Map([...numbers].map(([test, no]) => [test, assessTest(histories.get(no)!, posteriors, NOW.getTime()).label]));

const analysisOf = ({ outcomes }: Seen) => {
  const first = Math.floor(NOW.getTime() / DAY_MS) - DAYS + 1;
  const [passed, judged] = [new Array<number>(DAYS).fill(0), new Array<number>(DAYS).fill(0)];
  for (const { at, status } of outcomes) {
    const day = Math.floor(at / DAY_MS) - first;
    if (!isJudged(status) || day < 0 || day >= DAYS) continue;
    judged[day]! += 1;
    if (status === 0) passed[day]! += 1;
  }
  const analysis = analyseSeries({
    values: judged.map((n, day) => (n > 0 ? passed[day]! / n : null)),
    n: judged,
    period: 'day',
    goodDirection: 'up',
    kind: 'rate',
    scale: 'rate',
    format: String,
    cycles: [5, 6, 8, 9, 10, 14].map((lag) => ({ name: `every ${lag} days`, lag })),
  });
  return { analysis, first };
};

describe('on the demo, whose truth is known, over 20 seeds', () => {
  it.each(Array.from({ length: 20 }, (_, i) => i + 1))('seed %d', (seed) => {
    const seen = look(seed);
    const flaky = new Set(seen.truth.flaky.map((one) => keyOf(one.test)));
    const blamed = [...seen.labels].filter(([, label]) => label === 'confirmed' || label === 'suspected');
    expect(new Set(blamed.map(([test]) => test))).toEqual(flaky);
    expect(flaky.size).toBe(6);
    expect(seen.outages).toEqual([seen.truth.outage!.run.externalId]);

    const { analysis, first } = analysisOf(seen);
    if (analysis.seasonality.status !== 'ok' || analysis.changePoints.status !== 'ok') throw new Error('refused');
    expect(analysis.seasonality.tested.filter((one) => one.significant).map((one) => one.lag)).toEqual([7]);
    const culprit = Math.floor(seen.truth.regression!.culprit.startedAt.getTime() / DAY_MS) - first;
    const steps = analysis.changePoints.points.filter((point) => point.after < point.before);
    expect(steps.some(({ low99, high99 }) => low99 <= culprit && culprit <= high99)).toBe(true);
  });
});
