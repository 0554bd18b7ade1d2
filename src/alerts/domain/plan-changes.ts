import { type AlertPolicy, type AlertState, type Effect, isOpen, newAlert } from './alert.js';
import type { EscalationPlan } from './escalation.js';
import { type Evaluation, judge } from './judge.js';
import { labelsOf } from './labels.js';
import type { Reading } from './reading.js';
import { type AlertInput, nextChangeAt, reduceAlert } from './reduce-alert.js';
import { type AlertRule, type Group, groupKey, type RuleHealth } from './rule.js';
import type { StoredAlert } from './stored-alert.js';

/** How the reading of a rule went. */
export type RuleOutcome =
  | { readonly kind: 'readings'; readonly readings: readonly Reading[] }
  | { readonly kind: 'error'; readonly detail: string };

/** An alert that has become another, with what has to be told of it. */
export interface AlertChange {
  readonly rule: AlertRule;
  readonly before?: StoredAlert;
  /** Its version is one more than that of `before`. */
  readonly after: StoredAlert;
  readonly effects: readonly Effect[];
}

export interface RulePlan {
  readonly changes: readonly AlertChange[];
  /** Nothing but the figures is new. */
  readonly quiet: readonly StoredAlert[];
  readonly states: readonly AlertState[];
  readonly health: RuleHealth;
}

export const policyOf = (rule: AlertRule, escalation: EscalationPlan | undefined): AlertPolicy => ({
  forMs: rule.forMs,
  keepFiringForMs: rule.keepFiringForMs,
  cooldownMs: rule.cooldownMs,
  ...(escalation && { escalation }),
});

interface Evaluated {
  readonly key: string;
  readonly group: Group;
  readonly evaluation: Evaluation;
}

/** The whole rule, where it has groups but there is nothing to group. */
const NO_GROUP: Group = {};

/** What the outcome says of each group that has a value or an alert. */
const evaluationsOf = (rule: AlertRule, outcome: RuleOutcome, alerts: readonly StoredAlert[]): Evaluated[] => {
  const nothing: Evaluation | undefined =
    outcome.kind === 'error'
      ? { kind: 'error', answer: rule.onError }
      : outcome.readings.length === 0
        ? { kind: 'no_data', answer: rule.onNoData }
        : undefined;
  if (nothing) return evaluationsOfNothing(rule, nothing, alerts);
  const readings = outcome.kind === 'readings' ? outcome.readings : [];
  const present = new Map(
    readings.map(({ group, figure }): [string, Evaluated] => {
      const key = groupKey(group);
      return [key, { key, group, evaluation: judge(rule, figure) }];
    }),
  );
  const absent = alerts
    .filter((alert) => !present.has(alert.groupKey))
    .map(({ groupKey: key, group }): Evaluated => ({ key, group, evaluation: { kind: 'vanished' } }));
  return [...present.values(), ...absent];
};

/** No series at all: one alert says so, whatever the groups are; those that are known stay as they are meanwhile. */
const evaluationsOfNothing = (
  rule: AlertRule,
  nothing: Extract<Evaluation, { kind: 'no_data' | 'error' }>,
  alerts: readonly StoredAlert[],
): Evaluated[] => {
  const isWhole = rule.groupBy.length === 0;
  const known = alerts.map(({ groupKey: key, group }): Evaluated => {
    const stays = nothing.answer === 'alert' && !isWhole && key !== '';
    return { key, group, evaluation: stays ? { ...nothing, answer: 'keep_last' } : nothing };
  });
  if (nothing.answer !== 'alert' || known.some(({ key }) => key === '')) return known;
  return [...known, { key: '', group: NO_GROUP, evaluation: nothing }];
};

const isSame = (a: AlertState, b: AlertState): boolean => JSON.stringify(a) === JSON.stringify(b);

export const thresholdsOf = ({ warning, critical }: AlertRule): StoredAlert['thresholds'] => ({
  ...(warning !== undefined && { warning }),
  ...(critical !== undefined && { critical }),
});

/** The alert in a state, called and labelled as the rule says now. */
export const inState = (
  rule: AlertRule,
  before: StoredAlert | undefined,
  place: { readonly alertId: string; readonly group: Group; readonly groupText: string },
  state: AlertState,
  at: Date,
): StoredAlert => {
  const { group } = place;
  return {
    ...before,
    ...place,
    organization: rule.organization,
    ruleId: rule.ruleId,
    ruleName: rule.name,
    severity: rule.severity,
    groupKey: groupKey(group),
    labels: labelsOf(rule, group),
    thresholds: thresholdsOf(rule),
    projects: group.project === undefined ? rule.projects : [group.project],
    state,
    version: (before?.version ?? 0) + 1,
    evaluatedAt: at,
  };
};

