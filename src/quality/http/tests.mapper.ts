import type { Plain } from '../../common/index.js';
import { RESULT_STATUSES, type StoredTest } from '../../executions/index.js';
import { toRate } from '../../metrics/index.js';
import type { AssessedTest } from '../assessments/assessment.js';
import { testFigures } from '../assessments/figures.js';
import type { TestAlias } from '../definitions/definition.js';
import { recoveryTime } from '../domain/episodes.js';
import { passOnRetry, sameCode, type ShareEstimate } from '../domain/same-code.js';
import { failureRate, flipRate, outcomeEntropy } from '../domain/secondary-figures.js';
import { evidenceOf } from '../domain/test-history.js';
import { pageOf } from '../keyset-page.js';
import { episodesOf, segmentsOf, type TimelinePoint, type TimelineSegment } from '../tests/test-timeline.js';
import type { NamedSuggestion, TestDetail } from '../tests/tests.service.js';
import { toRankedTest } from './ranking.mapper.js';
import type { AliasDto, SecondaryFiguresDto, SuggestionsDto, TestDetailDto, TestIdentityDto } from './tests.dto.js';
import type { RunPointDto, SegmentDto, TestHistoryDto } from './timeline.dto.js';

const HOUR_MS = 3_600_000;
const orNull = (text: string): string | null => (text === '' ? null : text);

export const toIdentity = (test: StoredTest): Plain<TestIdentityDto> => ({
  testId: test.testId,
  name: test.name,
  suite: orNull(test.suite),
  project: test.projectKey,
  file: test.file ?? null,
  parameters: test.parameters ?? {},
  firstAt: test.firstAt ?? null,
});

export const toAlias = ({ pastTestId, testId, reason, by, at }: TestAlias): Plain<AliasDto> => ({
  of: pastTestId,
  ...{ testId, reason, by, at },
});

const toPoint = ({ run: { runId, commit, branch }, at }: TimelinePoint): Plain<RunPointDto> => ({
  runId,
  commit: orNull(commit),
  branch: orNull(branch),
  at: new Date(at),
});

const toSegment = ({ first, last, runs, failures, start }: TimelineSegment): Plain<SegmentDto> => ({
  first: toPoint(first),
  last: toPoint(last),
  failureRate: toRate(failures, runs),
  start: start
    ? {
        low: toPoint(start.low),
        high: toPoint(start.high),
        runs: start.runs.map((run) => run.runId),
        commits: [...new Set(start.runs.map((run) => run.commit).filter((commit) => commit !== ''))],
      }
    : null,
});

const toShare = ({ numerator, denominator, estimate }: ShareEstimate): Plain<SecondaryFiguresDto['passOnRetry']> => ({
  numerator,
  denominator,
  value: estimate?.mean ?? null,
  low: estimate?.low ?? null,
  high: estimate?.high ?? null,
});

const toSecondary = ({ history }: AssessedTest): Plain<SecondaryFiguresDto> => {
  const { failed, failures, length } = evidenceOf(history);
  const rate = failureRate(failures, length);
  return {
    sameCodeDisagreement: toShare(sameCode(history).rate),
    passOnRetry: toShare(passOnRetry(history)),
    flipRate: flipRate(failed),
    entropy: outcomeEntropy(failures, length),
    failureRate: toShare({ numerator: failures, denominator: length, estimate: rate.posterior }),
    failureRateAboveOnePercent: rate.aboveOnePercent,
  };
};

export const toTestDetail = ({
  assessment,
  test,
  requestedTestId,
  aliases,
  ranked,
}: TestDetail): Plain<TestDetailDto> => {
  const last = ranked && segmentsOf(assessment, ranked.test).at(-1);
  return {
    ...toIdentity(test),
    asOf: assessment.asOf,
    range: assessment.range,
    requestedTestId,
    aliases: aliases.map(toAlias),
    figures: ranked ? toRankedTest(assessment, ranked) : null,
    lastSegment: last ? toSegment(last) : null,
    mttr: ranked ? recoveryTime(testFigures(ranked.test).episodes) : null,
    secondary: ranked ? toSecondary(ranked.test) : null,
  };
};

const NO_OUTCOMES = {
  label: 'insufficient_data',
  evidenceRuns: [],
  segments: [],
  episodes: [],
  items: [],
  nextCursor: null,
  total: 0,
} as const;

export const toTestHistory = (detail: TestDetail, limit: number, cursor?: string): Plain<TestHistoryDto> => {
  const { assessment, ranked, test } = detail;
  const head = { asOf: assessment.asOf, range: assessment.range, testId: test.testId };
  if (!ranked) return { ...head, ...NO_OUTCOMES };
  const { label, evidenceRuns } = ranked.test.assessment;
  return {
    ...head,
    label,
    evidenceRuns: evidenceRuns.map((index) => assessment.runs[index]!.runId),
    segments: segmentsOf(assessment, ranked.test).map(toSegment),
    episodes: episodesOf(assessment, ranked.test).map(({ branch, from, to, failures, firstRun, fixRun }) => ({
      branch: orNull(branch),
      from: new Date(from),
      to: to === undefined ? null : new Date(to),
      failures,
      firstRun: firstRun.runId,
      fixRun: fixRun?.runId ?? null,
      hours: to === undefined ? null : (to - from) / HOUR_MS,
    })),
    ...outcomesOf(detail, ranked.test, limit, cursor),
  };
};

const outcomesOf = (
  { assessment }: TestDetail,
  { history }: AssessedTest,
  limit: number,
  cursor: string | undefined,
): Pick<Plain<TestHistoryDto>, 'items' | 'nextCursor' | 'total'> => {
  const rows = Array.from(history.at, (at, i) => ({ at, i, run: assessment.runs[history.run[i]!]! }));
  const page = pageOf(rows, ({ at, run }) => [-at, run.runId], limit, cursor);
  const items = page.items.map(({ at, i, run }) => ({
    ...toPoint({ run, at }),
    environment: orNull(run.environment),
    status: RESULT_STATUSES[history.status[i]!]!,
    attempts: history.attempts[i]!,
    flakyInRun: history.flakyInRun[i] === 1,
    durationMs: Number.isFinite(history.durationUs[i]) ? history.durationUs[i]! / 1000 : null,
    excluded: assessment.excludedRuns.has(run.runId),
  }));
  return { items, nextCursor: page.nextCursor, total: page.total };
};

export const toSuggestion = (
  runIdOf: (run: number) => string,
  suggestion: NamedSuggestion,
): Plain<SuggestionsDto>['items'][number] => {
  const { past, pastName, presentName, lastRun, firstRun, score } = suggestion;
  const { runsBetween, nameSimilarity, durationSimilarity } = suggestion;
  return {
    project: past.projectKey,
    past: { testId: pastName.testId, name: pastName.name, suite: orNull(pastName.suite), runId: runIdOf(lastRun) },
    present: {
      testId: presentName.testId,
      name: presentName.name,
      suite: orNull(presentName.suite),
      runId: runIdOf(firstRun),
    },
    ...{ runsBetween, nameSimilarity, durationSimilarity, score },
  };
};
