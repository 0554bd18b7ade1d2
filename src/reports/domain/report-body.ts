import type { CellDto, DurationsDto, RateDto } from '../../metrics/index.js';
import type { Plain } from '../../common/index.js';
import type { CellChange } from './compare.js';
import type { Efficiency, FigureSummary } from './efficiency.js';
import type { BucketView } from './report.js';

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

/** Everything of a report that does not change after it was made. */
export interface ReportBody {
  readonly totals: Cell;
  readonly rates: { readonly failureRate: Rate; readonly flakyRate: Rate; readonly retryRate: Rate };
  readonly rows: readonly ReportRow[];
  readonly previous?: PreviousPeriod;
  readonly slowestTests?: readonly TestRow[];
  readonly failingTests?: readonly TestRow[];
  readonly failureClusters?: readonly ClusterRow[];
  readonly efficiency?: Efficiency;
  readonly resources?: Readonly<Record<string, FigureSummary>>;
  readonly runMetrics?: Readonly<Record<string, FigureSummary>>;
}
