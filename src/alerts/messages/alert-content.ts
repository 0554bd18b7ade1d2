import type { MetricUnit } from '../../metrics/index.js';
import { type MessageContent, type MessageLine, oneLine } from '../../notifications/index.js';
import { isOpen } from '../domain/alert.js';
import type { NoticeReason } from '../domain/notice-group.js';
import type { Condition } from '../domain/rule.js';
import type { StoredAlert } from '../domain/stored-alert.js';
import { agoText, figureText, sampleText } from '../domain/texts.js';
import type { AlertMessage } from '../notices/alert-message.js';
import type { LinkAction } from './action-links.service.js';

/** One alert of a message with everything that is said of it. */
export interface DescribedAlert {
  readonly alert: StoredAlert;
  /** Of the rule; undefined where it is gone. */
  readonly condition: Condition | undefined;
  readonly unit: MetricUnit;
  readonly links: {
    readonly alert: string;
    readonly run?: string;
    readonly report?: string;
    readonly drilldown?: string;
  } & Readonly<Partial<Record<LinkAction, string>>>;
  /** `2 other alerts share the commit abc123`. */
  readonly shared?: string;
}

export interface AlertContentInput {
  readonly message: AlertMessage;
  readonly firing: readonly DescribedAlert[];
  readonly resolved: readonly DescribedAlert[];
  readonly now: Date;
  /** Where all alerts stand. */
  readonly href: string;
}

/** Of each list of a webhook: as many as there is room for, since a body that is too long loses the whole list. */
const WEBHOOK_ALERTS = 10;
const WEBHOOK_BYTES = 16_000;

const BUTTONS: readonly (readonly [LinkAction, string])[] = [
  ['acknowledge', 'Acknowledge'],
  ['snooze', 'Snooze for 4 hours'],
  ['resolve', 'Resolve'],
  ['comment', 'Comment'],
];

const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const nameOf = ({ alert }: DescribedAlert): string =>
  oneLine(alert.groupText === '' ? alert.ruleName : `${alert.ruleName} (${alert.groupText})`);

const stateText = (described: DescribedAlert): string => {
  const { alert, condition, unit } = described;
  const { status, figure, cause, level } = alert.state;
  const threshold = alert.thresholds[level ?? 'critical'] ?? alert.thresholds.critical ?? alert.thresholds.warning;
  return figureText({ status, condition, unit, threshold, figure, cause });
};

const RESOLVED_TEXT: Readonly<Record<string, string>> = {
  recovered: 'it has recovered',
  vanished: 'it has no results any more',
  no_data: 'there are no results any more, which is fine for this rule',
  error_over: 'the evaluation fails, which is fine for this rule',
  manual: 'somebody resolved it',
  rule_changed: 'the rule was changed',
  rule_disabled: 'the rule was switched off',
  rule_deleted: 'the rule was deleted',
};

const titleOf = ({ message, firing, resolved }: AlertContentInput): string => {
  const { counts } = message;
  const about = firing[0] ?? resolved[0];
  const name = about ? nameOf(about) : 'Alerts';
  const others = (n: number): string => (n > 1 ? ` and ${n - 1} more` : '');
  const titles: Readonly<Record<NoticeReason, string>> = {
    first: `[Firing] ${name}${others(counts.firing)}`,
    new_in_group: `[New] ${name}${others(counts.firing)}`,
    resolved: `[Resolved] ${name}${others(counts.resolved)}`,
    all_resolved: `[All resolved] ${name}${others(counts.resolved)}`,
    repeat: `[Still firing] ${name}${others(counts.firing)}`,
    escalated: `[Escalated] ${name}`,
  };
  return titles[message.reason];
};

