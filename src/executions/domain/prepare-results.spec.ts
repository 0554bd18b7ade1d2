import { describe, expect, it } from '@jest/globals';
import { splitKnown } from './duplicates.js';
import type { ResultInput } from './model.js';
import { AttemptNumbers, prepareResult, type PreparedResult, stampGeneration } from './prepare-results.js';

const RUN = { runId: '6650c0ffee6650c0ffee0001', startedAt: new Date('2026-03-01T09:30:00.500Z') };
const TEST = { testId: 'a'.repeat(24), number: 7, suite: 'shop' };
const prepare = (result: Partial<ResultInput>, index = 0, attempt = 1): PreparedResult =>
  prepareResult({ index, result: { name: 'a', status: 'passed', ...result }, test: TEST, attempt }, RUN, 3);

describe('prepareResult', () => {
  it('gives a result without a start that of its run, and hashes both the same', () => {
    const without = prepare({});
    expect(without.record.at).toBe(RUN.startedAt.getTime());
    expect(prepare({ startedAt: '2026-03-01T10:30:00.500+01:00' }).hash).toBe(without.hash);
    expect(prepare({ startedAt: '2026-03-01T09:30:01Z' }).hash).not.toBe(without.hash);
  });

  it('keeps what the read model needs', () => {
    const { record } = prepare({ tags: ['b', 'a', 'b'], durationMs: 1.0004, owner: 'ann', error: { message: 'no' } });
    expect(record).toMatchObject({ test: 7, attempt: 1, generation: 3, suite: 'shop', type: '', owner: 'ann' });
    expect(record).toMatchObject({ tags: ['a', 'b'], durationUs: 1000 });
    expect(record.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it('has an id that begins with the start of the run and tells attempts apart', () => {
    expect(prepare({}).id.readUInt32BE(0)).toBe(Math.floor(RUN.startedAt.getTime() / 1000));
    expect(prepare({}).id).toEqual(prepare({ status: 'failed' }).id);
    expect(prepare({}, 0, 2).id).not.toEqual(prepare({}).id);
  });

  it('is stamped anew without a change of what came before', () => {
    const prepared = prepare({});
    expect(stampGeneration(prepared, 4).record.generation).toBe(4);
    expect(prepared.record.generation).toBe(3);
    expect(stampGeneration(prepared, 3)).toBe(prepared);
  });
});

describe('AttemptNumbers', () => {
  it('counts rows of a test, numbered or not', () => {
    const numbers = new AttemptNumbers();
    expect([numbers.next('a', undefined), numbers.next('b', undefined), numbers.next('a', undefined)]).toEqual([
      1, 1, 2,
    ]);
    expect([numbers.next('a', 9), numbers.next('a', undefined)]).toEqual([9, 4]);
  });
});

describe('splitKnown', () => {
  it('is empty for an empty batch', () => {
    expect(splitKnown([], new Map())).toEqual({ fresh: [], duplicates: 0, rejected: [] });
  });

  it('tells new rows from duplicates and conflicts, stored or in the same batch', () => {
    const stored = prepare({}, 0, 1);
    const known = new Map([[stored.id.toString('hex'), stored.hash]]);
    const batch = [
      prepare({}, 0, 1),
      prepare({ status: 'failed' }, 1, 1),
      prepare({}, 2, 2),
      prepare({}, 3, 2),
      prepare({ status: 'failed' }, 4, 2),
    ];
    const { fresh, duplicates, rejected } = splitKnown(batch, known);
    expect(fresh.map(({ index }) => index)).toEqual([2]);
    expect(duplicates).toBe(2);
    expect(rejected.map(({ index, pointer, code }) => [index, pointer, code])).toEqual([
      [1, '/results/1', 'conflict'],
      [4, '/results/4', 'conflict'],
    ]);
    expect(known.size).toBe(1);
  });
});