/** Runs one input through the reducer; undefined where nothing at all is new. */
export const applyInput = (
  rule: AlertRule,
  alert: StoredAlert,
  input: AlertInput,
  policy: AlertPolicy,
  now: Date,
): AlertChange | undefined => {
  const { state, effects } = reduceAlert(alert.state, input, now, policy);
  if (effects.length === 0 && isSame(state, alert.state)) return undefined;
  return { rule, before: alert, after: inState(rule, alert, alert, state, now), effects };
};

/** Ends an alert whose rule is gone, as it was called and labelled last; undefined where there is nothing to end. */
export const endWithoutRule = (
  alert: StoredAlert,
  reason: 'rule_disabled' | 'rule_deleted',
  now: Date,
): Omit<AlertChange, 'rule'> | undefined => {
  const policy = { forMs: 0, keepFiringForMs: 0, cooldownMs: 0 };
  const { state, effects } = reduceAlert(alert.state, { kind: 'resolve', reason }, now, policy);
  if (effects.length === 0) return undefined;
  return { before: alert, after: { ...alert, state, version: alert.version + 1, evaluatedAt: now }, effects };
};

/** Rounds take seconds. What is further ahead than this is a clock that was set back, and nothing waits for it. */
export const LONGEST_ROUND_MS = 10 * 60_000;

/** Whether a round that began later has already written one of the alerts: what an earlier one read is out of date. */
export const isOvertaken = (alerts: readonly Pick<StoredAlert, 'evaluatedAt'>[], at: Date): boolean =>
  alerts.some(({ evaluatedAt }) => {
    const ahead = evaluatedAt.getTime() - at.getTime();
    return ahead > 0 && ahead <= LONGEST_ROUND_MS;
  });

/** What an outcome makes of the alerts of a rule. Groups that have nothing wrong and no alert leave no trace. */
export const planChanges = (
  rule: AlertRule,
  outcome: RuleOutcome,
  alerts: readonly StoredAlert[],
  context: { readonly policy: AlertPolicy; readonly at: Date; readonly newId: () => string },
): RulePlan => {
  const { policy, at, newId } = context;
  const known = new Map(alerts.map((alert) => [alert.groupKey, alert]));
  const changes: AlertChange[] = [];
  const quiet: StoredAlert[] = [];
  const states: AlertState[] = [];
  for (const { key, group, evaluation } of evaluationsOf(rule, outcome, alerts)) {
    const before = known.get(key);
    const { state, effects } = reduceAlert(before?.state ?? newAlert(at), evaluation, at, policy);
    states.push(state);
    const place = before ?? { alertId: '', group, groupText: textOf(group) };
    if (effects.length > 0) {
      const alertId = before?.alertId ?? newId();
      changes.push({
        rule,
        ...(before && { before }),
        after: inState(rule, before, { ...place, alertId }, state, at),
        effects,
      });
    } else if (before && !isSame(before.state, state)) quiet.push({ ...before, state, evaluatedAt: at });
  }
  return { changes, quiet, states, health: healthOf(outcome, at) };
};

const healthOf = (outcome: RuleOutcome, at: Date): RuleHealth =>
  outcome.kind === 'error'
    ? { at, status: 'error', detail: outcome.detail, groups: 0 }
    : { at, status: outcome.readings.length === 0 ? 'no_data' : 'ok', groups: outcome.readings.length };

/** `suite checkout, branch main`; empty without groups. */
export const textOf = (group: Group): string =>
  Object.entries(group)
    .map(([name, value]) => `${name} ${value === '' ? '(none)' : value}`)
    .join(', ');

const MINUTE = 60_000;
/** An alert that is on is looked at again although nothing comes in: its window goes on without it. */
const OPEN_RECHECK_MS = 5 * MINUTE;
const NO_DATA_RECHECK_MS = 15 * MINUTE;
const HEARTBEAT_MS = 60 * MINUTE;

/** When a rule is evaluated next, whatever comes in until then. */
export const nextEvaluationAt = (rule: AlertRule, states: readonly AlertState[], now: Date): Date => {
  const time = now.getTime();
  const deadlines = states.flatMap((state) => nextChangeAt(state, rule) ?? []).filter((at) => at > now);
  const isOn = states.some((state) => isOpen(state) || state.status === 'pending');
  const recheck = isOn ? OPEN_RECHECK_MS : rule.onNoData === 'alert' ? NO_DATA_RECHECK_MS : HEARTBEAT_MS;
  const { everyMs } = rule;
  const regular = everyMs === undefined ? time + recheck : (Math.floor(time / everyMs) + 1) * everyMs;
  return new Date(Math.min(regular, ...deadlines.map((at) => at.getTime())));
};
