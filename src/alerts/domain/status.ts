import { ALERT_STATES, type AlertStatus } from './alert.js';
import { SEVERITIES, type Severity } from './rule.js';

export const OVERALL = ['ok', 'warning', 'critical', 'unknown'] as const;
export type Overall = (typeof OVERALL)[number];

/** What can be asked for: a status, or what is beside it. */
export const VIEW_STATES = [...ALERT_STATES, 'acknowledged', 'snoozed', 'suppressed'] as const;
export type ViewState = (typeof VIEW_STATES)[number];

export interface CountedAlerts {
  readonly status: AlertStatus;
  readonly severity: Severity;
  readonly level: 'warning' | 'critical' | null;
  readonly acknowledged: boolean;
  readonly snoozed: boolean;
  readonly count: number;
}

export interface StatusCounts {
  readonly byState: Readonly<Record<ViewState, number>>;
  /** Of those that are firing or recovering. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly total: number;
}

const isOn = ({ status }: CountedAlerts): boolean => status === 'firing' || status === 'recovering';
const sum = (counts: readonly CountedAlerts[]): number => counts.reduce((total, { count }) => total + count, 0);

/** @param suppressed how many of the open alerts are muted */
export const countsOf = (counts: readonly CountedAlerts[], suppressed: number): StatusCounts => {
  const ofStatus = (status: AlertStatus): number => sum(counts.filter((one) => one.status === status));
  const states = Object.fromEntries(ALERT_STATES.map((status) => [status, ofStatus(status)]));
  const severities = SEVERITIES.map((severity) => [
    severity,
    sum(counts.filter((one) => isOn(one) && one.severity === severity)),
  ]);
  return {
    byState: {
      ...(states as Record<AlertStatus, number>),
      acknowledged: sum(counts.filter((one) => isOn(one) && one.acknowledged)),
      snoozed: sum(counts.filter((one) => isOn(one) && one.snoozed)),
      suppressed,
    },
    bySeverity: Object.fromEntries(severities) as Record<Severity, number>,
    total: sum(counts),
  };
};

/**
 * The worst level of what is on, muted or not. `unknown` where no rule has been evaluated with a result, or where nothing
 * is on and a rule fails: silence is not the same as health.
 */
export const overallOf = (
  counts: readonly CountedAlerts[],
  health: { readonly rules: number; readonly evaluated: number; readonly failing: number },
): Overall => {
  const on = counts.filter((one) => isOn(one) && one.count > 0);
  if (on.some(({ level }) => level === 'critical')) return 'critical';
  if (on.length > 0) return 'warning';
  return health.rules === 0 || health.evaluated === 0 || health.failing > 0 ? 'unknown' : 'ok';
};
