import type { Slices } from '../../common/threads/index.js';
import { detectionTime, failureEpisodes, recoveryTime } from '../domain/episodes.js';
import type { DetectionTime, FailureEpisode, RecoveryTime } from '../domain/episodes.js';
import { countLabels, type LabelCounts, type RateFact } from '../domain/quality-facts.js';
import { qualityScore, type QualityPolicy, type QualityScore } from '../domain/quality-score.js';
import { reliability, type Reliability } from '../domain/reliability.js';
import { stability, testStability } from '../domain/stability.js';
import type { WeightedFigure } from '../domain/stability.js';
import { isFailure, isJudged, PASSED, type TestHistory } from '../domain/test-history.js';
import type { AssessedTest, Assessment } from './assessment.js';
import { durationSpread } from './passing-durations.js';

/** What is computed of a single test beside its assessment. */
export interface TestFigures {
  /** 0..1; null with too few durations. */
  readonly durationStability: number | null;
  /** Passing outcomes with a duration, and their median. */
  readonly durations: number;
  readonly medianMs: number | null;
  readonly episodes: readonly FailureEpisode[];
}

export const testFigures = ({ history, assessment }: AssessedTest): TestFigures =>
  figuresOfHistory(history, assessment.failures > 0);

const figuresOfHistory = (history: TestHistory, mayHaveFailed: boolean): TestFigures => {
  const { n, median, stability: steadiness } = history.spread ?? durationSpread(history);
  return {
    durationStability: steadiness,
    durations: n,
    medianMs: median === null ? null : median / 1000,
    episodes: mayHaveFailed ? failureEpisodes(history) : [],
  };
};

/** A figure with the weighted means of its tests' 95 % bounds: wider than a joint interval would be. */
export interface BoundedFigure extends WeightedFigure {
  readonly low: number | null;
  readonly high: number | null;
}

/** Everything that one set of tests adds up to. */
export interface ScopeFigures {
  readonly score: QualityScore;
  readonly passRate: RateFact;
  readonly flakiness: BoundedFigure;
  readonly stability: BoundedFigure;
  readonly durationStability: WeightedFigure;
  readonly recovery: RecoveryTime;
  readonly detection: DetectionTime;
  readonly reliability: Reliability;
  readonly labels: LabelCounts;
  readonly tests: number;
}

const KNOWN_FLAKY: ReadonlySet<string> = new Set(['confirmed', 'suspected']);

/**
 * @param isExcused tests whose failures do not count against reliability, besides those known to be flaky
 */
export const figuresOf = async (
  assessment: Pick<Assessment, 'table'>,
  tests: readonly AssessedTest[],
  policy: QualityPolicy,
  isExcused: (test: AssessedTest) => boolean,
  slices: Slices,
): Promise<ScopeFigures> => {
  const sums = { passed: 0, judged: 0 };
  // By run: failures that nothing excuses; -1 for a run without a judged outcome.
  const unexcused = new Int32Array(assessment.table.runs.length).fill(-1);
  const durations = { sum: 0, runs: 0, tests: 0 };
  const episodes: FailureEpisode[] = [];
  for (const test of tests) {
    const { history, assessment: judged } = test;
    countOutcomes(history, KNOWN_FLAKY.has(judged.label) || isExcused(test), sums, unexcused);
    const figures = figuresOfHistory(history, judged.failures > 0);
    for (const episode of figures.episodes) episodes.push(episode);
    if (figures.durationStability !== null) {
      durations.sum += figures.durationStability * figures.durations;
      durations.runs += figures.durations;
      durations.tests += 1;
    }
    await slices.pause();
  }
  const recovery = recoveryTime(episodes);
  const steady = boundedStability(tests);
  const durationFigure: WeightedFigure = {
    status: durations.runs > 0 ? 'ok' : 'insufficient_data',
    value: durations.runs > 0 ? durations.sum / durations.runs : null,
    tests: durations.tests,
    runs: durations.runs,
  };
  return {
    score: qualityScore(
      { ...sums, stability: steady.value, durationStability: durationFigure.value, recovery },
      policy,
    ),
    passRate: { numerator: sums.passed, denominator: sums.judged },
    flakiness: inverted(steady),
    stability: steady,
    durationStability: durationFigure,
    recovery,
    detection: detectionTime(episodes, assessment.table.runs),
    reliability: reliability(
      Array.from(
        unexcused.filter((failures) => failures >= 0),
        (unexcusedFailures) => ({ unexcusedFailures }),
      ),
    ),
    labels: countLabels(tests.map((test) => test.assessment.label)),
    tests: tests.length,
  };
};

const countOutcomes = (
  history: TestHistory,
  excused: boolean,
  sums: { passed: number; judged: number },
  unexcused: Int32Array,
): void => {
  for (let i = 0; i < history.length; i++) {
    const status = history.status[i]!;
    if (!isJudged(status)) continue;
    sums.judged += 1;
    if (status === PASSED) sums.passed += 1;
    const run = history.run[i]!;
    unexcused[run] = Math.max(0, unexcused[run]!) + (!excused && isFailure(status) ? 1 : 0);
  }
};

const boundedStability = (tests: readonly AssessedTest[]): BoundedFigure => {
  const figure = stability(tests.map((test) => test.assessment));
  let [low, high, runs] = [0, 0, 0];
  for (const { assessment } of tests) {
    if (testStability(assessment) === null) continue;
    low += (1 - assessment.flakiness.high) * assessment.runs;
    high += (1 - assessment.flakiness.low) * assessment.runs;
    runs += assessment.runs;
  }
  return { ...figure, low: runs > 0 ? low / runs : null, high: runs > 0 ? high / runs : null };
};

const flip = (value: number | null): number | null => (value === null ? null : 1 - value);
const inverted = (figure: BoundedFigure): BoundedFigure => ({
  ...figure,
  value: flip(figure.value),
  low: flip(figure.high),
  high: flip(figure.low),
});
