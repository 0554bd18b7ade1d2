import { describe, expect, it } from '@jest/globals';
import type { Run } from './model.js';
import { finishPatch, newRunOf } from './new-run.js';
import { bodyHash, filesHash, runKeyOf } from './run-key.js';

const NOW = new Date('2026-03-01T10:00:00Z');
const run = (more: Partial<Run>): Run => ({ status: 'running', ...more }) as Run;

describe('finishPatch', () => {
  it('ends a running run, now unless told otherwise', () => {
    expect(finishPatch(run({}), {}, NOW)).toEqual({ status: 'finished', finishedAt: NOW });
    expect(finishPatch(run({}), { status: 'aborted', finishedAt: '2026-03-01T09:00:00Z' }, NOW)).toEqual({
      status: 'aborted',
      finishedAt: new Date('2026-03-01T09:00:00Z'),
    });
  });

  it('changes nothing that was said before', () => {
    const ended = run({ status: 'finished', finishedAt: NOW, metrics: { a: 1 }, resources: { cpuPercent: 5 } });
    expect(finishPatch(ended, {}, NOW)).toBeUndefined();
    expect(
      finishPatch(ended, { metrics: { a: 2 }, resources: { cpuPercent: 9 }, status: 'aborted' }, NOW),
    ).toBeUndefined();
    expect(finishPatch(ended, { metrics: { a: 2, b: 3 } }, NOW)).toEqual({ metrics: { a: 1, b: 3 } });
  });

  it('finishes a run that timed out', () => {
    expect(finishPatch(run({ status: 'aborted' }), {}, NOW)).toMatchObject({ status: 'finished' });
    expect(finishPatch(run({ status: 'aborted' }), { status: 'aborted' }, NOW)).toBeUndefined();
  });

  it('gives a run that was sent whole no end it does not know', () => {
    expect(finishPatch(run({ status: 'finished' }), {}, NOW)).toBeUndefined();
  });
});

describe('newRunOf', () => {
  it('sorts tags, and fills in what is usual', () => {
    const project = { organization: 'o', id: 'p', key: 'shop' };
    const key = runKeyOf({ externalId: 'x' });
    const { run: made, shardsSeen } = newRunOf(project, { tags: ['b', 'a', 'b'], build: { id: 'b', shard: 2 } }, key, {
      status: 'running',
      startedAt: NOW,
    });
    expect(made).toMatchObject({
      organization: 'o',
      projectKey: 'shop',
      externalId: 'x',
      kind: 'ci',
      tags: ['a', 'b'],
    });
    expect(shardsSeen).toEqual([2]);
  });
});

describe('run keys', () => {
  it('do not mix up where they come from', () => {
    const keys = [runKeyOf({ externalId: 'a' }), runKeyOf({ idempotencyKey: 'a' }), runKeyOf({ sha256: 'a' })];
    expect(new Set(keys.map(({ key }) => key)).size).toBe(3);
    expect(keys.map(({ externalId }) => externalId)).toEqual(['a', 'key:a', 'sha256:a']);
  });

  it('see through the order of keys and files', () => {
    expect(bodyHash({ a: 1, b: [{ c: 2, d: 3 }] })).toBe(bodyHash({ b: [{ d: 3, c: 2 }], a: 1 }));
    expect(bodyHash([1, 2])).not.toBe(bodyHash([2, 1]));
    expect(filesHash(['b', 'a'])).toBe(filesHash(['a', 'b']));
    expect(filesHash(['a'])).toBe('a');
  });
});
