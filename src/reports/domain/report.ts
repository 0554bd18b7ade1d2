import type { ResultStatus } from '../../executions/index.js';
import type { AttemptMode, Dimension, Interval, MetricFilter, Pin, Plan, TimeRange } from '../../metrics/index.js';

export const REPORT_TYPES = [
  'summary',
  'detailed',
  'trend_analysis',
  'quality_metrics',
  'failure_analysis',
  'performance_analysis',
] as const;
export type ReportType = (typeof REPORT_TYPES)[number];

/** What a client asks for, defaults not filled in; what a template keeps. */
export interface ReportDefinition {
  readonly type: ReportType;
  readonly filter: MetricFilter;
  readonly interval?: Interval;
  readonly groupBy?: readonly Dimension[];
  readonly attempts?: AttemptMode;
  readonly comparePrevious?: boolean;
  readonly top?: number;
}

/** With every default filled in: what is computed, and what a cache key is made of. */
export interface ReportRequest extends Required<Omit<ReportDefinition, 'interval' | 'top'>> {
  readonly name?: string;
  readonly range: TimeRange;
  readonly interval?: Interval;
  /** Length of the lists of tests and clusters; undefined: the type has none and nobody asked. */
  readonly top?: number;
}

export interface ReportProject {
  readonly id: string;
  readonly key: string;
  readonly team: string;
}

/** Where a cell of a report lies. `period` tells the compared period from the report's own. */
export interface CellPlace {
  readonly period: 'current' | 'previous';
  /** Position among the rows of the report; absent: the totals. */
  readonly row?: number;
}

/** A bucket of time in answers: ISO 8601, half-open. */
export interface BucketView {
  readonly from: string;
  readonly to: string;
}

/** A stored report without its figures. */
export interface ReportHead {
  readonly reportId: string;
  readonly organization: string;
  readonly type: ReportType;
  readonly name?: string;
  readonly request: ReportRequest;
  /** The projects it counts, as they were. */
  readonly projects: readonly ReportProject[];
  readonly asOf: number;
  readonly pins: readonly Pin[];
  readonly newestCommitAt?: Date;
  readonly plan: Plan;
  readonly createdBy: string;
  readonly generatedAt: Date;
  readonly expiresAt: Date;
  /** Goes from 0 to 1 when scores that were pending are filled in. */
  readonly revision: number;
  readonly isPending: boolean;
}

/** Filters by one status are kept by name, so that a drill-down can narrow them. */
export type StatusFilter = readonly ResultStatus[] | undefined;
