import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryAttempts, arbitraryRun } from '../../../test/support/arbitrary-runs.js';
import type { AttemptRecord } from '../../executions/domain/model.js';
import { buildRunDays } from './build-rows.js';
import { frozenAt, packGenerations } from './frozen-run.js';

const NEWEST = 4;
const grown: fc.Arbitrary<AttemptRecord[]> = arbitraryAttempts.chain((attempts) =>
  fc
    .array(fc.integer({ min: 1, max: NEWEST }), { minLength: attempts.length, maxLength: attempts.length })
    .map((generations) => attempts.map((attempt, i) => ({ ...attempt, generation: generations[i]! }))),
);

describe('a frozen run', () => {
  it('is at each generation what its results said by then', () => {
    fc.assert(
      fc.property(arbitraryRun, grown, fc.integer({ min: 0, max: NEWEST }), (run, attempts, generation) => {
        const parts = buildRunDays({ ...run, generation: NEWEST }, attempts).map((part) => ({
          ...part,
          generations: packGenerations(part.rows, attempts),
        }));
        const then = attempts.filter((attempt) => attempt.generation <= generation);
        expect(frozenAt(run, generation, parts)).toEqual(buildRunDays({ ...run, generation }, then));
      }),
    );
  });

  it('is what it was at its end where its generations were not kept', () => {
    fc.assert(
      fc.property(arbitraryRun, grown, (run, attempts) => {
        const parts = buildRunDays(run, attempts);
        expect(frozenAt(run, 1, parts)).toEqual(parts);
      }),
    );
  });

  it('is nothing without rows', () => {
    const [run] = fc.sample(arbitraryRun, 1);
    expect(frozenAt(run!, 1, [])).toEqual([]);
  });

  it('takes two numbers for each batch whose rows lie together', () => {
    const [run] = fc.sample(arbitraryRun, 1);
    const attempts = Array.from({ length: 1000 }, (_, i): AttemptRecord => ({
      ...{ test: i + 1, attempt: 1, status: 'passed', at: 0, generation: i < 500 ? 1 : 2 },
      ...{ suite: '', type: '', owner: '', tags: [], fingerprint: '' },
    }));
    const [part] = buildRunDays(run!, attempts);
    expect(packGenerations(part!.rows, attempts)).toHaveLength(6);
  });
});
