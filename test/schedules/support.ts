import { Readable } from 'node:stream';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { type Principal, StoredPrincipals } from '../../src/auth/index.js';
import { Clock, notFound } from '../../src/common/index.js';
import { ChannelsService } from '../../src/notifications/index.js';
import { type JobContext, type JobOutcome, ScheduledJobs } from '../../src/schedules/index.js';
import { ScheduleSweeper } from '../../src/schedules/schedule-sweeper.js';
import type { Answer, Loose, TestApp } from '../support/app.js';

/** A job whose doing each test decides; it remembers what it was asked. */
export class Probe {
  readonly asked: JobContext[] = [];
  readonly opened: string[] = [];
  /** Files whose links are void. */
  readonly revoked = new Set<string>();
  doing: (context: JobContext) => Promise<JobOutcome> | JobOutcome = () => ({ summary: 'done' });
  files = new Map<string, string>();

  reset(): void {
    this.asked.length = 0;
    this.opened.length = 0;
    this.files.clear();
    this.revoked.clear();
    this.doing = () => ({ summary: 'done' });
  }

  registerIn(api: TestApp): void {
    api.app.get(ScheduledJobs).register('probe', {
      title: 'A probe',
      description: 'Does what the test says',
      example: {},
      permission: 'exports:write',
      validate: (_, options) => options,
      preview: () =>
        Promise.resolve({
          summary: 'as it would be',
          files: [{ name: 'a.csv', contentType: 'text/csv', bytes: 7, ref: 'a' }],
        }),
      run: async (context) => {
        this.asked.push(context);
        return this.doing(context);
      },
      open: (_, ref, access) => {
        this.opened.push(ref);
        const content = this.files.get(ref);
        if (content === undefined || (access === 'link' && this.revoked.has(ref))) throw notFound('File');
        const bytes = Buffer.from(content);
        return Promise.resolve({
          length: bytes.length,
          etag: `"${ref}-${bytes.length}"`,
          read: ({ first, last }) => Readable.from([bytes.subarray(first, last + 1)]),
        });
      },
    });
  }
}

export interface Bench {
  readonly api: TestApp;
  readonly sweeper: ScheduleSweeper;
}

/**
 * An application whose clock the tests set, with the probe among its jobs. Let it be an `api`: what a dispatcher delivered
 * in the past of such a clock is soon removed by MongoDB, which goes by its own.
 */
export const prepare = (api: TestApp, probe: Probe, now: () => Date): Bench => {
  api.app.get(Clock).now = now;
  probe.registerIn(api);
  return { api, sweeper: api.app.get(ScheduleSweeper) };
};

export const daily = (name: string, more: object = {}): object => ({
  name,
  timing: { every: 'day', at: '06:00' },
  target: { kind: 'probe', options: {} },
  ...more,
});

/** A sweep looks at all organizations: what other tests left would run too. */
export const withoutSchedules = async (api: TestApp): Promise<void> => {
  const connection = api.app.get<Connection>(getConnectionToken());
  for (const name of ['schedules', 'schedule_runs']) await connection.collection(name).deleteMany({});
};

/** Messages that wait in the outbox of an organization. */
export const messagesOf = async (api: TestApp, organization: string): Promise<Loose[]> => {
  const connection = api.app.get<Connection>(getConnectionToken());
  const rows = await connection.collection('notification_deliveries').find({ o: organization }).toArray();
  return rows as Loose[];
};

export const runsOf = async (api: TestApp, scheduleId: string, token: string): Promise<Loose[]> => {
  const { body }: Answer = await api.get(`/schedules/${scheduleId}/runs?limit=200`, { token });
  return [...body.items].reverse();
};

export const adminOf = (api: TestApp, organization: string): Promise<Principal> =>
  api.app
    .get(StoredPrincipals)
    .restore(
      { subject: 'ana', name: 'Ana', organization, kind: 'user', roles: ['admin'], projects: 'all' },
      'runs:read',
    );

/** A channel that needs nobody outside. */
export const inboxChannel = async (api: TestApp, organization: string, name: string): Promise<string> => {
  const admin = await adminOf(api, organization);
  const made = await api.app.get(ChannelsService).create(admin, { name, kind: 'inbox', inbox: { users: ['ben'] } });
  return made.channel.channelId;
};
