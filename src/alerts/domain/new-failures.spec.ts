import { describe, expect, it } from '@jest/globals';
import { type DayRows, FAILED, RAN, ROW_FINAL } from '../../metrics/index.js';
import { NewFailureCollector, QUIET_OUTCOMES } from './new-failures.js';

const CODE = {
  F: FAILED.indexOf(true),
  P: RAN.findIndex((ran, code) => ran && !FAILED[code]),
  S: RAN.indexOf(false),
};

/** Outcomes of one day in the order of time: `1F` is a failure of test 1, `P` a pass, `S` skipped; `1f` is superseded. */
const day = (number: number, text: string, suite = 'shop'): DayRows => {
  const words = text.split(' ').filter(Boolean);
  const codeOf = (word: string): number => CODE[word.at(-1)!.toUpperCase() as keyof typeof CODE];
  const isFinal = (word: string): boolean => word.at(-1) === word.at(-1)!.toUpperCase();
  const rows = {
    length: words.length,
    test: Int32Array.from(words, (word) => Number.parseInt(word, 10)),
    flags: Uint8Array.from(words, (word) => codeOf(word) | (isFinal(word) ? ROW_FINAL : 0)),
    at: Uint32Array.from(words, (_, i) => i * 1000),
    group: new Uint16Array(words.length),
    groups: [{ suite, branch: 'main', environment: '' }],
  };
  return {
    ...{ projectId: 'p', projectKey: 'web', day: number, rows: rows as unknown as DayRows['rows'] },
    match: new Uint8Array(words.length).fill(1),
  };
};

const found = (window: string, past: readonly string[], excused?: (test: string) => boolean): string => {
  const collector = new NewFailureCollector([], excused);
  collector.addWindow(day(100, window));
  past.forEach((text, i) => collector.addPast(day(90 + i, text)));
  const [all] = collector.finish();
  return all ? `${all.tests.map((test) => test.replace('p:', '')).join(',')} of ${all.n}` : 'nothing';
};

describe('new failures', () => {
  it.each<[string, string, readonly string[], string]>([
    ['a test that has passed before', '1F 2P', ['1P', '2P'], '1 of 2'],
    ['not one that failed among its last outcomes', '1F 2F', ['1F 2P', '1P 2P'], '2 of 2'],
    ['again after five passes', '1F', ['1F', '1P 1P 1P 1P 1P'], '1 of 1'],
    ['not after four', '1F', ['1F', '1P 1P 1P 1P'], ' of 1'],
    ['not a new test: it has no past', '1F', [], ' of 1'],
    ['not one that was only skipped before', '1F', ['1S 1S'], ' of 1'],
    ['not one that has passed since', '1F 1P', ['1P'], ' of 1'],
    ['not what a retry has put right', '1f 1P', ['1P'], ' of 1'],
    ['nothing of what was skipped', '1S', ['1P'], 'nothing'],
  ])('are: %s', (_, window, past, wanted) => {
    expect(found(window, past)).toBe(wanted);
  });

  it('are none of tests that are excused', () => {
    expect(found('1F 2F', ['1P 2P'], (test) => test === 'p:1')).toBe('2 of 2');
  });

  it('know a renamed test by what it was called before', () => {
    const renamed = (_: string, number: number): number => (number === 1 ? 9 : number);
    const isExcused = (test: string): boolean => test === 'p:8';
    const collector = new NewFailureCollector([], isExcused, renamed);
    collector.addWindow(day(100, '9F 8F'));
    collector.addPast(day(99, '1P 8P'));
    expect(collector.finish()).toEqual([{ group: {}, tests: ['p:9'], n: 2 }]);
    const seen = new NewFailureCollector([], undefined, renamed);
    seen.addWindow(day(100, '1F 9P'));
    expect(seen.hasFailures).toBe(false);
  });

  it('belong to the group of the newest outcome', () => {
    const collector = new NewFailureCollector(['suite']);
    collector.addWindow(day(100, '1F 2P', 'cart'));
    collector.addWindow(day(100, '3P', 'search'));
    expect(collector.hasFailures).toBe(true);
    collector.addPast(day(99, '1P'));
    expect(collector.finish()).toEqual([
      { group: { suite: 'cart' }, tests: ['p:1'], n: 2 },
      { group: { suite: 'search' }, tests: [], n: 1 },
    ]);
  });

  it('need no past where nothing fails, and are as quiet as the gate says', () => {
    const collector = new NewFailureCollector([]);
    collector.addWindow(day(100, '1P'));
    expect([collector.hasFailures, QUIET_OUTCOMES]).toEqual([false, 5]);
    expect(new NewFailureCollector([]).finish()).toEqual([]);
  });
});
