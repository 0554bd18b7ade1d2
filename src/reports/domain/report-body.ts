import type { CellDto, DurationsDto, RateDto } from '../../metrics/index.js';
import type { Plain } from '../../common/index.js';
import type { CellChange } from './compare.js';
import type { Efficiency, FigureSummary } from './efficiency.js';
import type { QualityMetricsDto } from '../../quality/index.js';
import type { TrendsDto } from '../../trends/index.js';
import type { BucketView } from './report.js';
import type { ReportScores } from './scores.js';

export type Cell = Plain<CellDto>;
export type Rate = Plain<RateDto>;
export type Durations = Plain<DurationsDto>;

/** Values by dimension; null for "none". */
export type GroupView = Readonly<Record<string, string | null>>;

export interface ReportRow {
  readonly bucket?: BucketView;
  readonly group?: GroupView;
  /** What people call the values of `group` that are ids. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly cell: Cell;
  /** Against the same place in the previous period. */
  readonly change?: CellChange;
}

export interface TestRow {
  readonly testId: string;
  readonly projectKey: string;
  readonly suite: string | null;
  readonly name: string;
  readonly failureRate: Rate;
  readonly cell: Cell;
}

export interface ClusterRow {
  readonly fingerprint: string;
  /** Outcomes. */
  readonly size: number;
  readonly tests: number;
  readonly suites: readonly (string | null)[];
  readonly branches: readonly (string | null)[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  /** Not seen in the window of the same length before. */
  readonly isNew: boolean;
  readonly example: {
    readonly resultId: string;
    readonly testName: string;
    readonly type: string | null;
    readonly message: string | null;
  };
  readonly href: string;
}

export interface PreviousPeriod {
  readonly timeRange: BucketView & { readonly timeZone: string };
  readonly totals: Cell;
  readonly change: CellChange;
  readonly rows: readonly ReportRow[];
}

/** A part that the type has and this report lacks. */
export interface OmittedPart {
  readonly part: 'trends';
  readonly code: string;
  readonly reason: string;
}

/** Everything of a report that does not change after it was made (scores that were pending are filled in once). */
export interface ReportBody {
  readonly totals: Cell & ReportScores;
  readonly rates: { readonly failureRate: Rate; readonly flakyRate: Rate; readonly retryRate: Rate };
  readonly rows: readonly ReportRow[];
  readonly previous?: PreviousPeriod;
  readonly slowestTests?: readonly TestRow[];
  readonly failingTests?: readonly TestRow[];
  readonly failureClusters?: readonly ClusterRow[];
  readonly efficiency?: Efficiency;
  readonly resources?: Readonly<Record<string, FigureSummary>>;
  readonly runMetrics?: Readonly<Record<string, FigureSummary>>;
  /** Of type trend_analysis. */
  readonly trends?: Plain<TrendsDto>;
  /** Of type quality_metrics. */
  readonly quality?: Plain<QualityMetricsDto>;
  readonly omitted?: readonly OmittedPart[];
}

/** Whether the scores of the totals are still to come. */
export const isPending = ({ totals }: ReportBody): boolean => totals.flakinessIndex.status === 'pending';

/** Whether the scores are as new as the counts; figures of the last minute may stand for them, see decision 0006. */
export const isCurrent = ({ totals }: ReportBody, asOf: number): boolean =>
  [totals.flakinessIndex, totals.qualityScore].every((score) => score.asOf === null || score.asOf >= asOf);
