import type { Plain } from '../../common/index.js';
import { RESULT_STATUSES } from '../../executions/index.js';
import { toRate } from '../../metrics/index.js';
import type { Assessment } from '../assessments/assessment.js';
import { testFigures } from '../assessments/figures.js';
import type { RankedTest, RankingAnswer } from '../tests/tests.service.js';
import type { RankedTestDto, RankingPageDto } from './ranking.dto.js';

export const toRankedTest = (
  { runs }: Assessment,
  { test, name, next, quarantined }: RankedTest,
): Plain<RankedTestDto> => {
  const { assessment, history, projectKey } = test;
  const { flakiness, status } = assessment;
  const known = status === 'ok';
  const figures = testFigures(test);
  return {
    testId: name.testId,
    name: name.name,
    suite: name.suite === '' ? null : name.suite,
    project: projectKey,
    parameters: name.parameters ?? {},
    label: assessment.label,
    flakiness: {
      definition: assessment.definition,
      status,
      score: known ? flakiness.mean : null,
      low: known ? flakiness.low : null,
      high: known ? flakiness.high : null,
      aboveThreshold: known ? flakiness.aboveThreshold : null,
      n: assessment.segmentRuns,
    },
    evidence: {
      runs: assessment.evidenceRuns.map((index) => runs[index]!.runId),
      disagreements: assessment.disagreements.length,
    },
    failureRate: toRate(assessment.failures, assessment.runs),
    runs: assessment.runs,
    failures: assessment.failures,
    excludedRuns: assessment.excludedRuns,
    stability: known ? 1 - flakiness.mean : null,
    durationMs: { n: figures.durations, median: figures.medianMs, stability: figures.durationStability },
    nextRun: next,
    lastStatus: RESULT_STATUSES[history.status[history.length - 1]!]!,
    lastAt: assessment.lastAt === undefined ? null : new Date(assessment.lastAt),
    quarantined,
  };
};

export const toRankingPage = ({ assessment, page }: RankingAnswer): Plain<RankingPageDto> => ({
  asOf: assessment.asOf,
  range: assessment.range,
  items: page.items.map((one) => toRankedTest(assessment, one)),
  nextCursor: page.nextCursor,
  total: page.total,
});
