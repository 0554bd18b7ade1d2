const RULE = {
  name: 'Pass rate of main',
  metric: 'pass_rate',
  filter: { projects: ['demo'], branches: ['main'] },
  condition: 'below',
  warning: 0.97,
  critical: 0.95,
  minimumSample: 20,
} as const;

/** Rules over the demo; channels and an escalation policy are named by their ids once there are some. */
export const RULE_EXAMPLES = {
  threshold: {
    summary: 'The pass rate of main falls below 97 %',
    value: { ...RULE, severity: 'high', recovery: 0.98, labels: { team: 'shop' } },
  },
  newFailures: {
    summary: 'Tests fail that did not fail before',
    value: { name: 'New failures', filter: { projects: ['demo'] }, condition: 'new_failures', critical: 0 },
  },
  perSuite: {
    summary: 'A suite is slower than it was, one alert for each suite',
    value: {
      name: 'Slower suites',
      metric: 'duration_p95',
      filter: { projects: ['demo'] },
      groupBy: ['suite'],
      condition: 'change_point',
      warning: 500,
      schedule: { every: '1d' },
    },
  },
} as const;

export const BACKTEST_EXAMPLES = {
  threshold: {
    summary: 'A threshold over the last 90 days, day by day',
    value: { rule: RULE, timeRange: { lastDays: 90 }, step: '1d' },
  },
} as const;

export const INHIBITION_EXAMPLES = {
  environment: {
    summary: 'An environment that is down explains failing tests in it',
    value: {
      name: 'An environment that is down explains its failures',
      source: [{ label: 'severity', operator: '=', value: 'critical' }],
      target: [{ label: 'severity', operator: '=', value: 'low' }],
      equal: ['project', 'environment'],
    },
  },
} as const;
