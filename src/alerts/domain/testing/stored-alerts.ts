import type { Culprit } from '../culprit.js';
import type { StoredAlert } from '../stored-alert.js';
import { at, figure } from './alerts.js';

/** A firing alert, with what is behind it. */
export const storedAlert = (
  alertId: string,
  culprit?: Partial<Culprit>,
  minute = 0,
  more: Partial<StoredAlert> = {},
): StoredAlert => ({
  ...{ alertId, organization: 'demo', ruleId: `rule-${alertId}`, ruleName: `Rule ${alertId}`, severity: 'high' },
  ...{ groupKey: '', group: {}, groupText: '', labels: {}, thresholds: { critical: 0.9 }, projects: ['web'] },
  state: {
    ...{ status: 'firing', since: at(minute), level: 'critical', cause: 'value', episode: 1, missing: 0 },
    firingSince: at(minute),
    figure: figure(40),
  },
  ...(culprit && {
    culprit: {
      ...{ runId: 'run', commit: '', branch: 'main', projectKey: 'web', startedAt: at(minute) },
      ...{ failures: 4, failuresOfRun: 3, failuresOfCluster: 2 },
      ...culprit,
    },
  }),
  ...{ version: 1, evaluatedAt: at(minute) },
  ...more,
});
