import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arbitraryAttempts, arbitraryRun, BASE_MS } from '../../../test/support/arbitrary-runs.js';
import type { AttemptRecord, Run } from '../../executions/domain/model.js';
import { Accumulator } from './accumulate.js';
import { buildRunDays, DAY_MS, mergeRows } from './build-rows.js';
import { packDayBlock, unpackDayBlock } from './day-block.js';
import { RowMatcher, type Selection } from './row-matcher.js';
import { decodeRows, encodeRows } from './rows-codec.js';
import type { Rows } from './rows.js';
import { sealDay } from './seal.js';
import { wholeDay } from './whole-day.js';

const runs = fc.uniqueArray(fc.tuple(arbitraryRun, arbitraryAttempts), {
  maxLength: 5,
  selector: ([run]) => run.runId,
});

const daysOf = (input: readonly (readonly [Run, readonly AttemptRecord[]])[]): Map<number, Rows[]> => {
  const days = new Map<number, Rows[]>();
  for (const [run, attempts] of input)
    for (const { day, rows } of buildRunDays(run, attempts)) days.set(day, [...(days.get(day) ?? []), rows]);
  return days;
};

const selection = (over: Partial<Selection> = {}): Selection => ({
  group: () => true,
  statusMask: 0b111111,
  fromMs: BASE_MS,
  toMs: BASE_MS + 3 * DAY_MS,
  attempts: 'final',
  ...over,
});

const facts = { projectId: 'p', projectKey: 'web', team: '' };
const hourly = (ms: number): number =>
  ms < BASE_MS || ms >= BASE_MS + 3 * DAY_MS ? -1 : Math.floor((ms - BASE_MS) / 3_600_000);

describe('RowMatcher', () => {
  it('gives all rows the verdicts that it gives one by one', () => {
    const over = fc.record({
      statusMask: fc.nat(63),
      attempts: fc.constantFrom('final' as const, 'all' as const),
      fromMs: fc.integer({ min: BASE_MS, max: BASE_MS + DAY_MS }),
      tests: fc.option(fc.constant(new Map([['p', new Set([1, 3])]])), { nil: undefined }),
      group: fc.constantFrom(
        () => true,
        ({ suite }: { suite: string }) => suite === '',
      ),
    });
    fc.assert(
      fc.property(runs, over, (input, { tests, ...rest }) => {
        for (const [day, parts] of daysOf(input))
          for (const rows of parts) {
            const matcher = new RowMatcher(selection({ ...rest, ...(tests && { tests }) }), 'p', rows, day * DAY_MS);
            expect([...matcher.matches()]).toEqual(Array.from(rows.test, (_, i) => (matcher.counts(i) ? 1 : 0)));
          }
      }),
    );
  });
});

