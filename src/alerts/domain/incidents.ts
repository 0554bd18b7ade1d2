import { createHash } from 'node:crypto';
import type { Severity } from './rule.js';
import { SEVERITIES } from './rule.js';
import type { StoredAlert } from './stored-alert.js';

export const CAUSE_KINDS = ['cluster', 'run', 'commit'] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** What alerts have in common. */
export interface SharedCause {
  readonly kind: CauseKind;
  /** Fingerprint, run id, or commit. */
  readonly value: string;
  readonly project: string;
  /** How many of the incident's alerts name it. */
  readonly alerts: number;
}

/** Alerts of one cause: what has to be repaired once. */
export interface Incident {
  /** Stays the same while its oldest alert is part of it. */
  readonly incidentId: string;
  readonly severity: Severity;
  readonly since: Date;
  /** What most of them share, the closest to the cause first among equals. */
  readonly cause: SharedCause;
  readonly causes: readonly SharedCause[];
  readonly alerts: readonly StoredAlert[];
}

const SEPARATOR = '\u0000';

const causesOf = ({ culprit }: StoredAlert): string[] => {
  if (!culprit) return [];
  const { fingerprint, runId, commit, projectKey } = culprit;
  const keyOf = (kind: CauseKind, value: string | undefined): string[] =>
    value === undefined || value === '' ? [] : [[kind, projectKey, value].join(SEPARATOR)];
  return [...keyOf('cluster', fingerprint), ...keyOf('run', runId), ...keyOf('commit', commit)];
};

/** Alerts that share a cause with each other, directly or over others of them. */
const components = (alerts: readonly StoredAlert[]): StoredAlert[][] => {
  const parent = alerts.map((_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parent[root] !== root) root = parent[root] = parent[parent[root]!]!;
    return root;
  };
  const first = new Map<string, number>();
  alerts.forEach((alert, i) => {
    for (const cause of causesOf(alert)) {
      const other = first.get(cause);
      if (other === undefined) first.set(cause, i);
      else parent[rootOf(i)] = rootOf(other);
    }
  });
  const found = new Map<number, StoredAlert[]>();
  alerts.forEach((alert, i) => found.set(rootOf(i), [...(found.get(rootOf(i)) ?? []), alert]));
  return [...found.values()].filter((members) => members.length > 1);
};

const sharedBy = (alerts: readonly StoredAlert[]): SharedCause[] => {
  const counts = new Map<string, number>();
  for (const alert of alerts) for (const cause of causesOf(alert)) counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count > 1)
    .map(([key, count]) => {
      const [kind, project, value] = key.split(SEPARATOR) as [CauseKind, string, string];
      return { kind, value, project, alerts: count };
    })
    .sort((a, b) => b.alerts - a.alerts || CAUSE_KINDS.indexOf(a.kind) - CAUSE_KINDS.indexOf(b.kind));
};

const sinceOf = ({ state }: StoredAlert): number => (state.firingSince ?? state.since).getTime();

/** Incidents among open alerts, the worst and then the oldest first. An alert that shares nothing is in none. */
export const incidentsOf = (alerts: readonly StoredAlert[]): Incident[] =>
  components(alerts)
    .map((members): Incident => {
      const sorted = [...members].sort((a, b) => sinceOf(a) - sinceOf(b) || (a.alertId < b.alertId ? -1 : 1));
      const [oldest] = sorted as [StoredAlert, ...StoredAlert[]];
      const causes = sharedBy(sorted);
      const rank = Math.max(...sorted.map(({ severity }) => SEVERITIES.indexOf(severity)));
      const id = `${oldest.alertId}.${oldest.state.episode}`;
      return {
        incidentId: createHash('sha256').update(id).digest('hex').slice(0, 24),
        severity: SEVERITIES[rank]!,
        since: new Date(sinceOf(oldest)),
        cause: causes[0]!,
        causes,
        alerts: sorted,
      };
    })
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || a.since.getTime() - b.since.getTime(),
    );
