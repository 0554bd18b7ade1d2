import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KNOWN_DAYS } from './catalogue.js';
import { bucketIndexer, bucketsOf } from './time-buckets.js';
import { LOOKBACK_MS, TestLifecycles } from './test-lifecycle.js';

const DAY = 86_400_000;
const FROM = Date.UTC(2025, 0, 1);
const buckets = bucketsOf({ from: new Date(FROM), to: new Date(FROM + 60 * DAY), timeZone: 'UTC' }, { days: 10 });
const bucketAt = bucketIndexer(buckets);

interface Outcome {
  readonly test: string;
  readonly at: number;
  readonly ran: boolean;
}

const countsOf = (outcomes: readonly Outcome[], now = FROM + 100 * DAY) => {
  const lives = new TestLifecycles();
  for (const { test, at, ran } of [...outcomes].sort((a, b) => Math.floor(a.at / DAY) - Math.floor(b.at / DAY)))
    lives.add(test, at, bucketAt(at), ran);
  return lives.finish(buckets, bucketAt, now);
};

describe('TestLifecycles', () => {
  it('is all zero without tests', () => {
    expect(countsOf([]).known).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('knows a test from its first outcome until it was silent for 30 days', () => {
    const counts = countsOf([{ test: 'a', at: FROM + 12 * DAY, ran: true }]);
    expect(counts.appeared).toEqual([0, 1, 0, 0, 0, 0]);
    expect(counts.known).toEqual([0, 1, 1, 1, 0, 0]);
    expect(counts.vanished).toEqual([0, 0, 0, 0, 1, 0]);
    expect(counts.executed).toEqual([0, 1, 0, 0, 0, 0]);
  });

  it('knows at the begin what was seen before it', () => {
    const counts = countsOf([{ test: 'a', at: FROM - 5 * DAY, ran: true }]);
    expect(counts.known).toEqual([1, 1, 0, 0, 0, 0]);
    expect(counts.appeared).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('does not foretell that a test vanishes', () => {
    const counts = countsOf([{ test: 'a', at: FROM + 12 * DAY, ran: true }], FROM + 20 * DAY);
    expect(counts.vanished).toEqual([0, 0, 0, 0, 0, 0]);
    expect(counts.known).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it('tells what is only ever skipped', () => {
    const counts = countsOf([
      { test: 'a', at: FROM, ran: false },
      { test: 'b', at: FROM, ran: true },
    ]);
    expect(counts.neverRun.slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('agrees with a count by definition', () => {
    const outcome = fc.record({
      test: fc.constantFrom('a', 'b', 'c'),
      at: fc.integer({ min: FROM - LOOKBACK_MS, max: FROM + 60 * DAY - 1 }),
      ran: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 12 }), (outcomes) => {
        const counts = countsOf(outcomes);
        buckets.forEach(({ from, to }, i) => {
          const within = (o: Outcome): boolean => o.at >= to.getTime() - KNOWN_DAYS * DAY && o.at < to.getTime();
          const known = new Set(outcomes.filter(within).map((o) => o.test));
          const ran = new Set(outcomes.filter((o) => within(o) && o.ran).map((o) => o.test));
          const executed = outcomes.filter((o) => o.ran && o.at >= from.getTime() && o.at < to.getTime());
          expect(counts.known[i]).toBe(known.size);
          expect(counts.neverRun[i]).toBe(known.size - ran.size);
          expect(counts.executed[i]).toBe(new Set(executed.map((o) => o.test)).size);
        });
      }),
    );
  });
});
