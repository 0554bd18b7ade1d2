import { describe, expect, it } from '@jest/globals';
import { ROW_FINAL, ROW_FLAKY, ROW_HAS_DURATION, ROW_RETRIED, type DayRows } from '../../metrics/index.js';
import { FlakinessPosteriors } from '../../quality/index.js';
import { BaseHistoryCollector } from './base-history.js';

const posteriors = new FlakinessPosteriors();
const DAY_MS = 86_400_000;
const NOTHING = { excluded: new Set<string>(), putBack: new Set<string>() };
const same = (_: string, number: number): number => number;

/** One run a day: the status code of each test by number; a string is flaky in the run. */
const dayOf = (day: number, statuses: Readonly<Record<number, number | 'flaky'>>, runId = `run-${day}`): DayRows => {
  const entries = Object.entries(statuses);
  const column = (value: (entry: [string, number | 'flaky'], i: number) => number): number[] => entries.map(value);
  return {
    projectId: 'p',
    projectKey: 'web',
    day,
    match: new Uint8Array(entries.length).fill(1),
    rows: {
      length: entries.length,
      test: Int32Array.from(column(([test]) => Number(test))),
      flags: Uint8Array.from(
        column(([, s]) => ROW_FINAL | ROW_HAS_DURATION | (s === 'flaky' ? ROW_FLAKY | ROW_RETRIED : s)),
      ),
      attempt: Uint16Array.from(column(([, s]) => (s === 'flaky' ? 2 : 1))),
      at: Uint32Array.from(column((_, i) => i)),
      durationUs: Float64Array.from(column(() => day * 1000)),
      group: new Uint16Array(entries.length),
      run: new Uint16Array(entries.length),
      fingerprint: new Uint16Array(entries.length),
      groups: [{ suite: 's', type: '', environment: '', branch: 'main', owner: '', user: '', kind: 'ci', tags: [] }],
      runs: [{ runId, startedAtSeconds: day * 86_400, generation: 1, commit: `c${day}`, expired: false }],
      fingerprints: [''],
    },
  };
};

const collect = (days: readonly DayRows[], left: readonly string[] = [], decisions = NOTHING, canonical = same) => {
  const collector = new BaseHistoryCollector(
    canonical,
    () => true,
    () => true,
    new Set(left),
  );
  for (const day of days) collector.add(day);
  return collector.finish(decisions);
};

describe('the past of a base branch', () => {
  it('is empty for nothing', () => {
    const base = collect([]);
    expect(base).toMatchObject({ outcomes: 0, runs: 0 });
    expect(base.pastOf(1, 5, posteriors, 0)).toMatchObject({ label: 'insufficient_data', recent: 0 });
    expect(base.durationsOf(1)).toEqual([]);
  });

  it('tells of the last outcomes, newest durations first, without the runs under judgement', () => {
    const days = Array.from({ length: 8 }, (_, day) => dayOf(day, { 1: day === 2 ? 1 : 0, 2: 4 }));
    const base = collect([...days, dayOf(8, { 1: 1, 3: 0 }, 'head')], ['head']);
    expect(base).toMatchObject({ outcomes: 8, runs: 8 });
    expect(base.pastOf(1, 5, posteriors, 8 * DAY_MS)).toMatchObject({
      recent: 5,
      recentFailures: 0,
      lastRunId: 'run-7',
    });
    expect(base.pastOf(1, 6, posteriors, 8 * DAY_MS)).toMatchObject({ recent: 6, recentFailures: 1 });
    expect(base.durationsOf(1)).toEqual([7000, 6000, 5000, 4000, 3000, 1000, 0]);
    expect([...base.activeTests]).toEqual([1]);
  });

  it('knows a flaky test by its retries', () => {
    const base = collect(Array.from({ length: 8 }, (_, day) => dayOf(day, { 1: day % 2 === 0 ? 'flaky' : 0 })));
    expect(base.pastOf(1, 5, posteriors, 8 * DAY_MS)).toMatchObject({ label: 'confirmed', recentFailures: 0 });
  });

  it('leaves outages out, unless somebody put them back', () => {
    const all = (status: number): Record<number, number> =>
      Object.fromEntries(Array.from({ length: 25 }, (_, i) => [i + 1, status]));
    const days = Array.from({ length: 8 }, (_, day) => dayOf(day, all(day === 7 ? 1 : 0)));
    expect(collect(days).pastOf(1, 5, posteriors, 8 * DAY_MS)).toMatchObject({ recentFailures: 0 });
    const putBack = { ...NOTHING, putBack: new Set(['run-7']) };
    expect(collect(days, [], putBack).pastOf(1, 5, posteriors, 8 * DAY_MS)).toMatchObject({ recentFailures: 1 });
    const byHand = { ...NOTHING, excluded: new Set(['run-6', 'run-5']) };
    expect(collect(days, [], byHand).pastOf(1, 9, posteriors, 8 * DAY_MS)).toMatchObject({ recent: 5 });
  });

  it('goes on under the present name of a renamed test', () => {
    const canonical = (_: string, number: number): number => (number === 1 ? 9 : number);
    const base = collect([dayOf(0, { 1: 0 }), dayOf(1, { 9: 0 })], [], NOTHING, canonical);
    expect(base.pastOf(9, 5, posteriors, 2 * DAY_MS)).toMatchObject({ recent: 2 });
  });
});
