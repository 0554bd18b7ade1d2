import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Types } from 'mongoose';
import type { Loose } from '../support/app.js';
import { AlertsWorld } from './support.js';

let world: AlertsWorld;
beforeAll(async () => {
  world = await AlertsWorld.start();
}, 60_000);
beforeEach(async () => {
  world.resetToQuietTime();
  await world.run(60, { pays: 'passed' });
});
afterAll(() => world.app.close());

const rule = {
  ...{ name: 'Pass rate', metric: 'pass_rate', filter: { projects: ['web'], branches: ['main'] } },
  ...{ condition: 'below', warning: 0.97, critical: 0.9 },
};
const ID = '6650c0ffee6650c0ffee0001';
const silence = {
  matchers: [{ label: 'project', operator: '=', value: 'web' }],
  endsAt: new Date(Date.now() + 30 * 86_400_000).toISOString(),
  comment: 'c',
};
const inhibition = {
  name: 'parent',
  source: [{ label: 'severity', operator: '=', value: 'critical' }],
  target: [{ label: 'severity', operator: '!=', value: 'critical' }],
  equal: ['project'],
};

describe('a rule', () => {
  it('is made with its defaults, found, listed, replaced, switched off and on, and deleted', async () => {
    const made = await world.must('POST', '/alerts', rule);
    expect(made).toMatchObject({
      ...{ version: 1, window: '1d', for: '0s', keepFiringFor: '0s', minimumSample: 1, severity: 'medium' },
      ...{ onNoData: 'keep_last', onError: 'keep_last', schedule: null, cooldownMinutes: 0, enabled: true },
      grouping: { by: ['rule'], wait: '30s', interval: '5m', repeat: '4h' },
      filter: { projects: ['web'], branches: ['main'] },
    });
    const path = `/alerts/${made.ruleId}`;
    expect((await world.get(path)).body).toMatchObject({ name: 'Pass rate', createdBy: 'tester' });
    const other = await world.must('POST', '/alerts', { ...rule, name: 'Other', schedule: { every: '15m' } });
    const page = (await world.get('/alerts?limit=1')).body;
    const next = (await world.get(`/alerts?limit=1&cursor=${page.nextCursor}`)).body;
    expect([page.items[0].ruleId, next.items[0].ruleId, next.nextCursor]).toEqual([made.ruleId, other.ruleId, null]);
    const put = await world.must('PUT', path, { ...rule, critical: 0.5, window: '2h', labels: { team: 'shop' } });
    expect(put).toMatchObject({ version: 2, critical: 0.5, window: '2h', labels: { team: 'shop' } });
    expect(await world.must('POST', `${path}/disable`)).toMatchObject({ enabled: false, nextEvaluationAt: null });
    expect((await world.get('/alerts?enabled=false')).body.items).toHaveLength(1);
    expect((await world.must('POST', `${path}/enable`)).enabled).toBe(true);
    expect((await world.send('DELETE', path)).status).toBe(204);
    expect((await world.get(path)).status).toBe(404);
    const actions = (await world.get(`/audit-log?target=alert_rule:${made.ruleId}`)).body.items.map(
      (e: Loose) => e.action,
    );
    expect(actions.reverse()).toEqual(
      ['created', 'updated', 'disabled', 'enabled', 'deleted'].map((a) => `alert_rule.${a}`),
    );
  });

  it('ends its alerts when it is switched off, asks something else, or is deleted', async () => {
    const reasons: string[] = [];
    // what is still wrong would fire again at the next evaluation, which may come at once
    const restful = { ...rule, cooldownMinutes: 60 };
    for (const end of [
      (path: string) => world.must('POST', `${path}/disable`),
      (path: string) => world.must('PUT', path, { ...restful, filter: {} }),
      (path: string) => world.send('DELETE', path),
    ]) {
      const { ruleId } = await world.must('POST', '/alerts', restful);
      await world.run(1, { pays: 'failed' });
      const [alert] = await world.until((items) => items[0]?.ruleId === ruleId && items[0].state === 'firing');
      await end(`/alerts/${ruleId}`);
      reasons.push((await world.get(`/alerts/instances/${alert.alertId}`)).body.resolveReason);
    }
    expect(reasons).toEqual(['rule_disabled', 'rule_changed', 'rule_deleted']);
  });

  it.each<[string, Loose]>([
    ['/name', { name: ' ' }],
    ['/metric', { metric: undefined }],
    ['/metric', { metric: 'nonsense' }],
    ['/metric', { metric: 'new_failures' }],
    ['/metric', { condition: 'new_failures' }],
    ['/condition', { condition: 'near' }],
    ['/critical', { warning: undefined, critical: undefined }],
    ['/critical', { warning: 0.9, critical: 0.95 }],
    ['/critical', { critical: '0.9' }],
    ['/warning', { warning: 97, critical: 90 }],
    ['/recovery', { recovery: 0.5 }],
    ['/critical', { condition: 'outside_expected', warning: undefined, critical: 2 }],
    ['/window', { window: '5m' }],
    ['/window', { window: '1 day' }],
    ['/for', { for: '8d' }],
    ['/groupBy', { groupBy: ['suite', 'branch', 'test'] }],
    ['/groupBy', { groupBy: ['owner'] }],
    ['/groupBy', { metric: 'mttr', groupBy: ['suite'], warning: undefined, critical: 3 }],
    ['/minimumSample', { minimumSample: 0 }],
    ['/severity', { severity: 'severe' }],
    ['/labels', { labels: { rule: 'mine' } }],
    ['/labels', { labels: { 'a b': 'c' } }],
    ['/onNoData', { onNoData: 'fire' }],
    ['/onError', { onError: null }],
    ['/schedule/every', { schedule: { every: '1s' } }],
    ['/cooldownMinutes', { cooldownMinutes: -1 }],
    ['/channels/0', { channels: [ID] }],
    ['/channels', { channels: ['x'] }],
    ['/grouping/by', { grouping: { by: ['a b'] } }],
    ['/grouping/repeat', { grouping: { repeat: '1m' } }],
    ['/escalationPolicyId', { escalationPolicyId: ID }],
    ['/filter/timeRange', { filter: { timeRange: { lastDays: 3 } } }],
    ['/filter/owner', { filter: { owner: ['x'] } }],
    ['/enabled', { enabled: 'yes' }],
    ['/organization', { organization: 'other' }],
  ])('is refused for %s: %j', async (pointer, more) => {
    const { status, body } = await world.send('POST', '/alerts', { ...rule, ...more });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('belongs to its projects: who sees only some of them may not look at all', async () => {
    const { ruleId } = await world.must('POST', '/alerts', { ...rule, filter: {} });
    const confined = { projects: ['web'] };
    expect((await world.get(`/alerts/${ruleId}`, confined)).status).toBe(404);
    expect((await world.send('POST', '/alerts', { ...rule, filter: {} }, confined)).body.code).toBe(
      'organization_rule',
    );
    expect((await world.send('POST', '/alerts', rule, confined)).status).toBe(201);
    expect((await world.send('POST', '/alerts', { ...rule, filter: { projects: ['none'] } })).status).toBe(404);
    expect((await world.get('/alerts', confined)).body.items).toHaveLength(1);
  });
});

describe('a channel', () => {
  it('that a rule or a policy names is not deleted; who may not see those is not told their names', async () => {
    const { channelId } = await world.channel();
    const path = `/channels/${channelId}`;
    const policy = { name: 'on call', levels: [{ after: '5m', channels: [channelId] }] };
    const { policyId } = await world.must('POST', '/escalation-policies', policy);
    const { ruleId } = await world.must('POST', '/alerts', { ...rule, channels: [channelId] });
    expect((await world.send('DELETE', path)).body).toMatchObject({
      ...{ status: 409, code: 'channel_in_use' },
      usedBy: [
        { type: 'alert_rule', id: ruleId, name: 'Pass rate' },
        { type: 'escalation_policy', id: policyId, name: 'on call' },
      ],
    });
    await world.send('DELETE', `/escalation-policies/${policyId}`);
    const own = { name: `own ${channelId}`, kind: 'inbox', inbox: { users: ['ann'] }, project: 'web' };
    const { channelId: ofProject } = await world.must('POST', '/channels', own);
    await world.must('PUT', `/alerts/${ruleId}`, { ...rule, filter: {}, channels: [channelId, ofProject] });
    const { body } = await world.send('DELETE', `/channels/${ofProject}`, undefined, { projects: ['web'] });
    expect([body.code, body.usedBy]).toEqual(['channel_in_use', []]);
    await world.must('PUT', `/alerts/${ruleId}`, rule);
    for (const one of [path, `/channels/${ofProject}`]) expect((await world.send('DELETE', one)).status).toBe(204);
  });
});

describe('silences, inhibition rules and policies', () => {
  it('are made, listed, replaced and deleted', async () => {
    const { channelId } = await world.channel();
    const policy = { name: 'on call', levels: [{ after: '5m', channels: [channelId] }], repeat: 2 };
    for (const [path, id, body] of [
      ['/silences', 'silenceId', silence],
      ['/inhibition-rules', 'inhibitionRuleId', inhibition],
      ['/escalation-policies', 'policyId', policy],
    ] as const) {
      const made = await world.must('POST', path, body);
      const one = `${path}/${made[id]}`;
      expect((await world.get(one)).body).toMatchObject({ [id]: made[id] });
      await world.must('POST', path, body);
      const page = (await world.get(`${path}?limit=1`)).body;
      expect((await world.get(`${path}?limit=1&cursor=${page.nextCursor}`)).body.items).toHaveLength(1);
      expect((await world.send('PUT', one, body)).status).toBe(200);
      expect((await world.send('DELETE', one)).status).toBe(204);
      expect((await world.get(one)).status).toBe(404);
      expect((await world.send('PUT', one, body)).status).toBe(404);
    }
    expect((await world.get('/silences?state=active')).body.items).toHaveLength(1);
    expect((await world.get('/silences?state=expired')).body.items).toEqual([]);
  });

  it.each<[string, Loose, string]>([
    ['/silences', { ...silence, matchers: [] }, '/matchers'],
    ['/silences', { ...silence, matchers: [{ label: 'a b', operator: '=', value: '' }] }, '/matchers/0/label'],
    ['/silences', { ...silence, matchers: [{ label: 'a', operator: '~', value: '' }] }, '/matchers/0/operator'],
    ['/silences', { ...silence, matchers: [{ label: 'a', operator: '=', value: { $gt: '' } }] }, '/matchers/0/value'],
    ['/silences', { ...silence, endsAt: 'soon' }, '/endsAt'],
    ['/silences', { ...silence, endsAt: '2020-01-01T00:00:00Z' }, '/endsAt'],
    ['/silences', { ...silence, startsAt: '2098-01-01T00:00:00Z', endsAt: '2097-01-01T00:00:00Z' }, '/endsAt'],
    ['/silences', { ...silence, endsAt: '2099-01-01T00:00:00Z' }, '/endsAt'],
    ['/silences', { ...silence, comment: '' }, '/comment'],
    ['/inhibition-rules', { ...inhibition, source: undefined }, '/source'],
    ['/inhibition-rules', { ...inhibition, equal: [''] }, '/equal'],
    ['/escalation-policies', { name: 'x', levels: [] }, '/levels'],
    ['/escalation-policies', { name: 'x', levels: [{ after: 'soon', channels: [ID] }] }, '/levels/0/after'],
    ['/escalation-policies', { name: 'x', levels: [{ after: '5m', channels: [ID] }] }, '/levels/0/channels/0'],
    ['/escalation-policies', { name: 'x', levels: [{ after: '5m', channels: [] }] }, '/levels/0/channels'],
    ['/escalation-policies', { name: 'x', levels: [{ after: '5m', channels: [ID] }], repeat: 6 }, '/repeat'],
  ])('%s refuses %j', async (path, body, pointer) => {
    const answer = await world.send('POST', path, body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  it('over the organization are not for those who are confined to projects', async () => {
    const confined = { projects: ['web'] };
    const everywhere = { ...silence, matchers: [{ label: 'severity', operator: '=', value: 'low' }] };
    expect((await world.send('POST', '/silences', everywhere, confined)).body.code).toBe('organization_silence');
    expect((await world.send('POST', '/silences', silence, confined)).status).toBe(201);
    await world.must('POST', '/silences', everywhere);
    expect((await world.get('/silences', confined)).body.items).toHaveLength(1);
    expect((await world.send('POST', '/inhibition-rules', inhibition, confined)).body.code).toBe('organization_only');
  });
});

describe('the questions about alerts', () => {
  it.each([
    '/alerts/status?states=on',
    '/alerts/status?severities=urgent',
    '/alerts/status?alertIds=x',
    '/alerts/status?ruleIds=x',
    '/alerts/status?includeHistory=2',
    '/alerts/status?limit=0',
    '/alerts/status?cursor=x',
    '/alerts/status?project=A B',
    '/alerts/incidents?project=A B',
    '/alerts?enabled=2',
    '/alerts?cursor=x',
    '/silences?state=old',
    '/escalation-policies?cursor=x',
    `/alerts/links/${ID}/acknowledge?org=x&expires=soon&key=k&signature=s`,
    `/alerts/links/${ID}/delete?org=x&expires=1&key=k&signature=s`,
  ])('%s is refused', async (path) => {
    expect((await world.get(path)).status).toBe(422);
  });

  it('are empty where nothing watches', async () => {
    expect(await world.status()).toMatchObject({
      overall: 'unknown',
      items: [],
      nextCursor: null,
      counts: { total: 0 },
    });
    expect((await world.get('/alerts/incidents')).body.items).toEqual([]);
  });

  it('page by page, the worst first', async () => {
    for (const name of ['A', 'B', 'C']) await world.rule({ name, for: name === 'B' ? '1h' : '0s' });
    await world.run(1, { pays: 'failed' });
    await world.until((items) => items.length === 3);
    const names: string[] = [];
    for (let cursor = ''; ;) {
      const page = await world.status(`?limit=1${cursor}`);
      names.push(...page.items.map(({ ruleName }: Loose) => ruleName));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect([names.length, names.at(-1)]).toEqual([3, 'B']);
    expect((await world.status('?states=pending')).items).toHaveLength(1);
    expect((await world.status('?project=other')).items).toEqual([]);
  });

  it('show the newest of each timeline, however much happens to the alerts beside it', async () => {
    for (const name of ['Quiet', 'Noisy']) await world.rule({ name });
    await world.run(1, { pays: 'failed' });
    const items = await world.until((all) => all.length === 2);
    const { alertId } = items.find(({ ruleName }) => ruleName === 'Noisy')!;
    const entry = { o: world.org, a: new Types.ObjectId(alertId as string), e: 1, at: new Date(), kind: 'commented' };
    const details = (i: number): Loose => ({ text: String(i) });
    await world.mongo
      .collection('alert_events')
      .insertMany(Array.from({ length: 120 }, (_, i) => ({ ...entry, details: details(i) })));
    const shown = (await world.status('?includeHistory=true')).items;
    const lengths = shown.map(({ ruleName, timeline }: Loose) => [ruleName, timeline.length, timeline.at(-1).kind]);
    expect(new Map(lengths.map(([name, ...rest]: string[]) => [name, rest]))).toEqual(
      new Map([
        ['Quiet', [1, 'moved']],
        ['Noisy', [50, 'commented']],
      ]),
    );
  });

  it('and what people do: noted, and refused where there is nothing to do', async () => {
    // what was resolved by hand and is still wrong does not fire again meanwhile
    await world.rule({ cooldownMinutes: 60 });
    await world.run(1, { pays: 'failed' });
    const [alert] = await world.until((items) => items[0]?.state === 'firing');
    const path = `/alerts/instances/${alert.alertId}`;
    await world.must('POST', `${path}/comments`, { text: '<b>looking</b>' });
    await world.must('POST', `${path}/acknowledge`, {});
    await world.must('POST', `${path}/acknowledge`, {});
    await world.must('POST', `${path}/snooze`, { for: '2h' });
    const done = await world.must('POST', `${path}/resolve`);
    expect(done.timeline.map(({ kind, by }: Loose) => [kind, by])).toEqual([
      ['moved', null],
      ['commented', 'tester'],
      ['acknowledged', 'tester'],
      ['snoozed', 'tester'],
      ['moved', 'tester'],
    ]);
    for (const [action, body] of [
      ['acknowledge', {}],
      ['resolve', undefined],
      ['snooze', { for: '1h' }],
    ] as const)
      expect((await world.send('POST', `${path}/${action}`, body)).body.code).toBe('alert_not_open');
    for (const [action, body, pointer] of [
      ['acknowledge', { timeout: 'x' }, '/timeout'],
      ['snooze', {}, '/for'],
      ['comments', { text: '' }, '/text'],
    ] as const)
      expect((await world.send('POST', `${path}/${action}`, body)).body.errors[0].pointer).toBe(pointer);
  });

  it('are nobody else’s business: 404 for strangers, 403 for lower roles', async () => {
    const { ruleId } = await world.rule();
    await world.run(1, { pays: 'failed' });
    const [{ alertId }] = (await world.until((items) => items[0]?.state === 'firing')) as [Loose];
    const silenceId = (await world.must('POST', '/silences', silence)).silenceId;
    const inhibitionId = (await world.must('POST', '/inhibition-rules', inhibition)).inhibitionRuleId;
    const { channelId } = await world.channel();
    const policy = { name: 'p', levels: [{ after: '5m', channels: [channelId] }] };
    const policyId = (await world.must('POST', '/escalation-policies', policy)).policyId;
    const calls: [string, string, string, Loose?][] = [
      ['GET', `/alerts/${ruleId}`, ''],
      ['PUT', `/alerts/${ruleId}`, 'engineer', rule],
      ['POST', `/alerts/${ruleId}/enable`, 'engineer'],
      ['POST', `/alerts/${ruleId}/disable`, 'engineer'],
      ['DELETE', `/alerts/${ruleId}`, 'engineer'],
      ['GET', `/alerts/instances/${alertId}`, ''],
      ['POST', `/alerts/instances/${alertId}/acknowledge`, 'viewer', {}],
      ['POST', `/alerts/instances/${alertId}/resolve`, 'viewer'],
      ['POST', `/alerts/instances/${alertId}/snooze`, 'viewer', { for: '1h' }],
      ['POST', `/alerts/instances/${alertId}/comments`, 'viewer', { text: 't' }],
      ['GET', `/silences/${silenceId}`, ''],
      ['PUT', `/silences/${silenceId}`, 'engineer', silence],
      ['DELETE', `/silences/${silenceId}`, 'engineer'],
      ['GET', `/inhibition-rules/${inhibitionId}`, ''],
      ['PUT', `/inhibition-rules/${inhibitionId}`, 'engineer', inhibition],
      ['DELETE', `/inhibition-rules/${inhibitionId}`, 'engineer'],
      ['GET', `/escalation-policies/${policyId}`, ''],
      ['PUT', `/escalation-policies/${policyId}`, 'engineer', policy],
      ['DELETE', `/escalation-policies/${policyId}`, 'engineer'],
    ];
    for (const [method, path, low, body] of calls) {
      expect([path, (await world.send(method, path, body, { org: 'stranger' })).status]).toEqual([path, 404]);
      if (low !== '')
        expect([path, (await world.send(method, path, body, { roles: [low] })).status]).toEqual([path, 403]);
    }
    for (const path of ['/alerts', '/silences', '/inhibition-rules', '/escalation-policies'])
      expect((await world.send('POST', path, {}, { roles: ['engineer'] })).status).toBe(403);
    expect((await world.get('/alerts/status', { org: 'stranger' })).body.items).toEqual([]);
    expect((await world.get('/alerts/status', { projects: ['other'] })).body.items).toEqual([]);
    expect((await world.get('/alerts/status', { roles: ['viewer'] })).body.items).toHaveLength(1);
  });
});
