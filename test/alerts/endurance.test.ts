import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Collector, TestClock } from '../notifications/support.js';
import type { Loose } from '../support/app.js';
import { ensureBuilt } from '../support/process.js';
import { launchWorker } from '../support/worker.js';
import { AlertsWorld, eventually, MINUTE } from './support.js';

const PRIVATE = { WEBHOOK_ALLOW_PRIVATE: 'true' };
const DAY_MINUTES = 24 * 60;
/** What the service begins with: only the API, so that nothing is evaluated or sent but by the workers of the test. */
let api: AlertsWorld;
/** What takes over from the workers that were killed. */
let heir: AlertsWorld;
let collector: Collector;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  await ensureBuilt();
  api = await AlertsWorld.start(PRIVATE, 'api');
  collector = await new Collector(new TestClock()).start();
}, 300_000);
afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await Promise.all([api, heir].map((world) => world.app.close()));
  await collector.stop();
});

const webhook = async (name: string): Promise<string> => {
  const channel = { name, kind: 'webhook', webhook: { url: collector.url(`/${name}`) } };
  return (await api.must('POST', '/channels', channel)).channelId;
};

/** Ends once the worker has killed itself at the failpoint. */
const diesAt = async (failpoint: string, meanwhile: () => Promise<unknown> = () => Promise.resolve()) => {
  const worker = launchWorker(`${failpoint}=kill@1`);
  workers.push(worker);
  const end = once(worker, 'exit');
  await meanwhile();
  await end;
  expect([failpoint, worker.signalCode]).toEqual([failpoint, 'SIGKILL']);
};

const theAlert = async (world: AlertsWorld): Promise<Loose> => {
  const { items } = await world.status('?includeHistory=true');
  expect(items).toHaveLength(1);
  return items[0];
};
const kindsOf = ({ timeline }: Loose): string[] => timeline.map(({ kind }: Loose) => kind).sort();
const follower = () =>
  api.mongo.collection<{ _id: string; position: number }>('commit_followers').findOne({ _id: 'alerts' });
const reasons = async (): Promise<string[]> => (await api.messages()).map(({ payload }) => payload.reason);

/** Whatever arrived at a path, each retry under the id of its message. */
const arrived = (path: string): { readonly calls: number; readonly ids: number } => {
  const taken = collector.of(path);
  return { calls: taken.length, ids: new Set(taken.map(({ headers }) => headers['webhook-id'])).size };
};

describe('workers that are killed one after the other', () => {
  it('leave one alert, its message and its escalation, which an acknowledgement still stops', async () => {
    api.reset();
    await api.run(60, { pays: 'passed' });
    const [team, lead, boss, owner] = [
      await webhook('team'),
      await webhook('lead'),
      await webhook('boss'),
      await webhook('owner'),
    ];
    const levels = [
      { after: '0s', channels: [lead] },
      { after: '1m', channels: [boss] },
      { after: '1m', channels: [owner] },
    ];
    const { policyId } = await api.must('POST', '/escalation-policies', { name: 'on call', levels });
    const { ruleId } = await api.rule({ channels: [team], grouping: { wait: '0s' }, escalationPolicyId: policyId });

    // after the state is stored, before the commit counts as handled
    await diesAt('alerts-written', async () => {
      await eventually(async () => (await api.get(`/alerts/${ruleId}`)).body.lastEvaluation, Boolean);
      await eventually(follower, (position) => position !== null);
      await api.run(5, { pays: 'failed' });
    });
    const written = await theAlert(api);
    expect(written).toMatchObject({ state: 'firing', episode: 1 });
    expect(kindsOf(written)).toEqual(['escalation_started', 'moved']);
    expect(await reasons()).toEqual([]);

    // the commit is handled again, the message is queued, and nobody is left to send it
    await diesAt('notice-enqueued');
    expect(await reasons()).toEqual(['first']);
    // the message may be on its way; the step is claimed and nothing of it is stored
    await diesAt('escalation-claimed');
    expect(await reasons()).toEqual(['first']);

    heir = await AlertsWorld.start(PRIVATE);
    heir.org = api.org;
    // however slow the machine is, no further level is due before the test says so
    heir.standStill();
    await heir.after(2);
    await eventually(() => Promise.resolve(['/team', '/lead'].map((path) => arrived(path).ids)), allAre(1));
    await eventually(reasons, (all) => all.join() === 'first,escalated');
    await heir.after(2);
    await eventually(() => Promise.resolve([arrived('/boss').ids]), allAre(1));
    await heir.must('POST', `/alerts/instances/${written.alertId}/acknowledge`, {});
    for (let i = 0; i < 5; i++) await heir.after(3);
    const last = (await api.mongo.collection('commits').find().sort({ _id: -1 }).limit(1).toArray())[0];
    await eventually(follower, (position) => position?.position === Number(last?._id));

    const alert = await theAlert(heir);
    expect(alert).toMatchObject({ alertId: written.alertId, state: 'firing', episode: 1, nextEscalationAt: null });
    expect(kindsOf(alert)).toEqual([
      ...['acknowledged', 'escalated', 'escalated', 'escalation_paused', 'escalation_started', 'moved', 'notified'],
    ]);
    expect(await reasons()).toEqual(['first', 'escalated', 'escalated']);
    expect(arrived('/owner').calls).toBe(0);
    for (const path of ['/lead', '/boss']) expect([path, arrived(path)]).toEqual([path, { calls: 1, ids: 1 }]);
    // each of the two workers that were killed since it was queued may have sent it without a record
    expect(arrived('/team').ids).toBe(1);
    expect(arrived('/team').calls).toBeLessThanOrEqual(3);
  }, 600_000);
});

