import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EvaluationLoops } from '../../src/alerts/index.js';
import type { Redis } from 'ioredis';
import type { Commit } from '../../src/executions/index.js';
import { REDIS } from '../../src/redis/index.js';
import type { Loose } from '../support/app.js';
import { AlertsWorld, eventually } from './support.js';

let world: AlertsWorld;
beforeAll(async () => {
  world = await AlertsWorld.start();
}, 60_000);
beforeEach(() => world.resetToQuietTime());
afterAll(() => world.app.close());

const good = { pays: 'passed', finds: 'passed' };
const bad = { pays: 'failed', finds: 'passed' };

/** A channel, a rule that tells it, and an alert of it that fires. */
const firing = async (more: Loose = {}): Promise<{ alertId: string; ruleId: string; channelId: string }> => {
  const { channelId } = await world.channel();
  await world.run(60, good);
  const { ruleId } = await world.rule({ channels: [channelId], ...more });
  await world.run(5, bad);
  const [alert] = await world.until((items) => items[0]?.state === 'firing');
  return { alertId: alert.alertId, ruleId, channelId };
};

/** The newest day is good enough again. */
const recover = async (): Promise<void> => {
  for (let i = 0; i < 4; i++) await world.run(1, { ...good, [`buys-${i}`]: 'passed' });
  await world.until((items) => items[0]?.state === 'resolved');
};

const act = (alertId: string, action: string, body: Loose = {}): Promise<Loose> =>
  world.must('POST', `/alerts/instances/${alertId}/${action}`, body);

describe('messages of a group', () => {
  it('wait for the group, come once, repeat, and tell of the end at once', async () => {
    await firing();
    await world.sweep();
    await world.told();
    await world.after(1);
    await world.told('first');
    await world.after(100);
    await world.sweep();
    await world.told('first');
    await world.after(141);
    await world.told('first', 'repeat');
    await recover();
    await world.sweep();
    await world.told('first', 'repeat', 'all_resolved');
    const messages = await world.messages();
    expect(new Set(messages.map(({ key }) => key)).size).toBe(3);
    const [item] = (await world.status('?includeHistory=true')).items;
    const kinds = item.timeline.map(({ kind, details }: Loose) => `${kind} ${details.reason ?? ''}`);
    expect(kinds).toEqual([
      'moved value',
      'notified first',
      'notified repeat',
      'moved recovered',
      'notified all_resolved',
    ]);
  });

  it('list what is new only, and come from groups by their labels', async () => {
    const { channelId } = await world.channel();
    await world.run(60, good);
    const rule = { channels: [channelId], groupBy: ['suite'], grouping: { by: ['project'], interval: '5m' } };
    await world.rule(rule);
    await world.run(5, bad, { suite: 'cart' });
    await world.until((items) => items.length === 1);
    await world.after(1);
    await world.run(5, bad, { suite: 'search' });
    await world.until((items) => items.length === 2);
    await world.after(1);
    await world.told('first');
    await world.after(5);
    await world.told('first', 'new_in_group');
    const [first, second] = await world.messages();
    expect([first.payload.counts, second.payload.counts]).toEqual([
      { firing: 1, resolved: 0, open: 1 },
      { firing: 1, resolved: 0, open: 2 },
    ]);
    expect(second.payload).toMatchObject({ reason: 'new_in_group', labels: { project: 'web' } });
    expect(second.payload.firing[0].alertId).not.toBe(first.payload.firing[0].alertId);
  });

  it('of a rule over all projects are for who is confined to none', async () => {
    const { channelId } = await world.channel();
    await world.run(60, good);
    const escalation = { name: 'on call', levels: [{ after: '10m', channels: [channelId] }] };
    const { policyId } = await world.must('POST', '/escalation-policies', escalation);
    await world.rule({ name: 'All', filter: {}, channels: [channelId], escalationPolicyId: policyId });
    await world.rule({ name: 'Web', channels: [channelId] });
    await world.run(5, bad);
    await world.until((items) => items.filter(({ state }) => state === 'firing').length === 2);
    await world.after(1);
    await world.after(11);
    await world.told('first', 'first', 'escalated');
    const seenBy = async (claims: Loose): Promise<string[]> => {
      const { items } = (await world.get('/notifications/deliveries', claims)).body;
      return items.filter(({ kind }: Loose) => kind === 'alert').map(({ projects }: Loose) => projects.join());
    };
    expect((await seenBy({})).sort()).toEqual(['', '', 'web']);
    expect(await seenBy({ projects: ['web'] })).toEqual(['web']);
  });

  it('are not sent for what is pending, nor for what resolved before anybody was told', async () => {
    await firing();
    await recover();
    await world.after(10);
    await world.told();
    world.resetToQuietTime();
    const { channelId } = await world.channel();
    await world.run(60, good);
    await world.rule({ channels: [channelId], for: '1h' });
    await world.run(5, bad);
    await world.until((items) => items[0]?.state === 'pending');
    await world.after(30);
    await world.told();
    await world.after(31);
    await world.after(1);
    await world.told('first');
  });

  it('become none when the same commits are handled again, and stay when Redis is emptied', async () => {
    const { alertId } = await firing();
    await world.after(1);
    const log = await world.mongo.collection('commits').find({ o: world.org }).toArray();
    const commits = log.map(
      ({ _id, o, p, r, g, days, at }) =>
        ({
          position: _id,
          organization: o,
          projectId: String(p),
          kind: 'results',
          runId: r,
          generation: g,
          days,
          at,
        }) as unknown as Commit,
    );
    const loops = world.app.app.get(EvaluationLoops);
    await world.app.app.get<Redis>(REDIS).flushdb();
    await Promise.all([loops.onCommits(commits), loops.onCommits(commits), world.sweep(), world.sweep()]);
    await world.told('first');
    const [item] = (await world.status('?includeHistory=true')).items;
    expect([item.alertId, item.episode, item.timeline.length]).toEqual([alertId, 1, 2]);
  });
});

