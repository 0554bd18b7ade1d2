import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Slices } from '../../common/index.js';
import type { AssessedTest } from '../assessments/assessment.js';
import { tell } from '../domain/testing/histories.js';
import type { TestHistory } from '../domain/test-history.js';
import { suggestRenames, type RenameSuggestion } from './rename-suggestions.js';

const RUNS = Array.from({ length: 40 }, (_, i) => ({ startedAt: i * 86_400_000 }));

/** One outcome in each of the runs `from` to `to`. */
const lived = (from: number, to: number, durationMs = 100): TestHistory => ({
  ...tell(Array.from({ length: to - from + 1 }, () => ({ status: 0, durationMs }))),
  run: Uint32Array.from({ length: to - from + 1 }, (_, i) => from + i),
});

let numbers = 0;
const names = new Map<number, string>();
const test = (name: string, history: TestHistory, suite = 'shop'): AssessedTest => {
  const number = ++numbers;
  names.set(number, name);
  const scanned = { projectId: 'p', projectKey: 'p', number, suite };
  return { ...scanned, history } as AssessedTest;
};
const suggest = (tests: readonly AssessedTest[]): Promise<RenameSuggestion[]> =>
  suggestRenames({ tests, runs: RUNS }, ({ number }) => names.get(number), new Slices());
const told = (found: readonly RenameSuggestion[]): unknown[] =>
  found.map(({ past, present, runsBetween }) => [names.get(past.number), names.get(present.number), runsBetween]);

/** Counts turns of the event loop until the work is done. */
const turnsOf = async <T>(work: Promise<T>): Promise<{ readonly turns: number; readonly value: T }> => {
  let [turns, isOver] = [0, false];
  const counting = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  const value = await work;
  isOver = true;
  await counting;
  return { turns, value };
};

describe('suggestRenames', () => {
  it('pairs what vanished with what appeared in the next runs of the suite', async () => {
    const found = await suggest([
      test('stays', lived(0, 39)),
      test('pays by card', lived(0, 9)),
      test('pays with a card', lived(10, 39)),
      test('other suite', lived(10, 39), 'search'),
      test('stays there', lived(0, 39), 'search'),
      test('much later', lived(20, 39)),
    ]);
    expect(told(found)).toEqual([['pays by card', 'pays with a card', 0]]);
    expect(found[0]).toMatchObject({ durationSimilarity: 1, lastRun: 9, firstRun: 10 });
  });

  it('is empty for no tests, and for none that changed', async () => {
    expect(await suggest([])).toEqual([]);
    expect(await suggest([test('stays', lived(0, 39))])).toEqual([]);
  });

  it('keeps the best partners of a test', async () => {
    const found = await suggest([
      test('stays', lived(0, 39)),
      test('sorts items by price', lived(0, 9)),
      ...['a', 'b', 'c', 'sorts items by their price', 'd'].map((name) => test(name, lived(11, 39, 500))),
    ]);
    expect(found).toHaveLength(3);
    expect(told(found)[0]).toEqual(['sorts items by price', 'sorts items by their price', 1]);
  });

  it('finds 400 of 400 renamed at once, and lets requests pass meanwhile', async () => {
    const tests = Array.from({ length: 400 }, (_, i) => [
      test(`order ${i * 7919}: is paid`, lived(0, 19, 100 + i)),
      test(`order ${i * 7919}: will be paid`, lived(20, 39, 100 + i)),
    ]);
    const { turns, value } = await turnsOf(suggest([test('stays', lived(0, 39)), ...tests.flat()]));
    expect(value).toHaveLength(100);
    const stem = (number: number): string => names.get(number)!.split(':')[0]!;
    for (const { past, present } of value) expect(stem(past.number)).toBe(stem(present.number));
    expect(turns).toBeGreaterThan(2);
  });

  it('ends soon for suites of thousands that are renamed as a whole, or with every run', async () => {
    const dated = Array.from({ length: 40 }, (_, run) =>
      Array.from({ length: 150 }, (_, i) => test(`import ${i} of day ${run}`, lived(run, run), 'imports')),
    ).flat();
    const whole = Array.from({ length: 3000 }, (_, i) => [
      test(`case ${i}`, lived(0, 19), 'large'),
      test(`Case ${i}!`, lived(20, 39), 'large'),
    ]).flat();
    const { turns, value } = await turnsOf(suggest([...dated, ...whole]));
    expect(value).toHaveLength(100);
    expect(turns).toBeGreaterThan(30);
    expect(value.every(({ score }, i) => i === 0 || score <= value[i - 1]!.score)).toBe(true);
  });
});
