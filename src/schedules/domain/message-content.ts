import { DateTime } from 'luxon';
import type { MessageContent, MessageLine } from '../../notifications/index.js';
import type { JobOutcome } from './job.js';
import type { RunError, Schedule, ScheduleRun, ScheduleSettings } from './schedule.js';
import { describeTiming } from './describe-timing.js';

/** A file as a message names it; with an address unless it is attached. */
export interface FileLine {
  readonly name: string;
  readonly bytes: number;
  readonly href?: string;
}

type Named = Pick<Schedule, 'scheduleId'> & ScheduleSettings;
type Occurrence = Pick<ScheduleRun, 'runId' | 'plannedAt'>;

const SCHEDULES = '/api/v1/execution-reporting/schedules';

/** What is said of a run that succeeded. */
export const runContent = (
  schedule: Named,
  run: Occurrence,
  { summary, figures = [], links = [] }: JobOutcome,
  files: readonly FileLine[],
  publicUrl: string,
): MessageContent => ({
  title: schedule.name,
  tone: 'neutral',
  summary,
  facts: [
    ...figures.map(({ label, value, change }) => ({
      label,
      text: change === undefined ? value : `${value} (${change})`,
    })),
    { label: 'Planned for', text: localTime(run.plannedAt, schedule) },
  ],
  ...(files.length > 0 && { sections: [{ title: 'Files', lines: files.map(lineOf) }] }),
  actions: links.map(({ title, href }) => ({ label: title, href: absolute(href, publicUrl) })),
  href: runHref(schedule, run, publicUrl),
  footer: footerOf(schedule),
  webhook: {
    type: 'schedule.run.succeeded',
    data: {
      ...idsOf(schedule, run),
      ...{ summary, figures },
      links: links.map(({ title, href }) => ({ title, href: absolute(href, publicUrl) })),
      files,
    },
  },
});

/** What is said when runs fail. */
export const failureContent = (
  schedule: Named & Pick<Schedule, 'failuresInRow' | 'state' | 'pausedReason'>,
  run: Occurrence,
  error: RunError,
  publicUrl: string,
): MessageContent => {
  const paused = schedule.state === 'paused' && schedule.pausedReason !== undefined;
  return {
    title: `${schedule.name} failed`,
    tone: 'bad',
    summary: error.detail + (paused ? `\n${schedule.pausedReason}.` : ''),
    facts: [
      { label: 'Failed runs in a row', text: String(schedule.failuresInRow) },
      { label: 'Planned for', text: localTime(run.plannedAt, schedule) },
      { label: 'Error', text: error.code },
    ],
    href: runHref(schedule, run, publicUrl),
    footer: footerOf(schedule),
    webhook: {
      type: 'schedule.run.failed',
      data: {
        ...idsOf(schedule, run),
        error: { code: error.code, detail: error.detail },
        ...{ failuresInRow: schedule.failuresInRow, paused },
      },
    },
  };
};

const idsOf = ({ scheduleId, name, target }: Named, { runId, plannedAt }: Occurrence) => ({
  ...{ scheduleId, name, kind: target.kind, runId },
  plannedAt: plannedAt.toISOString(),
});

const lineOf = ({ name, bytes, href }: FileLine): MessageLine => ({
  text: `${name} (${sizeOf(bytes)}${href === undefined ? '' : ', the link works for a week'})`,
  ...(href !== undefined && { href }),
});

const sizeOf = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

const localTime = (at: Date, { timing }: Named): string =>
  `${DateTime.fromJSDate(at, { zone: timing.timeZone }).toFormat('yyyy-MM-dd HH:mm')} (${timing.timeZone})`;

const footerOf = (schedule: Named): string =>
  `You get this from the schedule "${schedule.name}". ${describeTiming(schedule.timing)}.`;

const runHref = ({ scheduleId }: Named, { runId }: Occurrence, publicUrl: string): string =>
  `${publicUrl}${SCHEDULES}/${scheduleId}/runs/${runId}`;

const absolute = (href: string, publicUrl: string): string => (href.startsWith('/') ? publicUrl + href : href);
