import type { Slices } from '../../common/index.js';
import type { AssessedTest, Assessment } from '../assessments/assessment.js';
import { passingDurations } from '../domain/stability.js';
import { median } from '../../common/stats/index.js';

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

interface Life {
  readonly test: AssessedTest;
  /** Positions among the suite's runs, oldest first. */
  readonly first: number;
  readonly last: number;
}

/**
 * Pairs of one suite of which one vanished as the other appeared, likeliest first. A test that ran in the suite's first
 * run of the window did not appear; one that ran in its last has not vanished.
 * @param nameOf undefined for tests whose name is not known
 */
export const suggestRenames = async (
  { tests, runs }: Pick<Assessment, 'tests' | 'runs'>,
  nameOf: (test: AssessedTest) => string | undefined,
  slices: Slices,
): Promise<RenameSuggestion[]> => {
  const suites = new Map<string, AssessedTest[]>();
  for (const test of tests) {
    const key = `${test.projectId}\0${test.suite}`;
    const known = suites.get(key);
    if (known) known.push(test);
    else suites.set(key, [test]);
  }
  const found: RenameSuggestion[] = [];
  for (const suite of suites.values()) {
    found.push(...ofSuite(suite, (run) => runs[run]!.startedAt, nameOf));
    await slices.pause();
  }
  return found.sort((a, b) => b.score - a.score).slice(0, MOST);
};

const ofSuite = (
  tests: readonly AssessedTest[],
  startOf: (run: number) => number,
  nameOf: (test: AssessedTest) => string | undefined,
): RenameSuggestion[] => {
  const seen = new Set<number>();
  for (const { history } of tests) for (const run of history.run) seen.add(run);
  const order = [...seen].sort((a, b) => startOf(a) - startOf(b));
  const positions = new Map(order.map((run, position) => [run, position]));
  const lives = tests.map((test): Life => {
    // By the start of its runs: outcomes of two runs may overlap in time.
    let [first, last] = [order.length, -1];
    for (const run of test.history.run) {
      first = Math.min(first, positions.get(run)!);
      last = Math.max(last, positions.get(run)!);
    }
    return { test, first, last };
  });
  const vanished = lives.filter((life) => life.last < order.length - 1);
  const appeared = lives.filter((life) => life.first > 0);
  return vanished.flatMap((past) =>
    appeared.flatMap((present) => {
      const runsBetween = present.first - past.last - 1;
      if (runsBetween < 0 || runsBetween > MOST_RUNS_BETWEEN) return [];
      const similarity = similarityOf(nameOf(past.test) ?? '', nameOf(present.test) ?? '');
      const durationSimilarity = durationRatio(past.test, present.test);
      const score = 0.5 * similarity + 0.3 / (1 + runsBetween) + 0.2 * (durationSimilarity ?? 0);
      const ends = { lastRun: order[past.last]!, firstRun: order[present.first]! };
      return [
        {
          past: past.test,
          present: present.test,
          runsBetween,
          nameSimilarity: similarity,
          durationSimilarity,
          score,
          ...ends,
        },
      ];
    }),
  );
};

const pairsOf = (text: string): string[] => {
  const plain = ` ${text.toLowerCase()} `;
  return Array.from({ length: plain.length - 1 }, (_, i) => plain.slice(i, i + 2));
};

/** Dice's coefficient of the pairs of letters: 1 for equal names, 0 for nothing in common. */
export const similarityOf = (a: string, b: string): number => {
  const left = new Map<string, number>();
  for (const pair of pairsOf(a)) left.set(pair, (left.get(pair) ?? 0) + 1);
  let common = 0;
  for (const pair of pairsOf(b)) {
    const count = left.get(pair) ?? 0;
    if (count === 0) continue;
    common += 1;
    left.set(pair, count - 1);
  }
  return (2 * common) / (pairsOf(a).length + pairsOf(b).length);
};

const durationRatio = (a: AssessedTest, b: AssessedTest): number | null => {
  const [x, y] = [a, b].map((test) => median(passingDurations(test.history))) as [number, number];
  return x > 0 && y > 0 ? Math.min(x, y) / Math.max(x, y) : null;
};
