/** Requests that answer with data on the demo. */
export const EXPORT_EXAMPLES = {
  failures: {
    summary: 'Failures of the last week as CSV',
    value: {
      name: 'Failures of last week',
      source: { kind: 'results', attempts: 'final' },
      format: 'csv',
      filter: { projects: ['demo'], statuses: ['failed', 'broken', 'timeout'], timeRange: { lastDays: 7 } },
    },
  },
  workbook: {
    summary: 'Chosen columns as a workbook, dates of Berlin',
    value: {
      source: { kind: 'results' },
      format: 'excel',
      columns: ['startedAt', 'suite', 'name', 'status', 'durationMs', 'owner'],
      filter: { projects: ['demo'], timeRange: { lastDays: 30, timeZone: 'Europe/Berlin' } },
    },
  },
  manager: {
    summary: 'A month as PDF',
    value: {
      name: 'Quality of the last month',
      source: { kind: 'report', type: 'detailed' },
      format: 'pdf',
      filter: { projects: ['demo'], timeRange: { lastDays: 30 } },
    },
  },
  alerts: {
    summary: 'What alerts went through in the last month',
    value: {
      source: { kind: 'alerts', history: true },
      format: 'csv',
      filter: { projects: ['demo'], timeRange: { lastDays: 30 } },
    },
  },
  ranking: {
    summary: 'Flaky tests as NDJSON',
    value: { source: { kind: 'tests', sort: 'flakiness' }, format: 'ndjson', filter: { projects: ['demo'] } },
  },
} as const;
