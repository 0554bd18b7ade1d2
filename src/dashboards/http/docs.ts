import { DASHBOARD_ID } from './dashboard.dto.js';

export const DASHBOARD_ID_PARAM = {
  name: 'dashboardId',
  description: 'Id of the dashboard',
  example: DASHBOARD_ID,
} as const;

export const ETAG_HEADER = {
  ETag: {
    description: '`"<version>.<data>"`',
    schema: { type: 'string' as const, example: '"3.Nf0hT3qkq1m8sYd2Zr7c1g"' },
  },
};

export const IF_MATCH = {
  name: 'If-Match',
  required: true,
  description: 'The ETag that you have read; only its version counts',
  schema: { type: 'string' as const, example: '"3.Nf0hT3qkq1m8sYd2Zr7c1g"' },
} as const;

export const CREATE_EXAMPLES = {
  release: {
    summary: 'Four widgets of the demo, with a grid for wide screens',
    value: {
      name: 'Release quality',
      visibility: 'organization',
      filter: { projects: ['demo'], timeRange: { lastDays: 30, timeZone: 'UTC' } },
      widgets: [
        { id: 'summary', type: 'execution_summary', title: 'The last 30 days', options: { compare: true } },
        { id: 'pass-rate', type: 'trend_chart', options: { metrics: ['pass_rate'], period: 'day', forecast: 14 } },
        { id: 'flaky', type: 'flaky_tests', options: { top: 5 }, filter: { timeRange: { lastDays: 90 } } },
        {
          id: 'staging',
          type: 'metric_number',
          options: { metric: 'pass_rate' },
          filter: { environments: ['staging'] },
        },
      ],
      layout: {
        lg: [
          { widgetId: 'summary', x: 0, y: 0, w: 6, h: 3 },
          { widgetId: 'staging', x: 6, y: 0, w: 6, h: 3 },
          { widgetId: 'pass-rate', x: 0, y: 3, w: 12, h: 4 },
          { widgetId: 'flaky', x: 0, y: 7, w: 12, h: 4 },
        ],
      },
    },
  },
};

export const UPDATE_EXAMPLES = {
  rename: { summary: 'Another name; the rest stays', value: { name: 'Release quality, 2026' } },
  widgets: {
    summary: 'Other widgets',
    value: {
      widgets: [
        { id: 'summary', type: 'execution_summary' },
        { id: 'mttr', type: 'mttr' },
      ],
    },
  },
};
