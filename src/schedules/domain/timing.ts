import { Cron } from 'croner';
import { LRUCache } from 'lru-cache';
import { invalid, type FieldProblem } from '../../common/index.js';
import type { WallTime } from './local-time.js';

/** When a schedule runs, in its one stored form: five cron fields on the clock of a zone. */
export interface Timing {
  /** minute, hour, day of month, month, day of week; one space between, upper case. */
  readonly cron: string;
  /** IANA zone. */
  readonly timeZone: string;
}

export const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** How clients may say it: `cron`, or `every` with `at` and the days. */
export interface TimingInput {
  readonly cron?: string;
  readonly every?: 'day' | 'week' | 'month';
  /** Local time of day, `HH:MM`. */
  readonly at?: string;
  readonly weekdays?: readonly Weekday[];
  readonly dayOfMonth?: number | 'last';
  readonly timeZone?: string;
}

/** Digits, lists, ranges, steps, names, and of croner's own letters L (last), W (nearest weekday) and # (nth). */
const FIELD = /^[\dA-Z*,/#-]{1,100}$/;
const FIELDS = 5;
const CENTURY_ENDS = Date.UTC(2100, 0, 1);

const crons = new LRUCache<string, Cron>({ max: 500 });

/** A parsed expression. @throws Error of croner */
const parsed = (cron: string): Cron => {
  let known = crons.get(cron);
  // without a zone no clock changes, so the dates it gives out can be read as wall times of any zone
  if (!known) crons.set(cron, (known = new Cron(cron, { utcOffset: 0, mode: '5-part', paused: true })));
  return known;
};

/** The first wall time of an expression after another; undefined where there is none before 2100. */
export const nextWallTime = (cron: string, after: WallTime): WallTime | undefined => {
  const next = parsed(cron).nextRun(new Date(after))?.getTime();
  return next === undefined || next >= CENTURY_ENDS ? undefined : next;
};

/**
 * The stored form of what a client says.
 * @param pointer where it stands in the request
 * @throws DomainError 422 `invalid_timing`
 */
export const toTiming = (input: TimingInput, defaultZone: string, pointer = ''): Timing => {
  const timeZone = input.timeZone ?? defaultZone;
  const problems = problemsOf(input).map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
  if (problems.length > 0) throw invalid('invalid_timing', 'The timing is not valid', problems);
  return { cron: input.cron === undefined ? cronOf(input) : normalCron(input.cron), timeZone };
};

const problemsOf = (input: TimingInput): FieldProblem[] => {
  const { cron, every, at, weekdays, dayOfMonth } = input;
  if ((cron === undefined) === (every === undefined))
    return [{ pointer: '/cron', detail: 'say either cron, or every with at' }];
  const given = (value: unknown): boolean => value !== undefined;
  const rules: readonly (readonly [string, boolean, string])[] = [
    ['/at', given(cron) && given(at), 'cannot stand beside cron'],
    ['/at', given(every) && !given(at), 'is needed with every'],
    ['/weekdays', every === 'week' && !given(weekdays), 'is needed with every week'],
    ['/weekdays', every !== 'week' && given(weekdays), 'belongs to every week'],
    ['/dayOfMonth', every === 'month' && !given(dayOfMonth), 'is needed with every month'],
    ['/dayOfMonth', every !== 'month' && given(dayOfMonth), 'belongs to every month'],
  ];
  const broken = rules.filter(([, isBroken]) => isBroken).map(([pointer, , detail]) => ({ pointer, detail }));
  const why = cron === undefined ? undefined : cronProblem(normalCron(cron));
  return why === undefined ? broken : [...broken, { pointer: '/cron', detail: why }];
};

const normalCron = (cron: string): string => cron.trim().replaceAll(/\s+/g, ' ').toUpperCase();

const cronProblem = (cron: string): string | undefined => {
  const fields = cron.split(' ');
  if (fields.length !== FIELDS || !fields.every((field) => FIELD.test(field)))
    return 'must be five fields: minute, hour, day of month, month, day of week, such as 30 6 * * MON-FRI';
  try {
    if (nextWallTime(cron, Date.UTC(2024, 0, 1)) === undefined) return 'names a date that never comes';
  } catch (error) {
    return `cannot be read: ${(error as Error).message.replace(/^CronPattern: /, '')}`;
  }
  return undefined;
};

const cronOf = ({ every, at = '', weekdays = [], dayOfMonth }: TimingInput): string => {
  const [hour, minute] = at.split(':').map(Number);
  const days = [...new Set(weekdays.map((day) => WEEKDAYS.indexOf(day)))].sort((a, b) => a - b);
  const [date, weekday] = {
    day: ['*', '*'],
    week: ['*', days.join(',')],
    month: [dayOfMonth === 'last' ? 'L' : String(dayOfMonth), '*'],
  }[every ?? 'day'] as [string, string];
  return `${minute} ${hour} ${date} * ${weekday}`;
};
