import { describe, expect, it } from '@jest/globals';
import { OUTCOME_PRIOR, SegmentLikelihood, bestSplit, lastSegmentStart, segment } from './segmentation.js';
import { failedOf, seededRandom } from './testing/histories.js';

const close = (actual: number, expected: number): void => {
  // statistics.md prints ten decimals of the likelihoods, four of the Bayes factors.
  expect(actual).toBeCloseTo(expected, 9);
};

describe('SegmentLikelihood', () => {
  it('knows the answers of statistics.md section 3', () => {
    const ll = new SegmentLikelihood(OUTCOME_PRIOR);
    close(ll.of(0, 1), -0.4700036292);
    close(ll.of(1, 1), -0.980829253);
    close(ll.of(1, 10), -4.5709222125);
    close(ll.of(5, 10), -8.5546307871);
    close(ll.of(3, 100), -15.6810731045);
  });
});

describe('segment', () => {
  it.each([
    [50, 3, 10.4475, true],
    [50, 2, 7.5106, false],
    [20, 3, 7.8494, false],
    [50, 4, 13.0978, true],
  ])('weighs %d P then %d F at %d', (passes, failures, factor, splits) => {
    const failed = failedOf('P'.repeat(passes) + 'F'.repeat(failures));
    expect(bestSplit({ failed }).lnBayesFactor).toBeCloseTo(factor, 4);
    expect(segment({ failed }).map(({ from }) => from)).toEqual(splits ? [0, passes] : [0]);
    expect(lastSegmentStart({ failed })).toBe(splits ? passes : 0);
  });

  it('never splits inside one commit', () => {
    const failed = failedOf('P'.repeat(50) + 'F'.repeat(10));
    const commitOf = (i: number): number => (i >= 48 && i < 54 ? 1000 : i);
    const [, second] = segment({ failed, commitOf });
    expect([48, 54]).toContain(second?.from);
    for (const bound of [second!.start!.low99, second!.start!.high99]) expect(bound <= 48 || bound >= 54).toBe(true);
    expect(segment({ failed, commitOf: () => 7 })).toHaveLength(1);
    expect(segment({ failed, commitOf: () => -1 })).toHaveLength(2);
  });

  it('gives the position a 99 % interval that covers', () => {
    const random = seededRandom(5);
    let covered = 0;
    for (let round = 0; round < 200; round++) {
      const truth = 40 + Math.floor(random() * 40);
      const failed = Uint8Array.from({ length: 120 }, (_, i) => (random() < (i < truth ? 0.03 : 0.7) ? 1 : 0));
      const starts = segment({ failed }).flatMap(({ start }) => start ?? []);
      if (starts.some(({ low99, high99 }) => low99 <= truth && truth <= high99)) covered += 1;
    }
    expect(covered / 200).toBeGreaterThan(0.96);
  });

  it('finds both ends of a regression, and the last segment alone as the full split does', () => {
    const random = seededRandom(6);
    const failed = failedOf('P'.repeat(100) + 'F'.repeat(15) + 'P'.repeat(40));
    expect(segment({ failed }).map(({ from, failures }) => [from, failures])).toEqual([
      [0, 0],
      [100, 15],
      [115, 0],
    ]);
    for (let round = 0; round < 100; round++) {
      const rates = [random(), random(), random()];
      const history = Uint8Array.from({ length: 90 }, (_, i) => (random() < rates[Math.floor(i / 30)]! ** 3 ? 1 : 0));
      expect(lastSegmentStart({ failed: history })).toBe(segment({ failed: history }).at(-1)!.from);
      // Unknown commits allow every position: the search without the shortcut must agree.
      expect(segment({ failed: history, commitOf: () => -1 })).toEqual(segment({ failed: history }));
    }
  });

  it('has no segment of nothing and one of constants', () => {
    expect(segment({ failed: new Uint8Array() })).toEqual([]);
    expect(lastSegmentStart({ failed: new Uint8Array() })).toBe(0);
    expect(segment({ failed: failedOf('F') })).toEqual([{ from: 0, to: 1, failures: 1 }]);
    expect(segment({ failed: failedOf('F'.repeat(500)) })).toHaveLength(1);
  });
});
