import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { FAILURE_STATUSES, type ResultInput } from '../../executions/index.js';
import { type Demo, type DemoRun, generateDemo } from './generate-demo.js';
import type { TestKey } from './truth.js';

const NOW = new Date('2026-11-25T12:00:00Z');
const year = generateDemo({ seed: 7, days: 365, now: NOW });
const runs = [...year.runs];
const { truth } = year;

const keyOf = (test: TestKey): string => `${test.suite}|${test.name}|${JSON.stringify(test.parameters ?? {})}`;
const keyOfResult = (result: ResultInput): string => keyOf({ ...result, suite: result.suite ?? '' });
const hasFailed = (result: ResultInput): boolean => FAILURE_STATUSES.includes(result.status);
const digest = (demo: Demo): string => {
  const hash = createHash('sha256');
  for (const run of demo.runs) hash.update(JSON.stringify(run));
  return hash.digest('hex');
};
const grouped = new WeakMap<DemoRun, Map<string, ResultInput[]>>();
const attemptsByTest = (run: DemoRun): Map<string, ResultInput[]> => {
  const byTest = grouped.get(run) ?? new Map<string, ResultInput[]>();
  if (grouped.has(run)) return byTest;
  for (const result of run.results) {
    const attempts = byTest.get(keyOfResult(result));
    if (attempts) attempts.push(result);
    else byTest.set(keyOfResult(result), [result]);
  }
  grouped.set(run, byTest);
  return byTest;
};
const failureShare = (run: DemoRun): number => {
  const outcomes = [...attemptsByTest(run).values()].map((attempts) => attempts.at(-1)!);
  return outcomes.filter(hasFailed).length / outcomes.length;
};
const positionOf = (externalId: string): number => runs.findIndex(({ run }) => run.externalId === externalId);

