import { describe, expect, it } from '@jest/globals';
import { contentHashOf, toMicroseconds } from './content-hash.js';
import type { ResultInput } from './model.js';

const RESULT: ResultInput = {
  name: 'adds',
  status: 'failed',
  startedAt: '2026-01-02T03:04:05Z',
  durationMs: 1.5,
  tags: ['slow', 'ui'],
  error: { type: 'Error', message: 'boom' },
};
const hashOf = (change: Partial<ResultInput>): string => contentHashOf({ ...RESULT, ...change });

describe('contentHashOf', () => {
  it('is 12 characters', () => expect(contentHashOf(RESULT)).toMatch(/^[\w-]{12}$/));

  it.each<[string, Partial<ResultInput>]>([
    ['another spelling of the time', { startedAt: '2026-01-02T04:04:05.000+01:00' }],
    ['another order of tags', { tags: ['ui', 'slow', 'ui'] }],
    ['another order of keys', { error: { message: 'boom', type: 'Error' } }],
    ['an empty list of steps', { steps: [] }],
    ['less than a microsecond', { durationMs: 1.5000001 }],
    ['the key, which the id holds', { name: 'other', attempt: 3, suite: 's', parameters: { a: 'b' } }],
  ])('stays the same with %s', (_, change) => expect(hashOf(change)).toBe(contentHashOf(RESULT)));

  it.each<[string, Partial<ResultInput>]>([
    ['status', { status: 'broken' }],
    ['time', { startedAt: '2026-01-02T03:04:05.001Z' }],
    ['duration', { durationMs: 1.501 }],
    ['no duration', { durationMs: undefined }],
    ['tags', { tags: ['ui'] }],
    ['error', { error: { type: 'Error', message: 'bang' } }],
    ['steps', { steps: [{ name: 'open', status: 'passed' }] }],
    ['owner', { owner: 'ann' }],
    ['type', { type: 'e2e' }],
    ['file', { file: 'a.ts' }],
    ['worker', { worker: '2' }],
  ])('changes with %s', (_, change) => expect(hashOf(change)).not.toBe(contentHashOf(RESULT)));
});

describe('toMicroseconds', () => {
  it('rounds to whole microseconds', () => {
    expect(toMicroseconds(0.0014)).toBe(1);
    expect(toMicroseconds(undefined)).toBeUndefined();
  });
});
