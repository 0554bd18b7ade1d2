import type { Slices } from '../../common/index.js';
import type { AssessedTest, Assessment } from '../assessments/assessment.js';
import { durationSpread } from '../assessments/passing-durations.js';
import { namePairs, pairSimilarity } from './name-pairs.js';

/** A test that vanished as another one of the same suite appeared. */
export interface RenameSuggestion {
  readonly past: AssessedTest;
  readonly present: AssessedTest;
  /** Runs of the suite between the last of the past test and the first of the present one. */
  readonly runsBetween: number;
  /** 0..1: how alike the names are. */
  readonly nameSimilarity: number;
  /** 0..1: ratio of the median durations, the shorter by the longer; null where one has none. */
  readonly durationSimilarity: number | null;
  /** 0..1, for the order only. */
  readonly score: number;
  readonly lastRun: number;
  readonly firstRun: number;
}

/** A run or two may miss either test (another shard, a broken build). */
const MOST_RUNS_BETWEEN = 2;
const MOST = 100;
/** Partners of one vanished test that are kept. */
const PARTNERS = 3;
/** Of the tests that appeared in one run, those nearest by name are compared: a suite may be renamed as a whole. */
const NEAREST = 500;
/** Pairs that are compared at most, about a second: names with a date in them vanish and appear with every run. */
const MOST_PAIRS = 3_000_000;
/** Suggestions in hand, of which only the best are kept. */
const MOST_IN_HAND = 5000;

/** A test that may be one end of a rename. */
interface Named {
  readonly test: AssessedTest;
  readonly name: string;
  readonly pairs: Uint32Array;
  /** Of passing outcomes; null without one. */
  readonly median: number | null;
}

interface Vanished extends Named {
  /** Position of its last run among the suite's, oldest first. */
  readonly last: number;
}

/** What vanished from one suite, newest first, and what appeared in it by the position of its first run, by name. */
interface SuiteChanges {
  /** The suite's runs, oldest first. */
  readonly order: readonly number[];
  readonly vanished: readonly Vanished[];
  readonly appeared: ReadonlyMap<number, readonly Named[]>;
  /** Pairs to compare. */
  readonly pairs: number;
}

/**
 * Pairs of one suite of which one vanished as the other appeared, likeliest first. A test that ran in the suite's first
 * run of the window did not appear; one that ran in its last has not vanished. Where there are more pairs than can be
 * compared, the suites with the fewest and the tests that vanished last go first.
 * @param nameOf undefined for tests whose name is not known
 */
export const suggestRenames = async (
  { tests, runs }: Pick<Assessment, 'tests'> & { readonly runs: readonly { readonly startedAt: number }[] },
  nameOf: (test: AssessedTest) => string | undefined,
  slices: Slices,
): Promise<RenameSuggestion[]> => {
  const suites: SuiteChanges[] = [];
  for (const suite of Map.groupBy(tests, (test) => `${test.projectId}\0${test.suite}`).values())
    suites.push(await changesOf(suite, (run) => runs[run]!.startedAt, nameOf, slices));
  suites.sort((a, b) => a.pairs - b.pairs);
  let found: RenameSuggestion[] = [];
  let left = MOST_PAIRS;
  for (const suite of suites)
    for (const past of suite.vanished) {
      left -= countAfter(past, suite.appeared);
      if (left < 0) return best(found, MOST);
      for (const suggestion of partnersOf(past, suite)) found.push(suggestion);
      if (found.length > MOST_IN_HAND) found = best(found, MOST);
      await slices.pause();
    }
  return best(found, MOST);
};

const best = (suggestions: readonly RenameSuggestion[], most: number): RenameSuggestion[] =>
  [...suggestions].sort((a, b) => b.score - a.score).slice(0, most);

