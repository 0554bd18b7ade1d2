import { findWidgetType, type WidgetState } from '../../../dashboards/index.js';
import type { Section } from '../../domain/summary.js';
import { leavesOf } from './data-leaves.js';
import * as figures from './figure-sections.js';
import * as lists from './list-sections.js';
import { type Draw, type Shown, textColumn, wideColumn } from './section.js';
import * as series from './series-sections.js';

/** How each type of widgets stands in a document. A type that is not here is a table of everything it says. */
const DRAWERS: Readonly<Record<string, Draw>> = {
  execution_summary: figures.executionSummary,
  metric_number: figures.metricNumber,
  performance_metrics: figures.performance,
  status_breakdown: figures.statusBreakdown,
  quality_metrics: figures.quality,
  mttr: figures.mttr,
  text: figures.text,
  trend_chart: series.trendChart,
  forecast: series.forecast,
  change_points: series.changePoints,
  test_growth: series.testGrowth,
  duration_distribution: series.durationDistribution,
  quality_heatmap: series.heatmap,
  custom: series.custom,
  suite_table: lists.suiteTable,
  pass_rate_by: lists.passRateBy,
  flaky_tests: lists.testList,
  slowest_tests: lists.testList,
  failing_tests: lists.testList,
  failure_analysis: lists.failureAnalysis,
  alert_status: lists.alertStatus,
  recent_executions: lists.recentExecutions,
  live_run: lists.liveRun,
  run_comparison: lists.runComparison,
};

const MOST_LEAVES = 100;

const everything: Draw = (data) => {
  const leaves = leavesOf(data);
  return {
    tables: [
      {
        title: '',
        columns: [wideColumn('Figure'), textColumn('Value')],
        rows: leaves.slice(0, MOST_LEAVES).map(({ path, value, text }) => [path, text ?? String(value ?? '–')]),
        ...(leaves.length > MOST_LEAVES ? { note: `${leaves.length - MOST_LEAVES} more are in the CSV` } : {}),
      },
    ],
  };
};

export const titleOf = ({ widget }: Pick<WidgetState, 'widget'>): string =>
  widget.title ?? findWidgetType(widget.type)?.title ?? widget.type;

/** A widget as it stands in a document: what it shows, or why it shows nothing. */
export const sectionOf = (state: WidgetState, timeZone: string): Section => {
  const { widget, outcome } = state;
  const shown: Shown =
    'data' in outcome
      ? (DRAWERS[widget.type] ?? everything)(outcome.data, timeZone)
      : { texts: [`No data: ${outcome.error.message}.`] };
  return { title: titleOf(state), texts: [], figures: [], charts: [], tables: [], ...shown };
};
