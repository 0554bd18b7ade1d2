const last30 = { projects: ['demo'], timeRange: { lastDays: 30, timeZone: 'UTC' } };

/** One request of each type; each answers with data on the demo. */
export const REPORT_EXAMPLES = {
  summary: {
    summary: 'Totals of the last 30 days, against the 30 days before',
    value: { type: 'summary', filter: last30, comparePrevious: true, top: 5 },
  },
  trend: {
    summary: 'By day over 90 days, days of Berlin',
    value: {
      type: 'trend_analysis',
      filter: { projects: ['demo'], timeRange: { lastDays: 90, timeZone: 'Europe/Berlin' } },
      interval: 'day',
    },
  },
  detailed: {
    summary: 'By project and suite',
    value: { type: 'detailed', filter: last30 },
  },
  quality: {
    summary: 'Counts and rates by suite and branch',
    value: { type: 'quality_metrics', filter: last30, groupBy: ['suite', 'branch'] },
  },
  failures: {
    summary: 'What fails, and why',
    value: { type: 'failure_analysis', filter: last30, top: 10 },
  },
  performance: {
    summary: 'What is slow, week by week',
    value: {
      type: 'performance_analysis',
      filter: { projects: ['demo'], timeRange: { lastDays: 91, timeZone: 'America/New_York' } },
      interval: 'week',
      groupBy: ['suite'],
    },
  },
} as const;
