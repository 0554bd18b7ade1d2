import { describe, expect, it } from '@jest/globals';
import type { ResultInput, RunInput } from '../domain/model.js';
import type { ParsedFile } from '../formats/format-reader.js';
import { batchesOf, planRuns, type ReadReport } from './run-plan.js';

const result = (name: string): ResultInput => ({ name, status: 'passed', attempt: 1 });
const part = (name: string, run: Partial<RunInput> = {}): ParsedFile => ({
  format: 'junit',
  run,
  results: [result(name)],
  warnings: [],
});
const report = (sha256: string, ...parsed: ParsedFile[]): ReadReport => ({ sha256, parsed });

describe('planRuns', () => {
  const a = report('a', part('x', { startedAt: '2026-01-02T00:00:00.000Z', branch: 'main' }));
  const b = report('b', part('y', { startedAt: '2026-01-01T00:00:00.000Z' }));

  it('has no runs without files', () => expect(planRuns([])).toEqual([]));

  it('makes one run of reports, which the command line describes', () => {
    const [run, ...more] = planRuns([a, b], { branch: 'fix' });
    expect(more).toEqual([]);
    expect(run?.results.map(({ name }) => name)).toEqual(['x', 'y']);
    expect(run?.run).toMatchObject({ branch: 'fix', startedAt: '2026-01-01T00:00:00.000Z' });
  });

  it('names it by its files, in whatever order', () => {
    const [first] = planRuns([a, b]);
    const [second] = planRuns([b, a]);
    const [other] = planRuns([a]);
    expect(second?.idempotencyKey).toBe(first?.idempotencyKey);
    expect(other?.idempotencyKey).not.toBe(first?.idempotencyKey);
  });

  it('keeps files apart where that is asked', () => expect(planRuns([a, b], {}, true)).toHaveLength(2));

  it('keeps the runs of a history', () => {
    const history = report('h', part('x', { externalId: 'h-cycle-1' }), part('x', { externalId: 'h-cycle-2' }));
    expect(planRuns([history], { branch: 'main' }).map(({ run }) => run)).toMatchObject([
      { externalId: 'h-cycle-1', branch: 'main' },
      { externalId: 'h-cycle-2', branch: 'main' },
    ]);
  });
});

describe('batchesOf', () => {
  it('is one empty batch for no rows', () => expect([...batchesOf([])]).toEqual([{ rows: 0, json: '[]' }]));

  it('divides by number and by size, and loses nothing', () => {
    const many = Array.from({ length: 45_000 }, (_, i) => result(`t${i}`));
    const batches = [...batchesOf(many)];
    expect(batches.map(({ rows }) => rows)).toEqual([20_000, 20_000, 5_000]);
    expect(batches.flatMap(({ json }) => JSON.parse(json))).toEqual(many);
    const large = Array.from({ length: 300 }, (_, i): ResultInput => ({
      ...result(`t${i}`),
      error: { stack: 'x'.repeat(60_000) },
    }));
    for (const { json } of batchesOf(large)) expect(json.length).toBeLessThan(13 * 1024 * 1024);
  });
});
