import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import { type Connection, Types } from 'mongoose';
import { DomainError, invalid } from '../../src/common/index.js';
import { SchedulesRepository } from '../../src/schedules/persistence/schedules.repository.js';
import { SchedulePlanner } from '../../src/schedules/schedule-planner.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { type Bench, daily, inboxChannel, messagesOf, prepare, Probe, runsOf, withoutSchedules } from './support.js';

jest.setTimeout(180_000);

let api: TestApp;
let bench: Bench;
let org = '';
let count = 0;
let now = new Date();
const probe = new Probe();
const HOUR = 3_600_000;
beforeAll(async () => {
  api = await startApp({}, 'api');
  bench = prepare(api, probe, () => now);
});
beforeEach(async () => {
  await withoutSchedules(api);
  org = `runs-${++count}`;
  now = new Date('2026-05-04T12:00:00Z');
  probe.reset();
});
afterAll(() => api.close());

const token = (claims = {}): Promise<string> => api.token({ org, sub: 'ana', name: 'Ana', ...claims });
const send = async (method: string, path: string, body?: unknown, claims = {}): Promise<Answer> =>
  api.request(method, path, body, { token: await token(claims) });
const create = async (body: object): Promise<string> => {
  const answer = await send('POST', '/schedules', body);
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.scheduleId;
};
const history = async (scheduleId: string): Promise<Loose[]> => runsOf(api, scheduleId, await token());
const scheduleOf = async (scheduleId: string): Promise<Loose> => (await send('GET', `/schedules/${scheduleId}`)).body;
const sweepAt = async (at: string | Date): Promise<void> => {
  now = new Date(at);
  await bench.sweeper.sweep();
};
const collection = (name: string) => api.app.get<Connection>(getConnectionToken()).collection(name);

