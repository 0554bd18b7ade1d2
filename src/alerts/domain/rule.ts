import type { MetricFilter } from '../../metrics/index.js';

export const CONDITIONS = ['above', 'below', 'outside_expected', 'change_point', 'drops_by', 'new_failures'] as const;
export type Condition = (typeof CONDITIONS)[number];

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const LEVELS = ['warning', 'critical'] as const;
/** Which of the two thresholds is crossed. */
export type Level = (typeof LEVELS)[number];

/** What stands for the answer where there is none: nothing wrong, an alert, or whatever was true before. */
export const ABSENT_ANSWERS = ['ok', 'alert', 'keep_last'] as const;
export type AbsentAnswer = (typeof ABSENT_ANSWERS)[number];

export const GROUP_DIMENSIONS = ['project', 'suite', 'test', 'branch', 'environment'] as const;
export type GroupDimension = (typeof GROUP_DIMENSIONS)[number];

/** The values of the rule's groupBy that one alert is about; empty for a rule without groups. */
export type Group = Readonly<Partial<Record<GroupDimension, string>>>;

export const groupKey = (group: Group): string =>
  GROUP_DIMENSIONS.flatMap((name) => (group[name] === undefined ? [] : [JSON.stringify([name, group[name]])])).join('');

/** How alerts of one channel are put together into messages. */
export interface Grouping {
  /** Labels whose values make a group; alerts that agree in them share messages. */
  readonly by: readonly string[];
  /** From the first alert of a group to its first message, so that what breaks together is told together. */
  readonly waitMs: number;
  /** Between messages about what is new in a group. */
  readonly intervalMs: number;
  /** Until a message is repeated while nothing has changed. */
  readonly repeatMs: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const DEFAULT_GROUPING: Grouping = {
  by: ['rule'],
  waitMs: 30 * SECOND,
  intervalMs: 5 * MINUTE,
  repeatMs: 4 * HOUR,
};

/** What a rule looks at where nothing is said: a day of results; a week for a change of level. */
export const defaultWindowMs = (condition: Condition): number => (condition === 'change_point' ? 7 * DAY : DAY);

/** Everything of a rule that people set. Times in ms. */
export interface RuleSettings {
  readonly name: string;
  readonly description?: string;
  /** Id of the catalogue; `new_failures` for the condition of that name. */
  readonly metric: string;
  readonly filter: MetricFilter;
  readonly windowMs: number;
  /** IANA zone in which the days of a history begin. */
  readonly timeZone: string;
  readonly groupBy: readonly GroupDimension[];
  readonly condition: Condition;
  /** At least one of the two is there. */
  readonly warning?: number;
  readonly critical?: number;
  /** What has to be reached again before it counts as recovered; the milder threshold where it is left out. */
  readonly recovery?: number;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** With fewer outcomes behind a value nothing is decided. */
  readonly minimumSample: number;
  readonly severity: Severity;
  readonly labels: Readonly<Record<string, string>>;
  readonly onNoData: AbsentAnswer;
  readonly onError: AbsentAnswer;
  /** undefined: on every ingested run. */
  readonly everyMs?: number;
  /** After an alert has resolved, so long it does not come back. */
  readonly cooldownMs: number;
  /** Ids of channels. */
  readonly channels: readonly string[];
  readonly grouping: Grouping;
  readonly escalationPolicyId?: string;
  readonly enabled: boolean;
}

/** How the newest evaluation of a rule went. */
export interface RuleHealth {
  readonly at: Date;
  readonly status: 'ok' | 'no_data' | 'error';
  readonly detail?: string;
  /** Groups that had a value. */
  readonly groups: number;
}

export interface AlertRule extends RuleSettings {
  readonly ruleId: string;
  readonly organization: string;
  /** Goes up with each change. */
  readonly version: number;
  /** Keys of the projects it is confined to; empty: every project of the organization. */
  readonly projects: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly health?: RuleHealth;
  /** When it is evaluated next without being asked to; null: by the next run only. */
  readonly nextAt: Date | null;
}

/** The projects that a filter confines itself to by name; none where it names none, or only leaves some out. */
export const projectsNamed = (filter: MetricFilter): readonly string[] =>
  (filter.projects ?? []).filter((name) => !name.startsWith('!'));

/** What of a rule its figures depend on. */
export type ReadableRule = Pick<AlertRule, 'metric' | 'filter' | 'windowMs' | 'timeZone' | 'groupBy' | 'condition'>;