const changesOf = async (
  tests: readonly AssessedTest[],
  startOf: (run: number) => number,
  nameOf: (test: AssessedTest) => string | undefined,
  slices: Slices,
): Promise<SuiteChanges> => {
  const order = await runsInOrder(tests, startOf, slices);
  const positions = new Map(order.map((run, position) => [run, position]));
  const vanished: Vanished[] = [];
  const appeared = new Map<number, Named[]>();
  for (const test of tests) {
    const { first, last } = lifeOf(test, positions);
    const name = nameOf(test);
    const [hasAppeared, hasVanished] = [first > 0, last < order.length - 1];
    if (name !== undefined && (hasAppeared || hasVanished)) {
      const named = namedOf(test, name);
      if (hasVanished) vanished.push({ ...named, last });
      if (hasAppeared) addTo(appeared, first, named);
    }
    await slices.pause();
  }
  vanished.sort((a, b) => b.last - a.last);
  for (const together of appeared.values()) {
    together.sort((a, b) => (a.name < b.name ? -1 : 1));
    await slices.pause();
  }
  const pairs = vanished.reduce((sum, past) => sum + countAfter(past, appeared), 0);
  return { order, vanished, appeared, pairs };
};

/** By the start of the runs: outcomes of two runs may overlap in time. */
const runsInOrder = async (
  tests: readonly AssessedTest[],
  startOf: (run: number) => number,
  slices: Slices,
): Promise<number[]> => {
  const seen = new Set<number>();
  for (const { history } of tests) {
    for (const run of history.run) seen.add(run);
    await slices.pause();
  }
  return [...seen].sort((a, b) => startOf(a) - startOf(b));
};

const lifeOf = (
  { history }: AssessedTest,
  positions: ReadonlyMap<number, number>,
): { readonly first: number; readonly last: number } => {
  let [first, last] = [Infinity, -1];
  for (const run of history.run) {
    const position = positions.get(run)!;
    first = Math.min(first, position);
    last = Math.max(last, position);
  }
  return { first, last };
};

const addTo = <T>(lists: Map<number, T[]>, key: number, item: T): void => {
  const known = lists.get(key);
  if (known) known.push(item);
  else lists.set(key, [item]);
};

const namedOf = (test: AssessedTest, name: string): Named => {
  const { median } = test.history.spread ?? durationSpread(test.history);
  return { test, name, pairs: namePairs(name), median };
};

/** Positions of first runs that a test which vanished after `last` may go on at. */
const placesAfter = (last: number): number[] => Array.from({ length: MOST_RUNS_BETWEEN + 1 }, (_, i) => last + 1 + i);

const countAfter = ({ last }: Vanished, appeared: SuiteChanges['appeared']): number =>
  placesAfter(last).reduce((sum, first) => sum + Math.min(NEAREST, appeared.get(first)?.length ?? 0), 0);

/** @param tests by name */
const nearest = (tests: readonly Named[], name: string): readonly Named[] => {
  if (tests.length <= NEAREST) return tests;
  let [low, high] = [0, tests.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (tests[middle]!.name < name) low = middle + 1;
    else high = middle;
  }
  const from = Math.min(Math.max(0, low - NEAREST / 2), tests.length - NEAREST);
  return tests.slice(from, from + NEAREST);
};

/** The likeliest of what a vanished test may go on as. */
const partnersOf = (past: Vanished, { order, appeared }: SuiteChanges): RenameSuggestion[] => {
  let kept: RenameSuggestion[] = [];
  for (const first of placesAfter(past.last))
    for (const present of nearest(appeared.get(first) ?? [], past.name)) {
      const ends = { lastRun: order[past.last]!, firstRun: order[first]! };
      const suggestion = { ...suggestionOf(past, present, first - past.last - 1), ...ends };
      if (kept.length < PARTNERS || suggestion.score > kept.at(-1)!.score) kept = best([...kept, suggestion], PARTNERS);
    }
  return kept;
};

const suggestionOf = (
  past: Named,
  present: Named,
  runsBetween: number,
): Omit<RenameSuggestion, 'lastRun' | 'firstRun'> => {
  const nameSimilarity = pairSimilarity(past.pairs, present.pairs);
  const durationSimilarity = durationRatio(past.median, present.median);
  const score = 0.5 * nameSimilarity + 0.3 / (1 + runsBetween) + 0.2 * (durationSimilarity ?? 0);
  return { past: past.test, present: present.test, runsBetween, nameSimilarity, durationSimilarity, score };
};

const durationRatio = (a: number | null, b: number | null): number | null =>
  a !== null && b !== null && a > 0 && b > 0 ? Math.min(a, b) / Math.max(a, b) : null;