describe('a rule whose channels or groups are changed', () => {
  const rule = { name: 'Pass rate', metric: 'pass_rate', condition: 'below', critical: 0.9 };
  const replace = (ruleId: string, more: Loose): Promise<Loose> =>
    world.must('PUT', `/alerts/${ruleId}`, { ...rule, filter: { projects: ['web'] }, ...more });
  const toldBy = async (): Promise<Loose[]> =>
    (await world.messages()).map(({ channel, payload }) => [String(channel), payload.reason]);

  it('takes its open alerts along: new channels are told, those that are gone hear nothing more', async () => {
    const { ruleId, channelId: before } = await firing();
    await world.after(1);
    await world.told('first');
    const { channelId: after } = await world.channel();
    await replace(ruleId, { channels: [after] });
    await world.after(1);
    await world.told('first', 'first');
    await recover();
    await world.sweep();
    await world.told('first', 'first', 'all_resolved');
    expect(await toldBy()).toEqual([
      [before, 'first'],
      [after, 'first'],
      [after, 'all_resolved'],
    ]);
  });

  it('does not tell a channel again that knows of it, and tells it of the end once', async () => {
    const { ruleId, channelId } = await firing();
    await world.after(1);
    await world.told('first');
    await replace(ruleId, { channels: [channelId], grouping: { by: ['project'], repeat: '2h' } });
    await replace(ruleId, { channels: [channelId], grouping: { by: ['project'], repeat: '2h' }, name: 'Renamed' });
    await world.after(10);
    await world.told('first');
    await world.after(120);
    await world.told('first', 'repeat');
    await recover();
    await world.sweep();
    await world.told('first', 'repeat', 'all_resolved');
  });

  it('tells of alerts that were on before it had a channel', async () => {
    const { ruleId, channelId } = await firing({ channels: [] });
    await world.after(1);
    await world.told();
    await replace(ruleId, { channels: [channelId] });
    await world.after(1);
    await world.told('first');
  });
});

describe('what mutes', () => {
  it('a silence: until it ends by itself', async () => {
    const inHours = (hours: number): string => new Date(world.now() + hours * 3_600_000).toISOString();
    const silence = await world.must('POST', '/silences', {
      matchers: [{ label: 'project', operator: '=', value: 'web' }],
      endsAt: inHours(1),
      comment: 'moving house',
    });
    expect(silence.state).toBe('active');
    await firing();
    expect((await world.status('?states=suppressed')).items[0].suppressed).toMatchObject({
      by: 'silence',
      id: silence.silenceId,
    });
    await world.after(30);
    await world.told();
    await world.after(31);
    await world.told('first');
    expect((await world.get(`/silences/${silence.silenceId}`)).body.state).toBe('expired');
  });

  it('an inhibition: the parent mutes the child, and never itself', async () => {
    await world.must('POST', '/inhibition-rules', {
      name: 'parent',
      source: [{ label: 'rule', operator: '=', value: 'Parent' }],
      target: [{ label: 'rule', operator: '!=', value: 'Nothing' }],
      equal: ['project'],
    });
    const { channelId } = await world.channel();
    await world.run(60, good);
    await world.rule({ name: 'Parent', channels: [channelId] });
    await world.rule({ name: 'Child', channels: [channelId] });
    await world.run(5, bad);
    await world.until((items) => items.filter(({ state }) => state === 'firing').length === 2);
    await world.after(1);
    await world.told('first');
    const messages = await world.messages();
    expect(messages.map(({ payload }) => payload.labels.rule)).toEqual(['Parent']);
    const { items, counts } = await world.status('?states=suppressed');
    expect(items.map(({ ruleName }: Loose) => ruleName)).toEqual(['Child']);
    expect(counts.byState).toMatchObject({ firing: 2, suppressed: 1 });
  });

  it('a snooze: for its time', async () => {
    const { alertId } = await firing();
    await act(alertId, 'snooze', { for: '1h' });
    await world.after(30);
    await world.told();
    await world.after(31);
    await world.told('first');
  });

  it('a snooze: also the end, which who was told of the alert is not told', async () => {
    const { alertId } = await firing();
    await world.after(1);
    await world.told('first');
    await act(alertId, 'snooze', { for: '1h' });
    await recover();
    await world.after(1);
    await world.told('first');
    await world.after(61);
    await world.run(1, { pays: 'failed', finds: 'failed', buys: 'failed' });
    await world.until((items) => items[0]?.episode === 2);
    await world.after(1);
    await world.told('first', 'first');
  });
});

