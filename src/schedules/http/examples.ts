import { SCHEDULE_ID, SCHEDULE_RUN_ID } from './fields.js';

export const SCHEDULE_ID_PARAM = {
  name: 'scheduleId',
  description: 'Id of the schedule',
  example: SCHEDULE_ID,
} as const;
export const RUN_ID_PARAM = { name: 'runId', description: 'Id of the run', example: SCHEDULE_RUN_ID } as const;
export const INDEX_PARAM = {
  name: 'index',
  description: 'Place of the file in `files`, from 0',
  schema: { type: 'integer', minimum: 0, example: 0 },
} as const;

const REPORT = {
  kind: 'report',
  options: { window: 'previous_week', request: { type: 'summary', filter: { projects: ['demo'] } } },
} as const;

export const CREATE_EXAMPLES = {
  weekly: {
    summary: 'Last week, each Monday morning, to the inbox of its owner',
    value: {
      name: 'Weekly quality',
      description: 'For the Monday meeting',
      timing: { every: 'week', weekdays: ['monday'], at: '06:30', timeZone: 'Europe/Berlin' },
      target: REPORT,
      delivery: { notifyOwner: true },
      onFailure: { alertAfter: 2, pauseAfter: 5 },
    },
  },
  cron: {
    summary: 'By cron, on working days',
    value: {
      name: 'Trend of the pass rate',
      timing: { cron: '0 7 * * MON-FRI', timeZone: 'America/New_York' },
      target: { kind: 'trend', options: { metrics: ['pass_rate'], filter: { projects: ['demo'] } } },
    },
  },
} as const;

export const UPDATE_EXAMPLES = {
  timing: {
    summary: 'Another time; everything else stays',
    value: { timing: { every: 'day', at: '07:00', timeZone: 'Europe/Berlin' } },
  },
  delivery: {
    summary: 'Tell the owner, and keep quiet about failures',
    value: { delivery: { notifyOwner: true }, onFailure: { alertAfter: 5 } },
  },
} as const;

export const PREVIEW_EXAMPLES = {
  month: {
    summary: 'The last day of each month',
    value: { timing: { every: 'month', dayOfMonth: 'last', at: '18:00', timeZone: 'UTC' }, target: REPORT, count: 3 },
  },
} as const;
