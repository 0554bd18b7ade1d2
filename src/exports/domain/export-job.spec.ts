import { describe, expect, it } from '@jest/globals';
import { estimatedCompletion, isOpen, progressOf, workloadOf } from './export-job.js';

describe('progressOf', () => {
  it.each([
    [
      { status: 'pending', done: 0 },
      { done: 0, total: null, percent: null },
    ],
    [
      { status: 'in_progress', done: 1, total: 3 },
      { done: 1, total: 3, percent: 33 },
    ],
    [
      { status: 'in_progress', done: 0, total: 0 },
      { done: 0, total: 0, percent: 0 },
    ],
    // all rows are written, and the file is not closed yet
    [
      { status: 'in_progress', done: 3, total: 3 },
      { done: 3, total: 3, percent: 99 },
    ],
    [
      { status: 'completed', done: 0, total: 0 },
      { done: 0, total: 0, percent: 100 },
    ],
    [
      { status: 'expired', done: 7, total: 9 },
      { done: 7, total: 7, percent: 100 },
    ],
  ] as const)('of %j', (job, progress) => {
    expect(progressOf(job)).toEqual(progress);
  });
});

describe('estimatedCompletion', () => {
  const startedAt = new Date(0);
  const now = new Date(10_000);
  const job = { status: 'in_progress', done: 25, total: 100, startedAt } as const;

  it('goes on as it went so far', () => {
    expect(estimatedCompletion(job, now)).toEqual(new Date(40_000));
    expect(estimatedCompletion({ ...job, done: 150 }, now)).toEqual(now);
  });

  it.each([
    { ...job, status: 'pending' as const },
    { ...job, done: 0 },
    { ...job, total: 0 },
    { ...job, total: undefined },
    { ...job, startedAt: undefined },
    { ...job, startedAt: now },
  ])('is not known of %j', (unknown) => {
    expect(estimatedCompletion(unknown, now)).toBeUndefined();
  });
});

describe('what kind of work it is', () => {
  it('streams are rows of results and runs', () => {
    expect(workloadOf({ source: 'results', format: 'csv' })).toBe('streams');
    expect(workloadOf({ source: 'runs', format: 'junit' })).toBe('streams');
    expect(workloadOf({ source: 'results', format: 'pdf' })).toBe('computed');
    expect(workloadOf({ source: 'alerts', format: 'csv' })).toBe('computed');
  });

  it('is open until it is over', () => {
    expect(isOpen({ status: 'pending' })).toBe(true);
    expect(isOpen({ status: 'in_progress' })).toBe(true);
    for (const status of ['completed', 'failed', 'cancelled', 'expired'] as const)
      expect(isOpen({ status })).toBe(false);
  });
});
