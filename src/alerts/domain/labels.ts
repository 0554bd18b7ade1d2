import type { AlertRule, Group } from './rule.js';

export type Labels = Readonly<Record<string, string>>;

export const MATCH_OPERATORS = ['=', '!=', 'contains', 'prefix'] as const;
export type MatchOperator = (typeof MATCH_OPERATORS)[number];

/** One condition on a label; a label that is not there has the value ''. */
export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

const holds = ({ label, operator, value }: Matcher, labels: Labels): boolean => {
  const actual = Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
  switch (operator) {
    case '=':
      return actual === value;
    case '!=':
      return actual !== value;
    case 'contains':
      return actual.includes(value);
    case 'prefix':
      return actual.startsWith(value);
  }
};

/** All of them hold; no matchers match nothing, or a slip would mute everything. */
export const matchesAll = (matchers: readonly Matcher[], labels: Labels): boolean =>
  matchers.length > 0 && matchers.every((matcher) => holds(matcher, labels));

/** Names that the service sets itself. */
export const OWN_LABELS = ['rule', 'ruleId', 'metric', 'severity'] as const;

/** What an alert is known by: the rule's labels, those of the service, and the values of its group. */
export const labelsOf = (
  rule: Pick<AlertRule, 'ruleId' | 'name' | 'metric' | 'severity' | 'labels' | 'projects'>,
  group: Group,
): Labels => ({
  ...rule.labels,
  ...(rule.projects.length === 1 && { project: rule.projects[0]! }),
  ...group,
  rule: rule.name,
  ruleId: rule.ruleId,
  metric: rule.metric,
  severity: rule.severity,
});