describe('a demo year', () => {
  it('has about 200 tests in 8 suites and a realistic number of runs and results', () => {
    const results = runs.reduce((sum, run) => sum + run.results.length, 0);
    expect(truth.tests.length).toBeGreaterThanOrEqual(190);
    expect(truth.tests.length).toBeLessThanOrEqual(210);
    expect(new Set(truth.tests.map(keyOf)).size).toBe(truth.tests.length);
    expect(new Set(truth.suites).size).toBe(8);
    expect(runs).toHaveLength(truth.runs);
    expect(new Set(runs.map(({ run }) => run.externalId)).size).toBe(runs.length);
    expect(results).toBeGreaterThan(200_000);
    expect(results).toBeLessThan(300_000);
  });

  it('shows every dimension: branches, environments, owners, users, kinds, tags, types, shards', () => {
    const distinct = (values: readonly (string | undefined)[]): number => new Set(values).size;
    expect(distinct(runs.map(({ run }) => run.branch))).toBeGreaterThan(10);
    expect(distinct(runs.map(({ run }) => run.environment))).toBe(2);
    expect(distinct(runs.map(({ run }) => run.triggeredBy))).toBeGreaterThan(3);
    expect(distinct(runs.map(({ run }) => run.kind))).toBe(3);
    expect(distinct(runs[0]!.results.map((result) => result.owner))).toBe(4);
    expect(distinct(runs[0]!.results.map((result) => result.type))).toBe(4);
    expect(runs.some(({ run }) => run.build?.shards === 2)).toBe(true);
  });

  it('keeps to its range, and numbers the attempts of a test from 1', () => {
    const [from, to] = [truth.from.toISOString(), truth.to.toISOString()];
    expect(runs.filter(({ run }) => (run.startedAt ?? '') < from || (run.finishedAt ?? to) >= to)).toEqual([]);
    const misnumbered = runs.flatMap((run) =>
      [...attemptsByTest(run).values()].filter((attempts) => attempts.some((result, i) => result.attempt !== i + 1)),
    );
    expect(misnumbered).toEqual([]);
  });

  it('lets only the six flaky tests pass after a failure of the same run', () => {
    const passedOnRetry = new Map<string, number>();
    for (const run of runs)
      for (const [key, attempts] of attemptsByTest(run))
        if (attempts.some(hasFailed) && attempts.at(-1)?.status === 'passed')
          passedOnRetry.set(key, (passedOnRetry.get(key) ?? 0) + 1);
    expect([...passedOnRetry.keys()].sort()).toEqual(truth.flaky.map(({ test }) => keyOf(test)).sort());
    for (const { test, rate } of truth.flaky)
      expect(passedOnRetry.get(keyOf(test))).toBeGreaterThan(rate * runs.length * 0.5);
  });

  it('breaks the regressed tests from the culprit to the fix, and at no other time but the outage', () => {
    const { regression, outage } = truth;
    if (!regression || !outage) throw new Error('the year has both');
    const [from, to, away] = [regression.culprit, regression.fix, outage.run].map((ref) => positionOf(ref.externalId));
    const regressed = new Set(regression.tests.map(keyOf));
    expect(regressed.size).toBe(12);
    expect(to! - from!).toBeGreaterThan(10);
    const astray = runs.filter((run, position) => {
      const broken = position >= from! && position < to!;
      const results = run.results.filter((result) => regressed.has(keyOfResult(result)));
      return position !== away && results.some((result) => hasFailed(result) !== broken);
    });
    expect(astray).toEqual([]);
    expect(runs[from!]!.run.commit).toBe(regression.culprit.commit);
    expect(runs[from! - 1]!.run.commit).toBe(regression.lastGood.commit);
  });

  it('has exactly one run that mostly fails: the outage', () => {
    const outages = runs.filter((run) => failureShare(run) > 0.8);
    expect(outages.map(({ run }) => run.externalId)).toEqual([truth.outage?.run.externalId]);
  });

  it('fails more on Mondays', () => {
    const shares = (monday: boolean): number[] =>
      runs
        .filter(({ run }) => (new Date(run.startedAt ?? '').getUTCDay() === truth.season.weekday) === monday)
        .map(failureShare)
        .sort((a, b) => a - b);
    const median = (values: number[]): number => values[Math.floor(values.length / 2)] ?? 0;
    expect(median(shares(true)) - median(shares(false))).toBeGreaterThan(0.03);
  });

  it('grows slower', () => {
    const passing = (part: readonly DemoRun[]): number => {
      const all = part.flatMap((run) => run.results).filter((result) => result.status === 'passed');
      return all.reduce((sum, result) => sum + (result.durationMs ?? 0), 0) / part.length;
    };
    expect(passing(runs.slice(-200)) / passing(runs.slice(0, 200))).toBeGreaterThan(1.2);
  });

  it('renames a test within its suite', () => {
    const { renamed } = truth;
    expect(renamed?.from.suite).toBe(renamed?.to.suite);
    const first = positionOf(renamed?.firstRun ?? '');
    const seen = (part: readonly DemoRun[], test: TestKey | undefined): boolean =>
      part.some((run) => run.results.some((result) => test !== undefined && keyOfResult(result) === keyOf(test)));
    expect([seen(runs.slice(0, first), renamed?.to), seen(runs.slice(first), renamed?.to)]).toEqual([false, true]);
    expect(seen(runs.slice(first + 1), renamed?.from)).toBe(false);
  });
});

describe('the generator', () => {
  it('gives the same demo for the same options, at each pass, and another one for another seed', () => {
    const demo = generateDemo({ seed: 3, days: 20, now: NOW });
    expect(digest(demo)).toBe(digest(demo));
    expect(digest(generateDemo({ seed: 3, days: 20, now: NOW }))).toBe(digest(demo));
    expect(digest(generateDemo({ seed: 4, days: 20, now: NOW }))).not.toBe(digest(demo));
  });

  it.each([1, 2, 13, 14, 20, 60, 200])('makes a demo of %d days', (days) => {
    const demo = generateDemo({ seed: 1, days, now: NOW });
    expect([...demo.runs]).toHaveLength(demo.truth.runs);
    expect(demo.truth.runs).toBeGreaterThan(0);
    expect(demo.truth.regression !== undefined).toBe(days >= 14);
  });
});
