import { describe, expect, it } from '@jest/globals';
import type { AttemptRecord, Run } from '../../executions/domain/model.js';
import { buildRunDays } from '../../metrics/domain/build-rows.js';
import type { DayRows } from '../../metrics/domain/rows.js';
import { AttemptScan, biggest, failureFingerprints, mostFailing, newestFirst, slowest } from './attempt-scan.js';

const run = {
  runId: 'r1',
  startedAt: new Date(0),
  tags: [],
  branch: 'main',
  kind: 'ci',
  generation: 1,
} as unknown as Run;

const attempt = (test: number, status: AttemptRecord['status'], more: Partial<AttemptRecord> = {}): AttemptRecord => ({
  ...{ test, status, attempt: 1, at: test * 1000, durationUs: test * 1e6, generation: 1 },
  ...{ suite: 'checkout', type: '', owner: '', tags: [], fingerprint: status === 'failed' ? 'f1' : '' },
  ...more,
});

const scanOf = (attempts: readonly AttemptRecord[]): { scan: AttemptScan; days: DayRows[] } => {
  const scan = new AttemptScan();
  const days = buildRunDays(run, attempts).map(({ day, rows }) => ({
    ...{ projectId: 'p', projectKey: 'web', day, rows },
    match: new Uint8Array(rows.length).fill(1),
  }));
  for (const day of days) scan.add(day);
  return { scan, days };
};

describe('AttemptScan', () => {
  it('is empty without attempts', () => {
    const { scan } = scanOf([]);
    expect([scan.tests.size, scan.clusters.size, scan.runs.size]).toEqual([0, 0, 0]);
  });

  it('ranks tests by failures and by average duration, and adds up what runs took', () => {
    const { scan } = scanOf([attempt(1, 'passed'), attempt(2, 'failed'), attempt(3, 'failed'), attempt(4, 'skipped')]);
    expect(mostFailing(scan.tests.values(), 5).map(({ test }) => test)).toEqual([2, 3]);
    expect(slowest(scan.tests.values(), 2).map(({ test }) => test)).toEqual([3, 2]);
    expect(scan.runs.get('r1')).toBe(6e6);
  });

  it('clusters failures by fingerprint, the newest as the example', () => {
    const { scan, days } = scanOf([
      attempt(1, 'failed'),
      attempt(2, 'failed', { suite: '' }),
      attempt(3, 'broken', { fingerprint: 'f2' }),
      attempt(5, 'broken'),
      attempt(6, 'passed', { fingerprint: 'f1' }),
    ]);
    const [first, second] = biggest(scan.clusters.values(), 5);
    expect(first).toMatchObject({ fingerprint: 'f1', size: 2, firstAt: 1000, lastAt: 2000, example: { test: 2 } });
    expect([...first!.suites].sort()).toEqual(['', 'checkout']);
    expect(second?.fingerprint).toBe('f2');
    const known = new Set<string>();
    for (const day of days) failureFingerprints(day, known);
    expect([...known].sort()).toEqual(['', 'f1', 'f2']);
  });

  it('orders attempts newest first, and no two alike', () => {
    const ref = { projectId: 'p', runId: 'r', runStartedAtSeconds: 0, test: 1, attempt: 1, at: 5 };
    const refs = [ref, { ...ref, at: 6 }, { ...ref, test: 2 }, { ...ref, attempt: 2 }, { ...ref, runId: 's' }];
    expect(refs.toSorted(newestFirst)).toEqual([refs[1], refs[4], refs[3], refs[0], refs[2]]);
    for (const a of refs) for (const b of refs) expect(newestFirst(a, b) === 0).toBe(a === b);
  });
});