describe('escalation', () => {
  const policyOf = async (more: Loose = {}): Promise<string> => {
    const [first, second] = [await world.channel('lead'), await world.channel('boss')];
    const levels = [
      { after: '10m', channels: [first.channelId] },
      { after: '20m', channels: [second.channelId] },
    ];
    return (await world.must('POST', '/escalation-policies', { name: 'on call', levels, ...more })).policyId;
  };

  it('goes level by level, by the policy as it was when the alert fired, and repeats', async () => {
    const escalationPolicyId = await policyOf({ repeat: 1 });
    await firing({ escalationPolicyId });
    const { levels } = (await world.get(`/escalation-policies/${escalationPolicyId}`)).body;
    await world.must('PUT', `/escalation-policies/${escalationPolicyId}`, {
      name: 'changed',
      levels: levels.slice(0, 1),
    });
    await world.after(9);
    await world.escalated();
    await world.after(2);
    await world.escalated(1);
    await world.after(21);
    await world.escalated(1, 2);
    await world.after(11);
    await world.escalated(1, 2, 1);
    await world.after(21);
    await world.escalated(1, 2, 1, 2);
    await world.after(600);
    await world.escalated(1, 2, 1, 2);
    expect((await world.send('DELETE', `/escalation-policies/${escalationPolicyId}`)).body.code).toBe('policy_in_use');
  });

  it('stops with an acknowledgement, goes on where it was when that lapses, and ends with the alert', async () => {
    const { alertId } = await firing({ escalationPolicyId: await policyOf() });
    await world.after(11);
    await world.escalated(1);
    const acked = await act(alertId, 'acknowledge', { timeout: '2h', note: 'looking' });
    expect(acked).toMatchObject({ acknowledged: { by: 'tester', note: 'looking' }, nextEscalationAt: null });
    const states = (await world.messages())
      .filter(({ payload }) => payload.reason === 'escalated')
      .map(({ state }) => state);
    // it had gone out already, or it was taken back
    expect(['delivered', 'sending', 'cancelled']).toContain(states[0]);
    await world.after(60);
    await world.escalated(1);
    await world.after(61);
    await world.until(([item]) => item.nextEscalationAt !== null);
    await world.after(21);
    await world.escalated(1, 2);
    await recover();
    await world.after(600);
    await world.escalated(1, 2);
  });

  it('is taken over when its worker was lost, by one only', async () => {
    await firing({ escalationPolicyId: await policyOf() });
    const alerts = world.mongo.collection('alerts');
    // as a worker leaves it that is killed after it has claimed the step
    await alerts.updateOne(
      { o: world.org },
      { $set: { claimedUntil: new Date(world.now() + 12 * 60_000) }, $inc: { token: 1 } },
    );
    await world.after(11);
    await world.escalated();
    await world.after(2);
    await Promise.all([world.sweep(), world.sweep(), world.sweep()]);
    await world.escalated(1);
  });
});

