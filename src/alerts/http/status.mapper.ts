import type { Plain } from '../../common/index.js';
import type { AlertsStatus, AlertView } from '../alert-status.service.js';
import type { Culprit } from '../domain/culprit.js';
import type { Incident } from '../domain/incidents.js';
import type { StoredAlert, TimelineEntry } from '../domain/stored-alert.js';
import type { AlertDto, TimelineEntryDto } from './alert.dto.js';
import type { AlertStatusDto, IncidentsDto } from './status.dto.js';

const API = '/api/v1/execution-reporting';

const orNull = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);

const toCulprit = (culprit: Culprit): Plain<NonNullable<AlertDto['culprit']>> => ({
  runId: culprit.runId,
  runName: orNull(culprit.runName),
  project: culprit.projectKey,
  commit: orNull(culprit.commit),
  branch: orNull(culprit.branch),
  startedAt: culprit.startedAt,
  failures: culprit.failures,
  failuresOfRun: culprit.failuresOfRun,
  fingerprint: orNull(culprit.fingerprint),
  error: orNull(culprit.error),
  testName: orNull(culprit.testName),
});

export const toTimelineDto = ({ by, ...entry }: TimelineEntry): Plain<TimelineEntryDto> => ({
  ...entry,
  by: by ?? null,
});

/** How urgent and for whom, beside the state itself. */
const asideOf = ({ state }: StoredAlert, mute: AlertView['mute']) => ({
  acknowledged: state.acknowledged
    ? { ...state.acknowledged, until: state.acknowledged.until ?? null, note: state.acknowledged.note ?? null }
    : null,
  snoozed: state.snoozed ? { by: state.snoozed.by, until: state.snoozed.until } : null,
  suppressed: mute ? { by: mute.by, id: mute.id, sourceAlertId: mute.source ?? null } : null,
  nextEscalationAt: state.escalation?.nextStepAt ?? null,
});

const figureOf = ({ state, thresholds }: StoredAlert) => {
  const { figure } = state;
  const { value = null, low = null, high = null } = figure?.expected ?? {};
  const { warning = null, critical = null } = thresholds;
  return {
    value: figure?.value ?? null,
    measure: figure?.measure ?? null,
    n: figure?.n ?? 0,
    low: figure?.low ?? null,
    high: figure?.high ?? null,
    expected: { value, low, high, warning, critical },
  };
};

export const toAlertDto = ({ alert, mute, timeline }: AlertView): Plain<AlertDto> => {
  const { alertId, ruleId, ruleName, severity, state, group, groupText, labels, culprit, evaluatedAt } = alert;
  return {
    ...{ alertId, ruleId, ruleName, severity, group, groupText, labels, evaluatedAt },
    ...{ state: state.status, since: state.since, level: state.level, cause: state.cause, episode: state.episode },
    ...figureOf(alert),
    firingSince: state.firingSince ?? null,
    resolvedAt: state.resolvedAt ?? null,
    resolveReason: state.resolveReason ?? null,
    ...asideOf(alert, mute),
    culprit: culprit ? toCulprit(culprit) : null,
    links: {
      rule: `${API}/alerts/${ruleId}`,
      self: `${API}/alerts/instances/${alertId}`,
      run: culprit ? `${API}/runs/${culprit.runId}` : null,
    },
    ...(timeline && { timeline: timeline.map(toTimelineDto) }),
  };
};

export const toStatusDto = ({ items, ...status }: AlertsStatus): Plain<AlertStatusDto> => ({
  ...status,
  items: items.map(toAlertDto),
});

export const toIncidentsDto = (incidents: readonly Incident[]): Plain<IncidentsDto> => ({
  items: incidents.map(({ alerts, ...incident }) => ({
    ...incident,
    alerts: alerts.map(({ alertId, ruleId, ruleName, groupText, severity, state }) => ({
      ...{ alertId, ruleId, ruleName, groupText, severity },
      since: state.firingSince ?? state.since,
    })),
  })),
});
