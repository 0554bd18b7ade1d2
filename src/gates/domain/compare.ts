import { compareText } from '../../common/index.js';
import { hasRun, isFailed, isPassed, worstByTest, type Outcome } from './outcomes.js';
import { slowerTests, type SlowerTest } from './slower.js';

/** The lists of a comparison. A test is in one of the first five at most; flaky and slower are told besides. */
export const COMPARE_CATEGORIES = [
  'newlyFailing',
  'stillFailing',
  'fixed',
  'added',
  'removed',
  'flaky',
  'slower',
] as const;
export type CompareCategory = (typeof COMPARE_CATEGORIES)[number];

export interface ComparedTest {
  readonly test: number;
  readonly base?: Outcome;
  readonly head?: Outcome;
  /** Only where the test has become slower. */
  readonly slower?: SlowerTest;
}

export interface Comparison {
  readonly lists: Readonly<Record<CompareCategory, readonly ComparedTest[]>>;
  readonly unchanged: number;
  /** Tests with an outcome on each side. */
  readonly baseTests: number;
  readonly headTests: number;
  /** Tests whose durations could be compared. */
  readonly durationsTested: number;
}

const categoryOf = ({ base, head }: ComparedTest): CompareCategory | undefined => {
  if (!base) return 'added';
  if (!head) return 'removed';
  if (isFailed(head)) return isFailed(base) ? 'stillFailing' : 'newlyFailing';
  return isFailed(base) && isPassed(head) ? 'fixed' : undefined;
};

const severity = ({ base, head }: ComparedTest): number => {
  const shown = head ?? base;
  return shown && isFailed(shown) ? 0 : 1;
};

/** Failures first, then by suite and number, so that pages are stable. */
const order = (a: ComparedTest, b: ComparedTest): number => {
  const [suiteA, suiteB] = [(a.head ?? a.base)!.suite, (b.head ?? b.base)!.suite];
  return severity(a) - severity(b) || compareText(suiteA, suiteB) || a.test - b.test;
};

const passingDurations = (outcomes: readonly Outcome[]): Map<number, number[]> => {
  const found = new Map<number, number[]>();
  for (const outcome of outcomes) {
    if (!isPassed(outcome) || Number.isNaN(outcome.durationUs)) continue;
    const known = found.get(outcome.test);
    if (known) known.push(outcome.durationUs);
    else found.set(outcome.test, [outcome.durationUs]);
  }
  return found;
};

/**
 * What has changed from `base` to `head`; with nothing on a side, everything is added or removed.
 * @param referenceUs passing durations of a test on the base side, newest first, in microseconds
 */
export const compareOutcomes = (
  base: readonly Outcome[],
  head: readonly Outcome[],
  referenceUs: (test: number) => readonly number[],
): Comparison => {
  const [before, after] = [worstByTest(base), worstByTest(head)];
  const headUs = passingDurations(head);
  const { tested, slower } = slowerTests(
    [...headUs].map(([test, durations]) => [test, durations, referenceUs(test)] as const),
  );
  const slowerOf = new Map(slower.map((one) => [one.test, one]));
  const lists: Record<CompareCategory, ComparedTest[]> = {
    newlyFailing: [],
    stillFailing: [],
    fixed: [],
    added: [],
    removed: [],
    flaky: [],
    slower: [],
  };
  const flaky = new Set(head.filter((outcome) => outcome.flaky).map(({ test }) => test));
  let unchanged = 0;
  for (const test of new Set([...before.keys(), ...after.keys()])) {
    const one = { test, base: before.get(test), head: after.get(test), slower: slowerOf.get(test) };
    const category = categoryOf(one);
    if (category) lists[category].push(one);
    else unchanged++;
    if (flaky.has(test)) lists.flaky.push(one);
    if (one.slower) lists.slower.push(one);
  }
  for (const category of COMPARE_CATEGORIES) lists[category].sort(order);
  lists.slower.sort((a, b) => b.slower!.ratio - a.slower!.ratio || a.test - b.test);
  return { lists, unchanged, baseTests: before.size, headTests: after.size, durationsTested: tested };
};

/** Outcomes that ran; for figures that say how many there were to judge. */
export const judgedCount = (outcomes: readonly Outcome[]): number => outcomes.filter(hasRun).length;
