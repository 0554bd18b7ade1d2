import { describe, expect, it } from '@jest/globals';
import { buildOf } from './build.js';
import type { AttemptRecord, ResultStatus } from './model.js';
import { NO_TOTALS, totalsOf, type RunRecord } from './run-record.js';

const attempt = (test: number, number: number, status: ResultStatus): AttemptRecord =>
  ({ test, attempt: number, status }) as AttemptRecord;

describe('totalsOf', () => {
  it('is all zero for nothing', () => {
    expect(totalsOf([])).toEqual(NO_TOTALS);
  });

  it('counts the last attempt of each test, whatever the order', () => {
    const attempts = [
      attempt(1, 1, 'failed'),
      attempt(1, 2, 'passed'),
      attempt(2, 1, 'passed'),
      attempt(3, 1, 'passed'),
      attempt(3, 2, 'broken'),
      attempt(4, 1, 'skipped'),
      attempt(5, 1, 'skipped'),
      attempt(5, 2, 'passed'),
    ];
    const expected = { ...NO_TOTALS, attempts: 8, executions: 5, passed: 3, broken: 1, skipped: 1, flaky: 1 };
    expect(totalsOf(attempts)).toEqual(expected);
    expect(totalsOf(attempts.toReversed())).toEqual(expected);
  });
});

const START = new Date('2026-03-01T09:30:00Z');
const run = (more: Partial<RunRecord>): RunRecord =>
  ({ status: 'finished', startedAt: START, shardsSeen: [], totals: NO_TOTALS, ...more }) as RunRecord;

describe('buildOf', () => {
  it('adds its runs up', () => {
    const later = new Date(START.getTime() + 1000);
    const build = buildOf('b', [
      run({ totals: { ...NO_TOTALS, executions: 2, passed: 2 }, finishedAt: later }),
      run({ totals: { ...NO_TOTALS, executions: 3, failed: 3 }, finishedAt: START }),
    ]);
    expect(build).toMatchObject({ status: 'finished', startedAt: START, finishedAt: later, shardsSeen: [] });
    expect(build.totals).toMatchObject({ executions: 5, passed: 2, failed: 3 });
    expect(build.shardsExpected).toBeUndefined();
  });

  it('is running before it is incomplete, and incomplete before it is aborted', () => {
    const shard = (number: number, more: Partial<RunRecord> = {}): RunRecord =>
      run({ build: { id: 'b', shards: 2 }, shardsSeen: [number], ...more });
    expect(buildOf('b', [shard(1, { status: 'running' })]).status).toBe('running');
    expect(buildOf('b', [shard(1, { status: 'aborted' })]).status).toBe('incomplete');
    expect(buildOf('b', [shard(1, { status: 'aborted' }), shard(2)]).status).toBe('aborted');
    expect(buildOf('b', [shard(1), shard(2)])).toMatchObject({
      status: 'finished',
      shardsSeen: [1, 2],
      shardsExpected: 2,
    });
  });

  it('has no end while a run has none', () => {
    expect(buildOf('b', [run({ finishedAt: START }), run({})]).finishedAt).toBeUndefined();
  });
});
