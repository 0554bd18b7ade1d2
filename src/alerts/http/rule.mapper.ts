import { invalid, type Plain } from '../../common/index.js';
import { toFilter } from '../../metrics/index.js';
import { formatDuration, parseDuration } from '../domain/durations.js';
import { type AlertRule, DEFAULT_GROUPING, defaultWindowMs, type Grouping, type RuleSettings } from '../domain/rule.js';
import { NEW_FAILURES } from '../evaluation/rule-metrics.js';
import type { AlertRuleDto } from './rule.dto.js';
import type { AlertGroupingDto, AlertRuleSettingsDto } from './rule-settings.dto.js';

const MINUTE_MS = 60_000;

const msOf = (text: string | undefined, fallback: number): number =>
  text === undefined ? fallback : (parseDuration(text) ?? fallback);

const groupingOf = ({ by, wait, interval, repeat }: AlertGroupingDto = {}): Grouping => ({
  by: [...new Set(by ?? DEFAULT_GROUPING.by)].sort(),
  waitMs: msOf(wait, DEFAULT_GROUPING.waitMs),
  intervalMs: msOf(interval, DEFAULT_GROUPING.intervalMs),
  repeatMs: msOf(repeat, DEFAULT_GROUPING.repeatMs),
});

/** @throws DomainError 422 for a missing metric, and for a time range in the filter */
export const toRuleSettings = (body: AlertRuleSettingsDto): RuleSettings => {
  const { condition, warning, critical, recovery, description, escalationPolicyId, schedule } = body;
  const metric = body.metric ?? (condition === 'new_failures' ? NEW_FAILURES : undefined);
  const problems = [
    ...(metric === undefined ? [{ pointer: '/metric', detail: 'must be the id of a metric' }] : []),
    ...(body.filter?.timeRange ? [{ pointer: '/filter/timeRange', detail: 'the window of the rule says when' }] : []),
  ];
  if (metric === undefined || problems.length > 0)
    throw invalid('validation_failed', 'Some fields are not valid', problems);
  return {
    ...{ name: body.name, metric, condition, filter: toFilter(body.filter) },
    ...(description !== undefined && { description }),
    windowMs: msOf(body.window, defaultWindowMs(condition)),
    timeZone: body.timeZone ?? 'UTC',
    groupBy: body.groupBy ?? [],
    ...(warning !== undefined && { warning }),
    ...(critical !== undefined && { critical }),
    ...(recovery !== undefined && { recovery }),
    forMs: msOf(body.for, 0),
    keepFiringForMs: msOf(body.keepFiringFor, 0),
    minimumSample: body.minimumSample ?? 1,
    severity: body.severity ?? 'medium',
    labels: { ...body.labels },
    onNoData: body.onNoData ?? 'keep_last',
    onError: body.onError ?? 'keep_last',
    ...(schedule && { everyMs: msOf(schedule.every, MINUTE_MS) }),
    cooldownMs: (body.cooldownMinutes ?? 0) * MINUTE_MS,
    channels: body.channels ?? [],
    grouping: groupingOf(body.grouping),
    ...(escalationPolicyId !== undefined && { escalationPolicyId }),
    enabled: body.enabled ?? true,
  };
};

export const toRuleDto = (rule: AlertRule): Plain<AlertRuleDto> => ({
  ...{ ruleId: rule.ruleId, version: rule.version, name: rule.name, description: rule.description ?? null },
  ...{ metric: rule.metric, filter: rule.filter, window: formatDuration(rule.windowMs), timeZone: rule.timeZone },
  ...{ groupBy: rule.groupBy, condition: rule.condition },
  ...{ warning: rule.warning ?? null, critical: rule.critical ?? null, recovery: rule.recovery ?? null },
  ...{ for: formatDuration(rule.forMs), keepFiringFor: formatDuration(rule.keepFiringForMs) },
  ...{ minimumSample: rule.minimumSample, severity: rule.severity, labels: rule.labels },
  ...{ onNoData: rule.onNoData, onError: rule.onError },
  schedule: rule.everyMs === undefined ? null : { every: formatDuration(rule.everyMs) },
  cooldownMinutes: rule.cooldownMs / MINUTE_MS,
  channels: rule.channels,
  grouping: {
    by: rule.grouping.by,
    wait: formatDuration(rule.grouping.waitMs),
    interval: formatDuration(rule.grouping.intervalMs),
    repeat: formatDuration(rule.grouping.repeatMs),
  },
  escalationPolicyId: rule.escalationPolicyId ?? null,
  enabled: rule.enabled,
  lastEvaluation: rule.health ? { ...rule.health, detail: rule.health.detail ?? null } : null,
  nextEvaluationAt: rule.enabled ? rule.nextAt : null,
  ...{ createdBy: rule.createdBy, createdAt: rule.createdAt, updatedAt: rule.updatedAt },
});
