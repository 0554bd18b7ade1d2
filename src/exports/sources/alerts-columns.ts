import type { AlertDto } from '../../alerts/index.js';
import type { Plain } from '../../common/index.js';
import type { Cell, ColumnType, ValueColumn } from '../domain/cell.js';

type Alert = Plain<AlertDto>;
type Entry = NonNullable<Alert['timeline']>[number];

/** An alert as GET /alerts/status tells it; with its history, once for each entry of its timeline. */
export interface AlertItem {
  readonly alert: Alert;
  readonly entry?: Entry;
}

type AlertColumn = ValueColumn<AlertItem>;

const column = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (alert: Alert) => Cell,
): AlertColumn => ({ key, title, type, description, value: ({ alert }) => value(alert) });

/** Empty in the rows of an export without `history`. */
const ofEntry = (
  key: string,
  title: string,
  type: ColumnType,
  description: string,
  value: (entry: Entry) => Cell,
): AlertColumn => ({ key, title, type, description, value: ({ entry }) => (entry ? value(entry) : null) });

export const ALERT_COLUMNS: readonly AlertColumn[] = [
  column('rule', 'Rule', 'text', 'Name of the rule', (alert) => alert.ruleName),
  column('group', 'Group', 'text', 'What of the rule it is about', (alert) => alert.groupText || null),
  column('state', 'State', 'text', 'inactive, pending, firing, recovering or resolved', (alert) => alert.state),
  column('severity', 'Severity', 'text', 'Of the rule', (alert) => alert.severity),
  column('level', 'Level', 'text', 'warning or critical', (alert) => alert.level),
  column('since', 'Since', 'date', 'Since when it stands so', (alert) => alert.since),
  column('firingSince', 'Firing since', 'date', 'Begin of the present or last episode', (alert) => alert.firingSince),
  column('resolvedAt', 'Resolved', 'date', 'When it resolved', (alert) => alert.resolvedAt),
  column('resolveReason', 'Reason', 'text', 'Why it resolved', (alert) => alert.resolveReason),
  column('value', 'Value', 'number', 'Newest value, in the unit of the metric', (alert) => alert.value),
  column('warning', 'Warning at', 'number', 'The threshold', (alert) => alert.expected.warning),
  column('critical', 'Critical at', 'number', 'The threshold', (alert) => alert.expected.critical),
  column('n', 'n', 'number', 'What the value rests on', (alert) => alert.n),
  column('episode', 'Episode', 'number', 'How often it has fired', (alert) => alert.episode),
  column('acknowledgedBy', 'Acknowledged by', 'text', 'Who has it', (alert) => alert.acknowledged?.by ?? null),
  column('cause', 'Cause', 'text', 'value, no_data or error', (alert) => alert.cause),
  column('measure', 'Measure', 'number', 'What the thresholds look at', (alert) => alert.measure),
  column('low', 'Low', 'number', 'Lower end of the 95 % interval', (alert) => alert.low),
  column('high', 'High', 'number', 'Upper end of the 95 % interval', (alert) => alert.high),
  column('expected', 'Expected', 'number', 'What history lets expect', (alert) => alert.expected.value),
  column('acknowledgedAt', 'Acknowledged', 'date', 'When', (alert) => alert.acknowledged?.at ?? null),
  column('snoozedUntil', 'Snoozed until', 'date', 'Put off until', (alert) => alert.snoozed?.until ?? null),
  column('suppressedBy', 'Suppressed by', 'text', 'silence or inhibition', (alert) => alert.suppressed?.by ?? null),
  column('labels', 'Labels', 'text', 'As JSON', (alert) => JSON.stringify(alert.labels)),
  column('runId', 'Run', 'text', 'The run that is suspected', (alert) => alert.culprit?.runId ?? null),
  column('commit', 'Commit', 'text', 'Of that run', (alert) => alert.culprit?.commit ?? null),
  column('branch', 'Branch', 'text', 'Of that run', (alert) => alert.culprit?.branch ?? null),
  column('error', 'Error', 'text', 'First line of one of its errors', (alert) => alert.culprit?.error ?? null),
  column('evaluatedAt', 'Evaluated', 'date', 'Last with something new', (alert) => alert.evaluatedAt),
  column('alertId', 'Alert', 'text', 'Id of the alert', (alert) => alert.alertId),
  column('ruleId', 'Rule id', 'text', 'Id of the rule', (alert) => alert.ruleId),
  ofEntry('entryAt', 'At', 'date', 'With history: when it happened', ({ at }) => at),
  ofEntry('entryKind', 'What', 'text', 'With history: what happened', ({ kind }) => kind),
  ofEntry('entryBy', 'By', 'text', 'With history: who did it; empty: the service', ({ by }) => by),
  ofEntry('entryEpisode', 'In episode', 'number', 'With history: in which episode', ({ episode }) => episode),
  ofEntry('entryDetails', 'Details', 'text', 'With history: as JSON', ({ details }) => JSON.stringify(details)),
];

export const ALERT_DEFAULTS = [
  ...['rule', 'group', 'state', 'severity', 'level', 'since', 'firingSince', 'resolvedAt', 'resolveReason', 'value'],
  ...['warning', 'critical', 'n', 'episode', 'acknowledgedBy'],
];

export const HISTORY_DEFAULTS = [
  ...['entryAt', 'rule', 'group', 'severity', 'entryKind', 'entryBy', 'entryEpisode', 'entryDetails'],
  ...['state', 'alertId'],
];