describe('a run', () => {
  it('comes at its time, once, and brings what the job says', async () => {
    const scheduleId = await create(daily('a', { target: { kind: 'probe', options: { depth: 3 } } }));
    await sweepAt('2026-05-05T05:59:59Z');
    expect(await history(scheduleId)).toEqual([]);
    probe.doing = () => ({
      summary: 'two reports',
      figures: [{ label: 'Pass rate', value: '97 %', change: '+1' }],
      links: [{ title: 'it', href: '/x' }],
    });
    await sweepAt('2026-05-05T06:00:02Z');
    await sweepAt('2026-05-05T06:00:04Z');
    const [run, ...more] = await history(scheduleId);
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      trigger: 'planned',
      plannedAt: '2026-05-05T06:00:00.000Z',
      status: 'succeeded',
      attempts: 1,
      startedAt: '2026-05-05T06:00:02.000Z',
      durationMs: 0,
      summary: 'two reports',
      figures: [{ label: 'Pass rate', value: '97 %', change: '+1' }],
      links: [{ title: 'it', href: '/x' }],
      error: null,
    });
    expect(probe.asked).toMatchObject([
      {
        occurrenceId: run.runId,
        options: { depth: 3 },
        plannedAt: new Date('2026-05-05T06:00:00Z'),
        timeZone: 'UTC',
        schedule: { scheduleId, name: 'a' },
        principal: { subject: 'ana', organization: org, projects: 'all' },
      },
    ]);
    expect(await scheduleOf(scheduleId)).toMatchObject({
      nextRunAt: '2026-05-06T06:00:00.000Z',
      failuresInRow: 0,
      lastRun: { runId: run.runId, status: 'succeeded' },
    });
    expect((await send('GET', `/schedules/${scheduleId}/runs/${run.runId}`)).body).toEqual(run);
    expect((await send('GET', `/schedules/${scheduleId}/runs?status=failed`)).body.items).toEqual([]);
  });

  it('comes once on each day on which the clocks change', async () => {
    now = new Date('2026-03-27T12:00:00Z');
    const timing = { every: 'day', at: '02:30', timeZone: 'Europe/Berlin' };
    const scheduleId = await create(daily('dst', { timing }));
    for (let i = 0; i < 62; i++) await sweepAt(new Date(now.getTime() + HOUR));
    const spring = (await history(scheduleId)).map(({ plannedAt }: Loose) => plannedAt);
    expect(spring).toEqual(['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z']);
    await sweepAt('2026-10-24T12:00:00Z');
    for (let i = 0; i < 38; i++) await sweepAt(new Date(now.getTime() + HOUR));
    const autumn = (await history(scheduleId)).map(({ plannedAt }: Loose) => plannedAt).slice(-2);
    expect(autumn).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
    expect(new Set(probe.asked.map(({ occurrenceId }) => occurrenceId)).size).toBe(probe.asked.length);
  });

  it.each([
    ['skip', ['skipped', 'skipped', 'skipped']],
    ['once', ['skipped', 'skipped', 'succeeded']],
    ['all', ['skipped', 'succeeded', 'succeeded']],
  ])('that nobody was there for is caught up by %s', async (policy, statuses) => {
    const scheduleId = await create(daily(policy, { catchUp: { policy, max: 2 } }));
    await sweepAt('2026-05-07T12:00:00Z');
    const runs = await history(scheduleId);
    expect(runs.map(({ status }) => status)).toEqual(statuses);
    expect(runs.map(({ plannedAt }) => plannedAt.slice(0, 10))).toEqual(['2026-05-05', '2026-05-06', '2026-05-07']);
    expect(runs.every(({ trigger }) => trigger === 'catch_up')).toBe(true);
    expect(runs[0].note).toContain('left out by the catch-up policy');
    expect(probe.asked.map(({ plannedAt }) => plannedAt)).toEqual(
      [...probe.asked.map(({ plannedAt }) => plannedAt)].sort((a, b) => a.getTime() - b.getTime()),
    );
    expect((await scheduleOf(scheduleId)).nextRunAt).toBe('2026-05-08T06:00:00.000Z');
  });

  it('is planned once, even when the planner is cut off between its two writes', async () => {
    const scheduleId = await create(daily('a'));
    const schedules = api.app.get(SchedulesRepository);
    const { advance } = schedules;
    schedules.advance = () => Promise.reject(new Error('killed'));
    await sweepAt('2026-05-05T06:00:01Z');
    schedules.advance = advance;
    await sweepAt('2026-05-05T06:00:03Z');
    expect((await history(scheduleId)).map(({ status }) => status)).toEqual(['succeeded']);
    expect(probe.asked).toHaveLength(1);
  });

  it('is asked for by hand, also while the schedule is paused, one at a time', async () => {
    const scheduleId = await create(daily('a', { paused: true }));
    const path = `/schedules/${scheduleId}/run`;
    const asked = await send('POST', path);
    expect(asked.status).toBe(202);
    expect(asked.body).toMatchObject({ status: 'pending', trigger: 'manual', requestedBy: 'ana' });
    expect(asked.headers.get('location')).toMatch(new RegExp(`/schedules/${scheduleId}/runs/${asked.body.runId}$`));
    expect((await send('POST', path)).body.code).toBe('run_waiting');
    await sweepAt(new Date(now.getTime() + 2000));
    expect(await history(scheduleId)).toMatchObject([{ status: 'succeeded', runId: asked.body.runId }]);
    expect((await send('POST', path)).status).toBe(202);
  });

  it('is forgotten after 400 days', async () => {
    const scheduleId = await create(daily('a', { paused: true }));
    await send('POST', `/schedules/${scheduleId}/run`);
    await sweepAt('2026-05-04T12:00:01Z');
    const planner = api.app.get(SchedulePlanner);
    now = new Date('2027-06-08T12:00:00Z');
    expect(await planner.prune()).toBe(0);
    now = new Date('2027-06-08T12:00:02Z');
    expect(await planner.prune()).toBe(1);
    expect(await history(scheduleId)).toEqual([]);
  });

  it('that waits when its schedule is paused is skipped, and goes with its schedule', async () => {
    const scheduleId = await create(daily('a'));
    probe.doing = () => {
      throw new DomainError('unavailable', 'busy', 'Busy');
    };
    await sweepAt('2026-05-05T06:00:01Z');
    expect(await history(scheduleId)).toMatchObject([{ status: 'pending' }]);
    await send('POST', `/schedules/${scheduleId}/pause`);
    await sweepAt('2026-05-05T06:02:00Z');
    expect(await history(scheduleId)).toMatchObject([{ status: 'skipped', note: expect.stringContaining('paused') }]);
    await send('POST', `/schedules/${scheduleId}/run`);
    expect((await send('DELETE', `/schedules/${scheduleId}`)).status).toBe(204);
    await sweepAt('2026-05-05T06:03:00Z');
    expect(await collection('schedule_runs').countDocuments({ s: new Types.ObjectId(scheduleId) })).toBe(0);
  });
});

