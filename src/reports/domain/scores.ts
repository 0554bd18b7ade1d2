import type { TimeRange } from '../../metrics/index.js';
import type { QualitySummary } from '../../quality/index.js';
import type { BucketView, ReportType } from './report.js';

/** What a figure of quality in a report rests on. It may be older than the counts beside it: see decision 0006. */
interface ScoreBasis {
  readonly definition: { readonly id: string; readonly version: number };
  /** pending: so much data that it is computed after the answer; too_broad: too much for that, too. */
  readonly status: 'ok' | 'insufficient_data' | 'pending' | 'too_broad';
  readonly value: number | null;
  /** Judged outcomes that it rests on. */
  readonly n: number;
  /** Position in the commit log that it stands for; null while pending, and where it is too broad. */
  readonly asOf: number | null;
  /** The outcomes that it looks at. */
  readonly window: BucketView;
}

/** Mean phi of the tests, weighted by their runs, 0..1. */
export interface FlakinessIndex extends ScoreBasis {
  readonly low: number | null;
  readonly high: number | null;
  readonly tests: number;
}

/** 0..100. */
export interface ReportQualityScore extends ScoreBasis {
  readonly band: string | null;
  readonly parts: QualitySummary['qualityScore']['parts'];
}

export interface ReportScores {
  readonly flakinessIndex: FlakinessIndex;
  readonly qualityScore: ReportQualityScore;
}

const DAY_MS = 86_400_000;
/** Evidence of flakiness ages by then (statistics.md section 1), so older outcomes say little of how a test is. */
export const SCORE_DAYS = 90;

/** The whole range for a report of quality; else its newest 90 days. */
export const scoreWindow = (type: ReportType, range: TimeRange): TimeRange => {
  const earliest = range.to.getTime() - SCORE_DAYS * DAY_MS;
  return type === 'quality_metrics' || range.from.getTime() >= earliest
    ? range
    : { ...range, from: new Date(earliest) };
};

const DEFINITIONS = {
  flakinessIndex: { id: 'flakiness.index', version: 1 },
  qualityScore: { id: 'quality_score', version: 1 },
} as const;

const viewOf = ({ from, to }: TimeRange): BucketView => ({ from: from.toISOString(), to: to.toISOString() });

export const pendingScores = (window: TimeRange): ReportScores => noScores('pending', window);
export const tooBroadScores = (window: TimeRange): ReportScores => noScores('too_broad', window);

const noScores = (status: 'pending' | 'too_broad', window: TimeRange): ReportScores => {
  const nothing = { status, value: null, n: 0, asOf: null, window: viewOf(window) } as const;
  return {
    flakinessIndex: { definition: DEFINITIONS.flakinessIndex, ...nothing, low: null, high: null, tests: 0 },
    qualityScore: { definition: DEFINITIONS.qualityScore, ...nothing, band: null, parts: [] },
  };
};

export const scoresOf = (summary: QualitySummary, window: TimeRange): ReportScores => {
  const { flakinessIndex: index, qualityScore: score, asOf, judged } = summary;
  const basis = { asOf, window: viewOf(window) };
  return {
    flakinessIndex: {
      definition: DEFINITIONS.flakinessIndex,
      status: index.status,
      value: index.value,
      low: index.low,
      high: index.high,
      tests: index.tests,
      n: index.runs,
      ...basis,
    },
    qualityScore: {
      definition: DEFINITIONS.qualityScore,
      status: score.status,
      value: score.value,
      band: score.band,
      parts: score.parts,
      n: judged,
      ...basis,
    },
  };
};