describe('the rollup', () => {
  it('comes out of its packed form as it went in', () => {
    fc.assert(
      fc.property(arbitraryRun, arbitraryAttempts, (run, attempts) => {
        for (const { rows } of buildRunDays(run, attempts)) expect(decodeRows(encodeRows(rows))).toEqual(rows);
      }),
    );
  });

  it('does not depend on the order in which attempts and runs came', () => {
    fc.assert(
      fc.property(runs, fc.integer(), (input, seed) => {
        const shuffled = [...input]
          .sort((a, b) => ((a[0].startedAt.getTime() * seed) % 7) - ((b[0].startedAt.getTime() * seed) % 7))
          .map(([run, attempts]) => [run, [...attempts].reverse()] as const);
        const other = daysOf(shuffled);
        for (const [day, parts] of daysOf(input))
          expect(sealDay(mergeRows(other.get(day)!))).toEqual(sealDay(mergeRows(parts)));
      }),
    );
  });

  it('answers from blocks what it answers from rows', () => {
    fc.assert(
      fc.property(runs, fc.constantFrom<'final' | 'all'>('final', 'all'), (input, attempts) => {
        const chosen = selection({ attempts, statusMask: 0b011011, group: (group) => group.suite !== 'search' });
        const fromRows = new Accumulator(chosen, ['suite', 'tag'], hourly, true);
        const fromBlocks = new Accumulator(chosen, ['suite', 'tag'], hourly, true);
        for (const [day, parts] of daysOf(input)) {
          const merged = mergeRows(parts);
          fromRows.addRows(facts, day * DAY_MS, merged);
          fromBlocks.addBlock(facts, day * DAY_MS, unpackDayBlock(packDayBlock(merged, { slots: true, groups: true })));
        }
        expect(fromBlocks.finish()).toEqual(fromRows.finish());
      }),
    );
  });

  it('adds quarter hours up to what the day is as a whole', () => {
    fc.assert(
      fc.property(runs, fc.boolean(), (input, groups) => {
        for (const [, parts] of daysOf(input)) {
          const merged = mergeRows(parts);
          const [bySlot, whole] = [true, false].map((slots) => unpackDayBlock(packDayBlock(merged, { slots, groups })));
          expect(wholeDay(bySlot!)).toEqual(whole);
        }
      }),
    );
  });

  it('counts what a plain recount of the attempts counts', () => {
    fc.assert(
      fc.property(runs, (input) => {
        const accumulator = new Accumulator(selection(), ['suite'], hourly, true);
        for (const [day, parts] of daysOf(input)) accumulator.addRows(facts, day * DAY_MS, mergeRows(parts));
        const expected = new Map<string, number>();
        let flaky = 0;
        for (const [, attempts] of input)
          for (const test of new Set(attempts.map((a) => a.test))) {
            const own = attempts.filter((a) => a.test === test).sort((a, b) => a.attempt - b.attempt);
            const last = own.at(-1)!;
            const key = `${hourly(last.at)}/${last.suite}/${last.status}`;
            expected.set(key, (expected.get(key) ?? 0) + 1);
            if (
              last.status === 'passed' &&
              own.slice(0, -1).some((a) => ['failed', 'broken', 'timeout'].includes(a.status))
            )
              flaky++;
          }
        const { rows, totals } = accumulator.finish();
        const counted = new Map<string, number>();
        const statuses = ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'];
        for (const { bucket, group, aggregate } of rows)
          statuses.forEach((status, code) => {
            if (aggregate.counts[code]! > 0) counted.set(`${bucket}/${group[0]}/${status}`, aggregate.counts[code]!);
          });
        expect(counted).toEqual(expected);
        expect(totals.flaky).toBe(flaky);
      }),
    );
  });

  it('refuses more cells than it promises to answer', () => {
    const run = fc.sample(arbitraryRun, 1)[0]!;
    const many: AttemptRecord[] = Array.from({ length: 20_001 }, (_, i) => ({
      test: i + 1,
      attempt: 1,
      status: 'passed',
      at: BASE_MS,
      generation: 1,
      suite: `suite ${i}`,
      type: '',
      owner: '',
      tags: [],
      fingerprint: '',
    }));
    const accumulator = new Accumulator(selection(), ['suite'], () => 0, false);
    const [day] = buildRunDays(run, many);
    expect(() => accumulator.addRows(facts, day!.day * DAY_MS, day!.rows)).toThrow(/20000 cells/);
  });

  it('has no rows and empty totals without data', () => {
    const { rows, totals } = new Accumulator(selection(), [], hourly, true).finish();
    expect(rows).toEqual([]);
    expect(totals.counts.every((n) => n === 0)).toBe(true);
    expect(sealDay(mergeRows([])).length).toBe(0);
  });

  it('notices a packed document that is cut short', () => {
    const run = fc.sample(arbitraryRun, 1)[0]!;
    const bytes = encodeRows(
      buildRunDays(run, [
        {
          test: 1,
          attempt: 1,
          status: 'passed',
          at: BASE_MS,
          generation: 1,
          suite: 's',
          type: '',
          owner: '',
          tags: [],
          fingerprint: '',
        },
      ])[0]!.rows,
    );
    expect(() => decodeRows(bytes.subarray(0, bytes.length - 1))).toThrow(RangeError);
  });
});
