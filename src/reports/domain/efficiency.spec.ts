import { describe, expect, it } from '@jest/globals';
import type { Run } from '../../executions/index.js';
import { emptyAggregate } from '../../metrics/domain/aggregate.js';
import { efficiencyOf, resourcesOf, runFiguresOf } from './efficiency.js';

const run = (runId: string, minutes: number | undefined, more: Partial<Run> = {}): Run =>
  ({
    runId,
    startedAt: new Date(0),
    ...(minutes === undefined ? {} : { finishedAt: new Date(minutes * 60_000) }),
    ...more,
  }) as Run;

const WHOLE = { attemptsAll: false, isPart: false };

describe('efficiencyOf', () => {
  it('relates test time to wall time over finished runs, and retries to all time', () => {
    const totals = { ...emptyAggregate(), durationSumUs: 240e6, retries: 2, retryDurationUs: 60e6 };
    const times = new Map([
      ['a', 180e6],
      ['b', 60e6],
    ]);
    expect(efficiencyOf([run('a', 1), run('b', undefined)], times, totals, WHOLE)).toEqual({
      ...{ runs: 2, finishedRuns: 1, wallTimeMs: 60_000, testTimeMs: 180_000, parallelism: 3 },
      ...{ retries: 2, retryTimeMs: 60_000, retryShare: 0.2 },
    });
    expect(efficiencyOf([run('a', 1)], times, totals, { ...WHOLE, attemptsAll: true }).retryShare).toBe(0.25);
  });

  it('does not relate a part of the outcomes to the wall time of whole runs', () => {
    const part = { ...WHOLE, isPart: true };
    const times = new Map([['a', 30e6]]);
    expect(efficiencyOf([run('a', 1)], times, emptyAggregate(), part)).toMatchObject({
      wallTimeMs: 60_000,
      testTimeMs: 30_000,
      parallelism: null,
    });
  });

  it('has no ratio of nothing', () => {
    expect(efficiencyOf([], new Map(), emptyAggregate(), WHOLE)).toMatchObject({ parallelism: null, retryShare: null });
    expect(efficiencyOf([run('a', -1)], new Map(), emptyAggregate(), WHOLE).finishedRuns).toBe(0);
  });
});

describe('figures of runs', () => {
  it('summarise what was sent, and are empty where nothing was', () => {
    const runs = [
      run('a', 1, { metrics: { 'cost.usd': 2 }, resources: { cpuPercent: 10 } }),
      run('b', 1, { metrics: { 'cost.usd': 4, __proto__: null } as never, resources: { cpuPercent: 30 } }),
      run('c', 1),
    ];
    expect(resourcesOf(runs)).toEqual({ cpuPercent: { n: 2, average: 20, min: 10, max: 30 } });
    expect(runFiguresOf(runs)).toEqual({ 'cost.usd': { n: 2, average: 3, min: 2, max: 4 } });
    expect(resourcesOf([])).toEqual({});
  });
});
