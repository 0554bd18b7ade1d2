import type { AssessedTest } from '../assessments/assessment.js';
import { testFigures } from '../assessments/figures.js';
import { LAST, type SortKeys } from '../keyset-page.js';

export const RANKINGS = [
  'flakiness',
  'failureRate',
  'duration',
  'stability',
  'durationStability',
  'runs',
  'failures',
  'lastFailure',
  'name',
] as const;
export type Ranking = (typeof RANKINGS)[number];
export const ORDERS = ['desc', 'asc'] as const;
export type Order = (typeof ORDERS)[number];

export const identityOf = ({ projectId, number }: AssessedTest): string => `${projectId}:${number}`;

const lastFailureAt = (test: AssessedTest): number | null =>
  testFigures(test).episodes.reduce<number | null>((last, episode) => Math.max(last ?? 0, episode.lastFailureAt), null);

const isKnown = ({ assessment }: AssessedTest): boolean => assessment.runs > 0;

const VALUES: Readonly<Record<Exclude<Ranking, 'name'>, (test: AssessedTest) => number | null>> = {
  // By the lower bound: a test with few runs is not called flaky before one with many.
  flakiness: (test) => (isKnown(test) ? test.assessment.flakiness.low : null),
  stability: (test) => (isKnown(test) ? 1 - test.assessment.flakiness.mean : null),
  failureRate: ({ assessment: { failures, runs } }) => (runs > 0 ? failures / runs : null),
  duration: (test) => testFigures(test).medianMs,
  durationStability: (test) => testFigures(test).durationStability,
  runs: (test) => test.assessment.runs,
  failures: (test) => test.assessment.failures,
  lastFailure: lastFailureAt,
};

/** Keys of the order asked for; what has no value comes last either way. */
export const rankingKeys =
  (sort: Ranking, order: Order, nameOf: (test: AssessedTest) => string) =>
  (test: AssessedTest): SortKeys => {
    if (sort === 'name') return [nameOf(test), identityOf(test)];
    const value = VALUES[sort](test);
    const key = value === null ? LAST : order === 'desc' ? -value : value;
    return [key, identityOf(test)];
  };