describe('a link in a message', () => {
  it('asks when it is opened and acts when its button is pressed, for this episode only', async () => {
    const hostile = '<script>alert(1)</script>';
    const { alertId } = await firing({ name: hostile });
    await world.after(1);
    const [message] = await eventually(
      async () =>
        (await world.app.get('/notifications/inbox', { token: await world.app.token({ org: world.org, sub: 'ann' }) }))
          .body.items ?? [],
      (items: Loose[]) => items.length > 0,
    );
    expect(message.title).toContain('[Firing]');
    const url = await linkOf(alertId, 'acknowledge');
    const open = await world.app.get(url, { token: null });
    expect([open.status, open.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(open.headers.get('x-robots-tag')).toContain('noindex');
    expect(open.body).not.toContain('<script');
    expect(open.body).toContain('&lt;script&gt;');
    expect((await world.get(`/alerts/instances/${alertId}`)).body.acknowledged).toBeNull();
    const press = (path: string) =>
      world.app.request('POST', path, '', { token: null, headers: { 'content-type': 'text/plain' } });
    expect((await press(url)).status).toBe(200);
    expect((await world.get(`/alerts/instances/${alertId}`)).body.acknowledged.by).toBe('a link in a message');
    for (const forged of [
      url.replace('/acknowledge', '/resolve'),
      url.replace(/signature=./, (text) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')),
      url.replace(/org=[^&]+/, 'org=other'),
    ])
      expect([(await press(forged)).status, (await press(forged)).body.code]).toEqual([403, 'link_invalid']);
    await act(alertId, 'resolve');
    await world.run(1, bad);
    await world.until((items) => items[0]?.episode === 2);
    expect((await press(url)).status).toBe(403);
  });

  it('takes a comment by a form, also when the alert is over', async () => {
    const { alertId } = await firing();
    const url = await linkOf(alertId, 'comment');
    const say = (text: string, path = url) =>
      world.app.request('POST', path, text, { token: null, headers: { 'content-type': 'text/plain' } });
    const open = await world.app.get(url, { token: null });
    expect([open.status, open.body.includes('<textarea'), open.body.includes('<script')]).toEqual([200, true, false]);
    const said = await say('text=<b>it is</b> the sandbox\r\ntext=again\r\n');
    expect([said.status, said.body.includes('<b>it is')]).toEqual([200, false]);
    expect(said.body).toContain('&lt;b&gt;it is&lt;/b&gt; the sandbox');
    await act(alertId, 'resolve');
    expect((await say('text=over\r\n')).status).toBe(200);
    const { timeline } = (await world.get(`/alerts/instances/${alertId}`)).body;
    expect(timeline.filter(({ kind }: Loose) => kind === 'commented')).toMatchObject([
      { by: 'a link in a message', details: { text: '<b>it is</b> the sandbox\ntext=again' } },
      { by: 'a link in a message', details: { text: 'over' } },
    ]);
    for (const [text, status, code] of [
      ['', 422, 'validation_failed'],
      ['text= \r\n', 422, 'validation_failed'],
      ['other=x\r\n', 422, 'validation_failed'],
      [`text=${'x'.repeat(5_001)}`, 422, 'validation_failed'],
      [`text=${'x'.repeat(40_000)}`, 413, 'body_too_large'],
    ] as const)
      expect([(await say(text)).status, (await say(text)).body.code]).toEqual([status, code]);
    const forged = url.replace('/comment', '/resolve');
    expect((await say('text=x', forged)).body.code).toBe('link_invalid');
    expect((await say('text=x', url.replace(/org=[^&]+/, 'org=other'))).body.code).toBe('link_invalid');
  });

  it('stands in the message for each thing that can be done', async () => {
    const { alertId } = await firing();
    await world.after(1);
    await world.told('first');
    const [row] = await world.messages();
    const { AlertRenderer } = await import('../../src/alerts/messages/alert-renderer.service.js');
    const { text } = (await world.app.app.get(AlertRenderer, { strict: false }).render({
      ...{ organization: world.org, deliveryId: String(row._id), payload: row.payload, severity: 'medium' },
      channel: { kind: 'email', name: 'ops' },
      now: new Date(world.now()),
      publicUrl: 'https://reports.example.com',
    }))!;
    for (const action of ['acknowledge', 'snooze', 'resolve', 'comment'])
      expect(text).toContain(`/alerts/links/${alertId}/${action}?`);
  });
});

/** The link that a message would carry now. */
const linkOf = async (alertId: string, action: 'acknowledge' | 'comment'): Promise<string> => {
  const { ActionLinks } = await import('../../src/alerts/messages/action-links.service.js');
  const { AlertsRepository } = await import('../../src/alerts/persistence/alerts.repository.js');
  const { systemScope } = await import('../../src/common/index.js');
  const alert = await world.app.app.get(AlertsRepository, { strict: false }).find(systemScope(world.org), alertId);
  const url = new URL(world.app.app.get(ActionLinks, { strict: false }).urlOf(alert!, action, new Date(world.now())));
  return `${url.pathname.replace('/api/v1/execution-reporting', '')}${url.search}`;
};