const summaryOf = (input: AlertContentInput): string => {
  const { message, firing, resolved } = input;
  const { counts, escalation, reason } = message;
  const [first] = firing;
  if (reason === 'escalated' && first && escalation)
    return `Nobody has acknowledged it: level ${escalation.level} of "${escalation.policy}". ${capital(stateText(first))}.`;
  if (first && counts.firing === 1 && counts.resolved === 0) return `${capital(stateText(first))}.`;
  const [ended] = resolved;
  if (ended && counts.firing === 0 && counts.resolved === 1) {
    const still = counts.open > 0 ? ` ${plural(counts.open, 'alert')} of the group still firing.` : '';
    return `${capital(RESOLVED_TEXT[ended.alert.state.resolveReason ?? ''] ?? 'it is over')}.${still}`;
  }
  const parts = [
    ...(counts.firing > 0 ? [`${plural(counts.firing, 'alert')} firing`] : []),
    ...(counts.resolved > 0 ? [`${plural(counts.resolved, 'alert')} resolved`] : []),
    `${counts.open} of the group open`,
  ];
  return `${parts.join(', ')}.`;
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

type Fact = NonNullable<MessageContent['facts']>[number];

/** What, since when, how bad, who is behind it: of one alert. */
const factsOf = (described: DescribedAlert, now: Date): Fact[] => {
  const { alert, unit, links, shared } = described;
  const { figure, firingSince, since, resolvedAt } = alert.state;
  const begin = firingSince ?? since;
  const { culprit } = alert;
  const facts: Fact[] = [
    { label: 'Severity', text: alert.state.level === 'warning' ? `${alert.severity} (warning)` : alert.severity },
    { label: 'Since', text: `${begin.toISOString()} (${agoText(begin, resolvedAt ?? now)})` },
    ...(figure ? [{ label: 'Rests on', text: sampleText(figure, unit) }] : []),
    ...(culprit
      ? [
          {
            label: 'Suspected run',
            text: `${culprit.runName ?? culprit.runId}: ${culprit.failuresOfRun} of ${plural(culprit.failures, 'failure')}`,
            ...(links.run !== undefined && { href: links.run }),
          },
        ]
      : []),
    ...(culprit && culprit.commit !== ''
      ? [{ label: 'Commit', text: `${culprit.commit} on ${culprit.branch || 'no branch'}` }]
      : []),
    ...(culprit?.error !== undefined ? [{ label: 'Error', text: culprit.error }] : []),
    ...(culprit?.testName !== undefined ? [{ label: 'For example in', text: culprit.testName }] : []),
    ...(shared !== undefined ? [{ label: 'Shared cause', text: shared }] : []),
    ...(links.report !== undefined ? [{ label: 'Report', text: 'figures of the window', href: links.report }] : []),
    ...(links.drilldown !== undefined
      ? [{ label: 'Drill-down', text: 'the results behind it', href: links.drilldown }]
      : []),
  ];
  // names and errors are whatever the tests say: none of them makes a line of its own
  return facts.map((fact) => ({ ...fact, text: oneLine(fact.text) }));
};

const lineOf = (described: DescribedAlert): MessageLine => {
  const { alert, links } = described;
  const reason = alert.state.resolveReason;
  const text = isOpen(alert.state) ? stateText(described) : (RESOLVED_TEXT[reason ?? ''] ?? 'it is over');
  return { text: `${nameOf(described)}: ${text}`, href: links.alert };
};

const toData = (described: DescribedAlert) => {
  const { alert, links } = described;
  const { state, culprit } = alert;
  return {
    ...{ alertId: alert.alertId, ruleId: alert.ruleId, ruleName: alert.ruleName, group: alert.group },
    ...{ severity: alert.severity, state: state.status, level: state.level, cause: state.cause },
    ...{ episode: state.episode, since: state.firingSince ?? state.since, resolveReason: state.resolveReason ?? null },
    ...{ value: state.figure?.value ?? null, n: state.figure?.n ?? 0 },
    ...{ low: state.figure?.low ?? null, high: state.figure?.high ?? null },
    expected: { ...state.figure?.expected, ...alert.thresholds },
    text: stateText(described),
    culprit: culprit
      ? { runId: culprit.runId, commit: culprit.commit, branch: culprit.branch, error: culprit.error }
      : null,
    links,
  };
};

/** As many as there is room for, in their order. */
const fitting = <T>(all: readonly T[], room: number): T[] => {
  let bytes = 2;
  return all.filter((one) => (bytes += bytesOf(one) + 1) <= room);
};

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

const toneOf = ({ message, firing }: AlertContentInput): MessageContent['tone'] => {
  if (message.counts.firing === 0) return 'good';
  return firing.every(({ alert }) => alert.state.level === 'warning') ? 'warning' : 'bad';
};

/** Everything that a message about alerts says, as plain text: what shows it escapes it. */
export const alertContent = (input: AlertContentInput): MessageContent => {
  const { message, firing, resolved, now, href } = input;
  const [first] = firing;
  const main = first ?? resolved[0];
  const listed = firing.length + resolved.length > 1;
  const sections = [
    { title: 'Firing', lines: listed ? firing.map(lineOf) : [] },
    { title: 'Resolved', lines: listed ? resolved.map(lineOf) : [] },
  ].filter(({ lines }) => lines.length > 0);
  const actions = BUTTONS.flatMap(([action, label]) => {
    const link = first?.links[action];
    return link === undefined ? [] : [{ label, href: link }];
  });
  const inFull = fitting(firing.slice(0, WEBHOOK_ALERTS).map(toData), WEBHOOK_BYTES);
  const room = WEBHOOK_BYTES - bytesOf(inFull);
  return {
    title: titleOf(input),
    tone: toneOf(input),
    summary: summaryOf(input),
    facts: main ? factsOf(main, now) : [],
    sections,
    actions,
    href: main && !listed ? main.links.alert : href,
    footer: 'You get this because a rule names this channel.',
    webhook: {
      type: `alert.${message.reason}`,
      data: {
        reason: message.reason,
        labels: message.labels,
        counts: message.counts,
        ...(message.escalation && { escalation: message.escalation }),
        firing: inFull,
        resolved: fitting(resolved.slice(0, WEBHOOK_ALERTS).map(toData), room),
      },
    },
  };
};