const allAre =
  (wanted: number) =>
  (numbers: readonly number[]): boolean =>
    numbers.every((number) => number === wanted);

describe('alerts whose rule is gone', () => {
  it('end by themselves, when nobody was left to end them', async () => {
    heir.reset();
    const { channelId } = await heir.channel();
    await heir.run(60, { pays: 'passed' });
    const grouping = { by: ['rule'], wait: '0s' };
    const [gone, off] = [
      await heir.rule({ name: 'gone', channels: [channelId], grouping }),
      await heir.rule({ name: 'off', for: '1h' }),
    ];
    const kept = await heir.rule({ name: 'kept' });
    await heir.run(1, { pays: 'failed' });
    await heir.until((items) => items.length === 3);
    await heir.told('first');
    // as a process leaves it that is killed, or an evaluation that was under way
    const rules = heir.mongo.collection('alert_rules');
    await rules.deleteOne({ o: heir.org, 'settings.name': 'gone' });
    await rules.updateOne({ o: heir.org, 'settings.name': 'off' }, { $set: { enabled: false } });
    await heir.after(2);
    await heir.told('first', 'all_resolved');
    const all = 'firing,pending,inactive,resolved'.split(',').map((state) => `states=${state}`);
    // the service's own sweep may still be at the second
    const items = await heir.until(
      (now) => now.some(({ ruleId, state }) => ruleId === off.ruleId && state !== 'pending'),
      `?${all.join('&')}`,
    );
    const byRule = new Map(items.map(({ ruleId, state, resolveReason }) => [ruleId, [state, resolveReason]]));
    expect(byRule.get(gone.ruleId)).toEqual(['resolved', 'rule_deleted']);
    expect(byRule.get(off.ruleId)).toEqual(['inactive', null]);
    expect(byRule.get(kept.ruleId)).toEqual(['firing', null]);
  });
});

describe('what is over for long', () => {
  const groupsOf = (org: string) => heir.mongo.collection('alert_notice_groups').find({ o: org }).toArray();
  const runFor = (suite: string, status: string, tests: number): Promise<string> =>
    heir.run(1, Object.fromEntries(Array.from({ length: tests }, (_, i) => [`t${i}`, status])), { suite });

  it('is forgotten after 400 days, and nothing that is open', async () => {
    heir.reset();
    const [gone, kept] = [await heir.channel('gone'), await heir.channel('kept')];
    await runFor('cart', 'passed', 1);
    const forSuite = (suite: string, { channelId }: Loose) =>
      heir.rule({ name: suite, channels: [channelId], filter: { projects: ['web'], suites: [suite] } });
    await forSuite('cart', gone);
    await forSuite('search', kept);
    await runFor('cart', 'failed', 1);
    await runFor('search', 'failed', 1);
    await heir.until((items) => items.filter(({ state }) => state === 'firing').length === 2);
    await heir.after(1);
    await heir.told('first', 'first');
    await runFor('cart', 'passed', 40);
    const items = await heir.until((all) => all.some(({ state }) => state === 'resolved'));
    await heir.sweep();
    await heir.told('first', 'first', 'all_resolved');
    expect(items.map(({ state }) => state)).toEqual(['firing', 'resolved']);
    await heir.after(399 * DAY_MINUTES);
    expect((await heir.status()).items).toHaveLength(2);
    expect(await groupsOf(heir.org)).toHaveLength(2);
    await heir.after(2 * DAY_MINUTES);
    // the service's own sweep may be at it, and the test's has left it to that
    const left = await heir.until((all) => all.length < 2);
    expect(left.map(({ ruleName, state }) => [ruleName, state])).toEqual([['search', 'firing']]);
    const groups = await eventually(
      () => groupsOf(heir.org),
      (all) => all.length < 2,
    );
    expect(groups.map(({ channelId }) => channelId)).toEqual([kept.channelId]);
    const [resolved] = items.filter(({ state }) => state === 'resolved');
    expect((await heir.get(`/alerts/instances/${resolved.alertId}`)).status).toBe(404);
    // back at the present, where runs are taken: what was forgotten begins anew, and is told although the outbox remembers
    // it. By another service, since one whose clock goes back may still be at work on what was due then
    const { org } = heir;
    await heir.app.close();
    heir = await AlertsWorld.start(PRIVATE);
    heir.org = org;
    const again = heir.now();
    await runFor('cart', 'failed', 90);
    const [fresh] = await heir.until((all) => all.some(({ ruleName }) => ruleName === 'cart'));
    expect(fresh).toMatchObject({ ruleName: 'cart', episode: 1 });
    expect(Math.abs(Date.parse(fresh.since) - again)).toBeLessThanOrEqual(MINUTE);
    await heir.after(1);
    await eventually(reasonsOf(gone), (all) => all.join() === 'first,all_resolved,first');
  });

  const reasonsOf =
    ({ channelId }: Loose) =>
    async (): Promise<string[]> =>
      (await heir.messages())
        .filter(({ channel }) => String(channel) === channelId)
        .map(({ payload }) => payload.reason);
});
