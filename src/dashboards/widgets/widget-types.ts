import { alertStatus } from './types/alert-status.js';
import { executionSummary, performanceMetrics, statusBreakdown } from './types/cells.js';
import { custom } from './types/custom.js';
import { durationDistribution } from './types/duration-distribution.js';
import { failureAnalysis } from './types/failure-analysis.js';
import { passRateBy, suiteTable } from './types/groups.js';
import { metricNumber } from './types/metric-number.js';
import { qualityHeatmap } from './types/quality-heatmap.js';
import { mttr, qualityMetrics } from './types/quality.js';
import { runComparison } from './types/run-comparison.js';
import { liveRun, recentExecutions } from './types/runs.js';
import { changePoints, forecast, trendChart } from './types/series.js';
import { testGrowth } from './types/test-growth.js';
import { failingTests, flakyTests, slowestTests } from './types/tests.js';
import { text } from './types/text.js';
import type { WidgetType } from './widget-type.js';

/** Every type of widgets. A new one is one entry: its options, data and example stand in the OpenAPI document by themselves. */
export const WIDGET_TYPES: readonly WidgetType[] = [
  executionSummary,
  metricNumber,
  trendChart,
  statusBreakdown,
  suiteTable,
  qualityMetrics,
  qualityHeatmap,
  flakyTests,
  slowestTests,
  failingTests,
  failureAnalysis,
  durationDistribution,
  testGrowth,
  passRateBy,
  alertStatus,
  recentExecutions,
  runComparison,
  liveRun,
  changePoints,
  forecast,
  mttr,
  performanceMetrics,
  custom,
  text,
];

export const WIDGET_TYPE_NAMES: readonly string[] = WIDGET_TYPES.map(({ type }) => type);

const BY_NAME: ReadonlyMap<string, WidgetType> = new Map(WIDGET_TYPES.map((type) => [type.type, type]));

/** undefined for a type that is not known (any more). */
export const findWidgetType = (name: string): WidgetType | undefined => BY_NAME.get(name);
