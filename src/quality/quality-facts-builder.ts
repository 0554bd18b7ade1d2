import type { AssessedTest, Assessment } from './assessments/assessment.js';
import { testFigures, type ScopeFigures } from './assessments/figures.js';
import type { QualityFacts, TestFact } from './domain/quality-facts.js';
import type { TestName } from './tests/test-names.service.js';

const RECENT_RUNS = 20;

const factOf = (
  assessment: Assessment,
  test: AssessedTest,
  { testId, name, suite }: TestName,
  quarantined: ReadonlySet<string>,
): TestFact => {
  const { durationStability, episodes } = testFigures(test);
  const runId = (index: number): string => assessment.runs[index]!.runId;
  return {
    ...{ testId, name, suite, durationStability },
    assessment: test.assessment,
    evidenceRuns: test.assessment.evidenceRuns.map(runId),
    quarantined: quarantined.has(testId),
    openEpisodes: episodes
      .filter((episode) => episode.to === undefined)
      .map((episode) => ({ ...episode, firstRunId: runId(episode.firstRun) })),
  };
};

/** Newest runs with an outcome of the scope. */
export const newestRuns = ({ runs }: Assessment, limit: number): string[] =>
  runs
    .filter((run) => run.matched > 0)
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, limit)
    .map((run) => run.runId);

/** Everything that rules look at. */
export const factsOf = (
  assessment: Assessment,
  figures: ScopeFigures,
  previous: ScopeFigures,
  names: ReadonlyMap<string, TestName>,
  quarantined: ReadonlySet<string>,
): QualityFacts => ({
  now: assessment.now,
  tests: assessment.tests.flatMap((test) => {
    const name = names.get(`${test.projectId}:${test.number}`);
    return name ? [factOf(assessment, test, name, quarantined)] : [];
  }),
  score: figures.score,
  passRate: figures.passRate,
  stability: figures.stability,
  recovery: figures.recovery,
  reliability: figures.reliability,
  ...(previous.passRate.denominator > 0 && {
    previousScore: previous.score,
    previousPassRate: previous.passRate,
    previousRecovery: previous.recovery,
  }),
  outages: assessment.outages.filter((outage) => assessment.excludedRuns.has(outage.runId)),
  retries: assessment.retries,
  recentRuns: newestRuns(assessment, RECENT_RUNS),
});
