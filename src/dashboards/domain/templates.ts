import type { GridItem } from './layout.js';

/** A dashboard to begin with. Its widgets are as a client would send them. */
export interface DashboardTemplate {
  readonly templateId: string;
  readonly name: string;
  readonly description: string;
  readonly widgets: readonly {
    readonly id: string;
    readonly type: string;
    readonly title: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly filter?: { readonly timeRange: { readonly lastDays: number } };
  }[];
  readonly lastDays: number;
  readonly lg: readonly GridItem[];
}

type Placed = readonly [
  id: string,
  type: string,
  title: string,
  place: readonly [x: number, y: number, w: number, h: number],
  options?: Readonly<Record<string, unknown>>,
  filter?: { readonly timeRange: { readonly lastDays: number } },
];

const template = (
  templateId: string,
  name: string,
  description: string,
  lastDays: number,
  placed: readonly Placed[],
): DashboardTemplate => ({
  ...{ templateId, name, description, lastDays },
  widgets: placed.map(([id, type, title, , options = {}, filter]) => ({
    ...{ id, type, title, options },
    ...(filter && { filter }),
  })),
  lg: placed.map(([widgetId, , , [x, y, w, h]]) => ({ widgetId, x, y, w, h })),
});

export const TEMPLATES: readonly DashboardTemplate[] = [
  template('qa_engineer', 'QA engineer', 'What fails, why, and which tests cannot be trusted.', 14, [
    ['summary', 'execution_summary', 'The last two weeks', [0, 0, 6, 3]],
    ['statuses', 'status_breakdown', 'How runs end', [6, 0, 3, 3]],
    ['live', 'live_run', 'The newest run', [9, 0, 3, 3]],
    ['clusters', 'failure_analysis', 'Why tests fail', [0, 3, 6, 4]],
    ['failing', 'failing_tests', 'Most failing tests', [6, 3, 6, 4]],
    ['flaky', 'flaky_tests', 'Flaky tests', [0, 7, 6, 4], {}, { timeRange: { lastDays: 90 } }],
    ['runs', 'recent_executions', 'Recent runs', [6, 7, 6, 4]],
    ['comparison', 'run_comparison', 'Against the run before', [0, 11, 12, 4]],
  ]),
  template('test_manager', 'Test manager', 'How good the tests and what they test are, and where that goes.', 30, [
    ['quality', 'quality_metrics', 'Quality', [0, 0, 4, 4], { scope: 'suite' }],
    ['pass-rate', 'metric_number', 'Pass rate', [4, 0, 4, 2], { metric: 'pass_rate', warning: 0.95, critical: 0.9 }],
    ['flakiness', 'metric_number', 'Flakiness', [8, 0, 4, 2], { metric: 'flakiness' }],
    ['executions', 'metric_number', 'Executions', [4, 2, 4, 2], { metric: 'executions' }],
    ['recovery', 'mttr', 'Time to recovery', [8, 2, 4, 2]],
    ['trend', 'trend_chart', 'Pass rate', [0, 4, 8, 4], { metrics: ['pass_rate'] }, { timeRange: { lastDays: 90 } }],
    ['growth', 'test_growth', 'Growth of the suite', [8, 4, 4, 4], {}, { timeRange: { lastDays: 180 } }],
    ['heatmap', 'quality_heatmap', 'Suites by day', [0, 8, 12, 5]],
    ['suites', 'suite_table', 'Worst suites', [0, 13, 12, 4]],
  ]),
  template('development_lead', 'Development lead', 'What has changed, what is slow, what holds up the merge.', 30, [
    ['comparison', 'run_comparison', 'Against the run before', [0, 0, 6, 4]],
    ['changes', 'change_points', 'What has changed', [6, 0, 6, 4], {}, { timeRange: { lastDays: 90 } }],
    ['branches', 'pass_rate_by', 'Pass rate by branch', [0, 4, 6, 3], { dimension: 'branch' }],
    ['gauge', 'performance_metrics', '95th percentile', [6, 4, 3, 3], { metric: 'duration_p95' }],
    ['retries', 'metric_number', 'Retries', [9, 4, 3, 3], { metric: 'retry_rate' }],
    ['slow', 'slowest_tests', 'Slowest tests', [0, 7, 6, 4]],
    ['durations', 'duration_distribution', 'How long tests take', [6, 7, 6, 4]],
    ['clusters', 'failure_analysis', 'Why tests fail', [0, 11, 12, 4]],
  ]),
  template('product_owner', 'Product owner', 'Whether the product can be shipped, in a few figures.', 30, [
    [
      'about',
      'text',
      'About this board',
      [0, 0, 12, 1],
      { markdown: 'Figures of the last 30 days, against the 30 days before.' },
    ],
    ['score', 'metric_number', 'Quality score', [0, 1, 3, 2], { metric: 'quality_score', warning: 80, critical: 60 }],
    ['pass-rate', 'metric_number', 'Pass rate', [3, 1, 3, 2], { metric: 'pass_rate', warning: 0.95, critical: 0.9 }],
    ['runs', 'metric_number', 'Runs', [6, 1, 3, 2], { metric: 'runs' }],
    ['tests', 'metric_number', 'Tests', [9, 1, 3, 2], { metric: 'tests_known' }],
    ['forecast', 'forecast', 'Pass rate of the next two weeks', [0, 3, 8, 4], {}, { timeRange: { lastDays: 120 } }],
    ['statuses', 'status_breakdown', 'How runs end', [8, 3, 4, 4]],
    ['environments', 'pass_rate_by', 'By environment', [0, 7, 12, 3], { dimension: 'environment' }],
  ]),
];

export const findTemplate = (templateId: string): DashboardTemplate | undefined =>
  TEMPLATES.find((known) => known.templateId === templateId);
