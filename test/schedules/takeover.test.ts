import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { DomainError } from '../../src/common/index.js';
import type { JobOutcome } from '../../src/schedules/index.js';
import { LEASE_MS } from '../../src/schedules/persistence/schedule-leases.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { type Bench, daily, inboxChannel, messagesOf, prepare, Probe, runsOf, withoutSchedules } from './support.js';

jest.setTimeout(180_000);

const HOUR = 3_600_000;
let [first, second]: Bench[] = [];
let apis: TestApp[] = [];
let api: TestApp;
let org = '';
let count = 0;
let now = new Date();
const probe = new Probe();
const other = new Probe();
beforeAll(async () => {
  apis = [await startApp({}, 'api'), await startApp({}, 'api')];
  api = apis[0]!;
  first = prepare(api, probe, () => now);
  second = prepare(apis[1]!, other, () => now);
});
beforeEach(async () => {
  await withoutSchedules(api);
  org = `takeover-${++count}`;
  now = new Date('2026-05-04T12:00:00Z');
  probe.reset();
  other.reset();
});
afterAll(async () => {
  for (const one of apis) await one.close();
});

const create = async (body: object): Promise<string> => {
  const answer = await api.post('/schedules', body, { token: await api.token({ org }) });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.scheduleId;
};
const history = async (scheduleId: string): Promise<Loose[]> => runsOf(api, scheduleId, await api.token({ org }));

/** Begins a run that ends when it is told to. */
const hangs = (): { readonly began: Promise<unknown>; end: (outcome: JobOutcome) => void } => {
  const { promise: began, resolve: begin } = Promise.withResolvers<unknown>();
  const { promise, resolve: end } = Promise.withResolvers<JobOutcome>();
  probe.doing = () => {
    begin(undefined);
    return promise;
  };
  return { began, end };
};

describe('two workers', () => {
  it('run each occurrence once, and none is lost', async () => {
    const channel = await inboxChannel(api, org, 'ops');
    const delivery = { channels: [channel] };
    const schedules = [
      await create(daily('hourly', { timing: { cron: '0 * * * *' }, delivery })),
      await create(daily('twice', { timing: { cron: '30 */12 * * *', timeZone: 'Europe/Berlin' }, delivery })),
      await create(
        daily('missed', { timing: { cron: '*/20 * * * *' }, catchUp: { policy: 'all', max: 12 }, delivery }),
      ),
    ];
    for (let i = 0; i < 12; i++) {
      now = new Date(now.getTime() + HOUR);
      await Promise.all([first!.sweeper.sweep(), second!.sweeper.sweep()]);
    }
    const runs = (await Promise.all(schedules.map(history))).flat();
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'succeeded'));
    expect(runs).toHaveLength(12 + 1 + 12 * 3);
    const asked = [...probe.asked, ...other.asked].map(({ occurrenceId }) => occurrenceId);
    expect(asked.sort()).toEqual(runs.map(({ runId }) => runId).sort());
    expect(await messagesOf(api, org)).toHaveLength(runs.length);
  });

  it('take over from one that was killed half-way; what it finishes too late does not count', async () => {
    const channel = await inboxChannel(api, org, 'ops');
    const scheduleId = await create(daily('a', { delivery: { channels: [channel] } }));
    const run = hangs();
    now = new Date('2026-05-05T06:00:01Z');
    const killed = first!.sweeper.sweep();
    await run.began;
    other.doing = () => ({ summary: 'by the second' });
    await second!.sweeper.sweep();
    expect(other.asked).toEqual([]);
    now = new Date(now.getTime() + LEASE_MS + 1);
    await second!.sweeper.sweep();
    run.end({ summary: 'by the first' });
    await killed;
    expect(await history(scheduleId)).toMatchObject([{ status: 'succeeded', attempts: 2, summary: 'by the second' }]);
    expect(other.asked.map(({ occurrenceId }) => occurrenceId)).toEqual([probe.asked[0]!.occurrenceId]);
    expect(await messagesOf(api, org)).toHaveLength(1);
    now = new Date('2026-05-06T06:00:01Z');
    await first!.sweeper.sweep();
    expect(await history(scheduleId)).toHaveLength(2);
  });

  it('carry on a run whose end was not stored, under the same key', async () => {
    const channel = await inboxChannel(api, org, 'ops');
    const scheduleId = await create(daily('a', { delivery: { channels: [channel] } }));
    now = new Date('2026-05-05T06:00:01Z');
    const connection = api.app.get<Connection>(getConnectionToken());
    const { transaction } = connection;
    connection.transaction = () => Promise.reject(new Error('killed before the commit'));
    await first!.sweeper.sweep();
    connection.transaction = transaction;
    now = new Date(now.getTime() + 2 * LEASE_MS + 1);
    await second!.sweeper.sweep();
    expect(await history(scheduleId)).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
    expect(other.asked[0]!.occurrenceId).toBe(probe.asked[0]!.occurrenceId);
    expect(await messagesOf(api, org)).toHaveLength(1);
  });

  it('hand back what they are at when they stop', async () => {
    const scheduleId = await create(daily('a'));
    const { promise: began, resolve: begin } = Promise.withResolvers<unknown>();
    other.doing = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new DomainError('unavailable', 'stopped', 'Stopped')));
        begin(undefined);
      });
    now = new Date('2026-05-05T06:00:01Z');
    const sweep = second!.sweeper.sweep();
    await began;
    await second!.sweeper.beforeApplicationShutdown();
    await sweep;
    expect(await history(scheduleId)).toMatchObject([{ status: 'pending', attempts: 0 }]);
    await first!.sweeper.sweep();
    expect(await history(scheduleId)).toMatchObject([{ status: 'succeeded', attempts: 1 }]);
  });
});