describe('a run that fails', () => {
  const fails = (): never => {
    throw invalid('query_too_broad', 'Too broad');
  };

  it('says why; somebody is told after so many in a row, once, and the schedule is paused after more', async () => {
    const channel = await inboxChannel(api, org, 'ops');
    const onFailure = { alertAfter: 2, pauseAfter: 3, channels: [channel] };
    const scheduleId = await create(daily('a', { onFailure }));
    probe.doing = fails;
    await sweepAt('2026-05-05T06:00:01Z');
    expect(await history(scheduleId)).toMatchObject([
      { status: 'failed', error: { code: 'query_too_broad', detail: 'Too broad' }, attempts: 1 },
    ]);
    expect(await messagesOf(api, org)).toEqual([]);
    await sweepAt('2026-05-06T06:00:01Z');
    const kinds = async (): Promise<string[]> => (await messagesOf(api, org)).map(({ kind }) => kind);
    expect(await kinds()).toEqual(['schedule_failed', 'schedule_failed']);
    expect((await scheduleOf(scheduleId)).failuresInRow).toBe(2);
    await sweepAt('2026-05-07T06:00:01Z');
    expect(await kinds()).toHaveLength(4);
    expect(await scheduleOf(scheduleId)).toMatchObject({
      state: 'paused',
      nextRunAt: null,
      pausedReason: 'Paused after 3 failed runs in a row',
    });
    await sweepAt('2026-05-09T06:00:01Z');
    expect(await history(scheduleId)).toHaveLength(3);
    probe.doing = () => ({ summary: 'well again' });
    await send('POST', `/schedules/${scheduleId}/resume`);
    await sweepAt('2026-05-10T06:00:01Z');
    expect((await scheduleOf(scheduleId)).failuresInRow).toBe(0);
    const audit = await send('GET', `/audit-log?target=schedule:${scheduleId}`);
    expect(audit.body.items.map(({ action, actor }: Loose) => [action, actor.kind])).toContainEqual([
      'schedule.paused',
      'system',
    ]);
  });

  it('pauses and counts nothing where the schedule was repaired meanwhile', async () => {
    const scheduleId = await create(daily('a', { onFailure: { alertAfter: 5, pauseAfter: 2 } }));
    probe.doing = fails;
    await sweepAt('2026-05-05T06:00:01Z');
    expect((await scheduleOf(scheduleId)).failuresInRow).toBe(1);
    probe.doing = async () => {
      await send('PATCH', `/schedules/${scheduleId}`, { target: { kind: 'probe', options: { repaired: true } } });
      return fails();
    };
    await sweepAt('2026-05-06T06:00:01Z');
    const repaired = await scheduleOf(scheduleId);
    expect(repaired).toMatchObject({ state: 'active', failuresInRow: 1, nextRunAt: '2026-05-07T06:00:00.000Z' });
    expect(repaired.lastRun).toMatchObject({ status: 'failed', runId: (await history(scheduleId))[1].runId });
    const audit = await send('GET', `/audit-log?target=schedule:${scheduleId}`);
    expect(audit.body.items.map(({ action }: Loose) => action)).not.toContain('schedule.paused');
    probe.doing = async () => {
      await send('PATCH', `/schedules/${scheduleId}`, { description: 'well again' });
      return { summary: 'done' };
    };
    await sweepAt('2026-05-07T06:00:01Z');
    expect(await scheduleOf(scheduleId)).toMatchObject({ state: 'active', failuresInRow: 0 });
  });

  it('says who paused it, where somebody did while it ran', async () => {
    const scheduleId = await create(daily('a', { onFailure: { pauseAfter: 1 } }));
    probe.doing = async () => {
      await send('POST', `/schedules/${scheduleId}/pause`);
      return fails();
    };
    await sweepAt('2026-05-05T06:00:01Z');
    expect(await scheduleOf(scheduleId)).toMatchObject({ state: 'paused', pausedReason: 'Paused by Ana' });
  });

  it('is tried again while something is away, and after that fails without telling secrets', async () => {
    const scheduleId = await create(daily('a'));
    probe.doing = () => {
      throw new TypeError('a secret of the code');
    };
    await sweepAt('2026-05-05T06:00:01Z');
    await sweepAt('2026-05-05T06:00:30Z');
    expect(await history(scheduleId)).toMatchObject([{ status: 'pending', attempts: 1 }]);
    await sweepAt('2026-05-05T06:01:02Z');
    expect(await history(scheduleId)).toMatchObject([{ status: 'pending', attempts: 2 }]);
    await sweepAt('2026-05-05T06:06:03Z');
    const [run] = await history(scheduleId);
    expect(run).toMatchObject({ status: 'failed', attempts: 3, error: { code: 'internal' } });
    expect(JSON.stringify(run)).not.toContain('secret');
    expect(new Set(probe.asked.map(({ occurrenceId }) => occurrenceId)).size).toBe(1);
  });

  it('is given up when it ends its process again and again', async () => {
    const scheduleId = await create(daily('a'));
    await send('POST', `/schedules/${scheduleId}/run`);
    await collection('schedule_runs').updateOne({ s: new Types.ObjectId(scheduleId) }, { $set: { attempts: 5 } });
    await sweepAt(new Date(now.getTime() + 1000));
    expect(await history(scheduleId)).toMatchObject([{ status: 'failed', error: { code: 'gave_up' } }]);
    expect(probe.asked).toEqual([]);
  });

  it('fails when the rights of its owner are gone: a key revoked, a permission lost', async () => {
    const permissions = ['schedules:write', 'schedules:read', 'exports:write'];
    const key = await send('POST', '/api-keys', { name: 'nightly', permissions });
    const byKey = await api.post('/schedules', daily('by key'), { token: key.body.key });
    const byPerson = await create(daily('by person'));
    await sweepAt('2026-05-05T06:00:01Z');
    expect(await history(byKey.body.scheduleId)).toMatchObject([{ status: 'succeeded' }]);
    await send('DELETE', `/api-keys/${key.body.keyId}`);
    await collection('schedules').updateOne(
      { _id: new Types.ObjectId(byPerson) },
      { $set: { 'owner.roles': ['viewer'] } },
    );
    await sweepAt('2026-05-06T06:00:01Z');
    expect((await history(byKey.body.scheduleId)).at(-1)).toMatchObject({
      status: 'failed',
      error: { code: 'rights_gone', detail: 'The API key nightly is revoked' },
    });
    expect((await history(byPerson)).at(-1)).toMatchObject({
      status: 'failed',
      error: { code: 'rights_gone', detail: 'Ana has no longer the permission exports:write' },
    });
    expect(probe.asked).toHaveLength(2);
    expect((await send('PATCH', `/schedules/${byPerson}`, { name: 'saved again' })).status).toBe(200);
    await sweepAt('2026-05-07T06:00:01Z');
    expect((await history(byPerson)).at(-1)).toMatchObject({ status: 'succeeded' });
  });
});
