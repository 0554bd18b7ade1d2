import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RESULT_STATUSES } from '../../executions/index.js';
import { COMPARE_CATEGORIES, compareOutcomes, type Comparison } from './compare.js';
import { type BuildRun, rerunsOf, supersededRuns, withoutRerun, worstByTest } from './outcomes.js';
import { outcome } from './testing/outcomes.js';

const none = (): number[] => [];
const numbers = ({ lists }: Comparison): Record<string, number[]> =>
  Object.fromEntries(COMPARE_CATEGORIES.map((name) => [name, lists[name].map(({ test }) => test)]));

describe('compareOutcomes', () => {
  it('puts each test where it belongs', () => {
    const base = [
      outcome(1, 'passed'),
      outcome(2, 'failed'),
      outcome(3, 'broken'),
      outcome(4, 'passed'),
      outcome(5, 'skipped'),
      outcome(6, 'failed'),
    ];
    const head = [
      outcome(1, 'timeout'),
      outcome(2, 'passed'),
      outcome(3, 'failed'),
      outcome(5, 'failed'),
      outcome(6, 'skipped'),
      outcome(7, 'passed', { flaky: true }),
    ];
    expect(numbers(compareOutcomes(base, head, none))).toEqual({
      newlyFailing: [1, 5],
      stillFailing: [3],
      fixed: [2],
      added: [7],
      removed: [4],
      flaky: [7],
      slower: [],
    });
  });

  it('adds or removes everything where a side is empty, and has nothing to say of nothing', () => {
    expect(numbers(compareOutcomes([], [outcome(1, 'passed')], none)).added).toEqual([1]);
    expect(numbers(compareOutcomes([outcome(1, 'passed')], [], none)).removed).toEqual([1]);
    expect(compareOutcomes([], [], none)).toMatchObject({ unchanged: 0, baseTests: 0, headTests: 0 });
  });

  it('has every test once: in one of the five lists, or unchanged', () => {
    const side = fc.array(
      fc.record({ test: fc.integer({ min: 1, max: 30 }), status: fc.constantFrom(...RESULT_STATUSES) }),
    );
    fc.assert(
      fc.property(side, side, (a, b) => {
        const [base, head] = [a, b].map((all) => all.map(({ test, status }) => outcome(test, status)));
        const comparison = compareOutcomes(base!, head!, none);
        const listed = COMPARE_CATEGORIES.slice(0, 5).flatMap((name) => numbers(comparison)[name]!);
        expect(new Set(listed).size).toBe(listed.length);
        const all = new Set([...a, ...b].map(({ test }) => test));
        expect(listed.length + comparison.unchanged).toBe(all.size);
        const mirrored = numbers(compareOutcomes(head!, base!, none));
        expect([...mirrored.removed!].sort()).toEqual([...numbers(comparison).added!].sort());
      }),
    );
  });
});

describe('runs of a build', () => {
  const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
  const run = (runId: string, from: number, to: number, more = {}) => ({
    runId,
    startedAt: at(from),
    finishedAt: at(to),
    commit: 'c',
    ...more,
  });

  it('repeat an earlier one when they are the same job, begun after it had ended', () => {
    const runs = [run('b', 5, 9), run('a', 0, 4), run('other', 5, 9, { name: 'windows' }), run('parallel', 2, 3)];
    expect([...rerunsOf(runs)]).toEqual([
      ['a', ['b']],
      ['parallel', ['b']],
    ]);
    expect(rerunsOf([]).size).toBe(0);
  });

  it('are superseded by a finished rerun where they were cut off', () => {
    const heard = (from: number, status: BuildRun['status']) => ({ status, createdAt: at(from), updatedAt: at(from) });
    const cut = (status: BuildRun['status'], more = {}): BuildRun => ({
      ...run('cut', 0, 0),
      ...heard(0, status),
      finishedAt: undefined,
      ...more,
    });
    const later = (status: BuildRun['status'], more = {}): BuildRun => ({
      ...run('later', 5, 9, more),
      ...heard(5, status),
    });
    const shard = { build: { shard: 2 } };
    expect([...supersededRuns([cut('aborted'), later('finished')])]).toEqual(['cut']);
    expect([...supersededRuns([cut('running', shard), later('finished', shard)])]).toEqual(['cut']);
    const lasting: [string, BuildRun[]][] = [
      ['nothing', []],
      ['no rerun', [cut('aborted')]],
      ['a run without a shard may be at work', [cut('running'), later('finished')]],
      ['it is heard of', [cut('running', { ...shard, updatedAt: at(6) }), later('finished', shard)]],
      ['the rerun goes on', [cut('aborted'), later('running')]],
      ['the rerun was aborted too', [cut('aborted'), later('aborted')]],
      ['another job', [cut('aborted'), later('finished', { name: 'windows' })]],
      ['another shard', [cut('running', shard), later('finished', { build: { shard: 1 } })]],
      ['begun at once', [cut('aborted'), { ...later('finished'), startedAt: at(0) }]],
      ['side by side', [{ ...cut('aborted'), finishedAt: at(6) }, later('finished')]],
    ];
    for (const [why, runs] of lasting) expect([why, [...supersededRuns(runs)]]).toEqual([why, []]);
  });

  it('count by the newest outcome of a job, flaky where it failed before; what was not repeated stays', () => {
    const runs = [run('a', 0, 4), run('b', 5, 9)];
    const outcomes = [
      outcome(1, 'failed', { runId: 'a' }),
      outcome(2, 'failed', { runId: 'a' }),
      outcome(3, 'failed', { runId: 'a' }),
      outcome(1, 'passed', { runId: 'b' }),
      outcome(3, 'skipped', { runId: 'b' }),
    ];
    const left = withoutRerun(outcomes, runs).map(({ test, runId, flaky }) => [test, runId, flaky]);
    expect(left).toEqual([
      [2, 'a', false],
      [3, 'a', false],
      [1, 'b', true],
      [3, 'b', false],
    ]);
  });

  it('side by side: a failure outweighs a pass, whatever came last', () => {
    const worst = worstByTest([
      outcome(1, 'failed', { at: 1 }),
      outcome(1, 'passed', { at: 2 }),
      outcome(2, 'skipped', { at: 3 }),
      outcome(2, 'passed', { at: 1 }),
    ]);
    expect([...worst.values()].map(({ test, status }) => [test, RESULT_STATUSES[status]])).toEqual([
      [1, 'failed'],
      [2, 'passed'],
    ]);
  });
});
