import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, collect, connected, socketTo } from '../realtime/support.js';
import type { Loose } from '../support/app.js';
import { AlertsWorld, eventually, HOUR, MINUTE } from './support.js';

let world: AlertsWorld;
beforeAll(async () => {
  world = await AlertsWorld.start();
}, 60_000);
beforeEach(() => world.resetToQuietTime());
afterAll(() => world.app.close());

const good = { pays: 'passed', finds: 'passed' };
const bad = { pays: 'failed', finds: 'passed' };
const DAY_MINUTES = 24 * 60;

/** The rule, once it has been evaluated. */
const evaluated = (ruleId: string): Promise<Loose> =>
  eventually(
    async () => (await world.get(`/alerts/${ruleId}`)).body,
    ({ lastEvaluation }) => lastEvaluation !== null,
  );

describe('a rule on every ingested run', () => {
  it('fires and resolves with the runs, and names the run and the error behind it', async () => {
    await world.run(60, good);
    const { ruleId } = await world.rule();
    const runId = await world.run(5, bad, { name: 'nightly', commit: 'abc123' });
    const [alert] = await world.until((items) => items[0]?.state === 'firing');
    expect(alert).toMatchObject({
      ...{ ruleId, level: 'critical', value: 0.75, n: 4, severity: 'medium', episode: 1 },
      expected: { critical: 0.9, warning: null },
      culprit: { runId, commit: 'abc123', runName: 'nightly', failures: 1, error: 'expected 200 to equal 503' },
      labels: { project: 'web', rule: 'Pass rate' },
    });
    const status = await world.status('?includeHistory=true');
    expect(status).toMatchObject({
      overall: 'critical',
      counts: { byState: { firing: 1 }, bySeverity: { medium: 1 } },
    });
    expect(status.items[0].timeline).toMatchObject([{ kind: 'moved', details: { to: 'firing', value: 0.75 } }]);
    for (let i = 0; i < 3; i++) await world.run(4, { ...good, buys: 'passed', sells: 'passed' });
    const [resolved] = await world.until((items) => items[0]?.state === 'resolved');
    expect(resolved).toMatchObject({ resolveReason: 'recovered', level: 'critical' });
    expect((await world.status()).overall).toBe('ok');
  });

  it('decides nothing from too few outcomes, and is one alert for each group, until the group vanishes', async () => {
    await world.run(60, good);
    const { ruleId } = await world.rule({ minimumSample: 3, groupBy: ['suite'], window: '2h' });
    await world.run(30, bad, { suite: 'small' });
    await world.run(30, { a: 'failed', b: 'failed', c: 'passed' }, { suite: 'cart' });
    const [alert] = await world.until((items) => items.length > 0);
    expect(alert).toMatchObject({ group: { suite: 'cart' }, groupText: 'suite cart', state: 'firing', n: 3 });
    expect((await world.status()).items).toHaveLength(1);
    await world.after(115);
    const gone = world.now();
    await world.run(1, good);
    // the first of the two evaluations without the group, before the clock moves on to the second
    await world.until(([item]) => Date.parse(String(item?.evaluatedAt)) >= gone);
    await world.after(6);
    const [over] = await world.until((items) => items[0]?.state === 'resolved');
    expect(over).toMatchObject({ resolveReason: 'vanished', ruleId });
  });

  it('says by itself that nothing comes in any more, where it shall', async () => {
    await world.run(1, good);
    const quiet = await world.rule({ name: 'Quiet', window: '1h' });
    const loud = await world.rule({ name: 'Loud', window: '1h', onNoData: 'alert' });
    await evaluated(loud.ruleId);
    await world.after(80);
    const items = await world.until((all) => all.length > 0);
    expect(items.map(({ ruleName, cause, state }) => [ruleName, cause, state])).toEqual([
      ['Loud', 'no_data', 'firing'],
    ]);
    // the service's own sweep may have taken the one rule and the test's the other
    await eventually(
      () => evaluated(quiet.ruleId),
      ({ lastEvaluation }) => lastEvaluation.status === 'no_data',
    );
    await world.run(1, good);
    await world.until((all) => all[0]?.state === 'resolved');
  });

  it('says of a project that nobody watches it, whatever rules others have', async () => {
    await world.run(5, good, { project: 'lib' });
    await world.run(5, good);
    await world.rule();
    await eventually(
      () => world.status('?project=web'),
      ({ overall }) => overall === 'ok',
    );
    expect((await world.status('?project=lib')).overall).toBe('unknown');
    expect((await world.status()).overall).toBe('ok');
    await world.rule({ filter: { projects: ['!web'] } });
    await eventually(
      () => world.status('?project=lib'),
      ({ overall }) => overall === 'ok',
    );
  });

  it('counts what fails now and did not before, and nothing in quarantine', async () => {
    for (let day = 5; day >= 1; day--)
      await world.run(day * DAY_MINUTES + 300, { ...good, old: 'failed', held: 'passed', past: 'passed' });
    const runId = await world.run(200, { held: 'passed' });
    const { testId } = (await world.get(`/runs/${runId}/results`)).body.items[0];
    const quarantine = {
      testId,
      reason: 'sandbox',
      owner: 'ann',
      expiresAt: new Date(world.now() + HOUR).toISOString(),
    };
    await world.must('POST', '/quarantine', quarantine);
    const idOf = async (run: string, name: string): Promise<string> =>
      (await world.get(`/runs/${run}/results`)).body.items.find((result: Loose) => result.name === name).testId;
    const before = await world.run(DAY_MINUTES, { past: 'passed' });
    const renamed = await world.run(6, { present: 'skipped' });
    const alias = { of: await idOf(before, 'past'), reason: 'renamed' };
    await world.must('POST', `/tests/${await idOf(renamed, 'present')}/alias`, alias);
    await world.rule({ name: 'New', metric: undefined, condition: 'new_failures', critical: 0 });
    await world.run(5, { ...bad, old: 'failed', fresh: 'failed', held: 'failed', present: 'failed' });
    const [alert] = await world.until((items) => items.length > 0);
    expect(alert).toMatchObject({ ruleName: 'New', value: 2, expected: { critical: 0 } });
  });

  it('sees a drop, and a day out of the ordinary', async () => {
    for (let day = 30; day >= 1; day--)
      await world.run(day * DAY_MINUTES, Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, 'passed'])));
    await world.rule({ name: 'Drop', condition: 'drops_by', critical: 0.2 });
    await world.rule({ name: 'Odd', condition: 'outside_expected', critical: 3.5 });
    await world.rule({ name: 'Slow', metric: 'duration_avg', condition: 'outside_expected', critical: 3.5 });
    await world.run(
      2,
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`t${i}`, i < 20 ? 'failed' : 'passed'])),
    );
    const items = await world.until((all) => all.length === 2);
    const byName = new Map(items.map((item) => [item.ruleName, item]));
    expect(byName.get('Drop')).toMatchObject({ value: 0.5, measure: 0.5, expected: { value: 1 } });
    expect(byName.get('Odd').value).toBe(0.5);
    expect(byName.get('Odd').expected.low).toBeGreaterThan(0.5);
  });

  it('sees a new level within its window, as large as it is, and forgets it with its window', async () => {
    const broken = (from: number) => (_: unknown, i: number) => [`t${i}`, i < from ? 'failed' : 'passed'] as const;
    const outcomes = (failed: number) => Object.fromEntries(Array.from({ length: 40 }, broken(failed)));
    for (let day = 24; day >= 1; day--) await world.run(day * DAY_MINUTES, outcomes(day <= 4 ? 10 : 0));
    await world.rule({ name: 'Level', condition: 'change_point', warning: 0.1, critical: 0.3, window: '4d' });
    const { ruleId } = await world.rule({ name: 'Old', condition: 'change_point', critical: 0.1, window: '2d' });
    await evaluated(ruleId);
    const [alert, ...more] = await world.until((items) => items.length > 0);
    expect(more).toEqual([]);
    expect(alert).toMatchObject({ ruleName: 'Level', level: 'warning', value: 0.75, expected: { value: 1 } });
    expect(alert.measure).toBeCloseTo(0.25, 9);
    await world.after(DAY_MINUTES);
    await world.run(30, outcomes(10));
    await world.until((items) => items.length === 1 && items[0].state === 'resolved');
  });
});

describe('a rule on a schedule', () => {
  it('is evaluated in its time, whatever comes in, and stays where a project is gone', async () => {
    await world.run(60, good);
    const { ruleId } = await world.rule({ schedule: { every: '30m' }, for: '10m', onError: 'keep_last' });
    const first = (await evaluated(ruleId)).lastEvaluation.at;
    await world.run(1, { pays: 'failed' });
    await world.after(31);
    const [pending] = await world.until((items) => items.length > 0);
    expect(pending.state).toBe('pending');
    await world.after(11);
    await world.until(([item]) => item.state === 'firing');
    // written down after the alert
    await eventually(
      () => evaluated(ruleId),
      ({ lastEvaluation }) => lastEvaluation.at > first,
    );
  });
});

describe('incidents', () => {
  it('are alerts that share a run, a commit or a failure', async () => {
    await world.run(60, good);
    await world.rule({ name: 'A' });
    await world.rule({ name: 'B', metric: 'failures', condition: 'above', critical: 0, severity: 'high' });
    await world.run(5, bad, { commit: 'abc' });
    await world.until((items) => items.length === 2);
    const { items } = (await world.get('/alerts/incidents')).body;
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ severity: 'high', cause: { kind: 'cluster', project: 'web', alerts: 2 } });
    expect(items[0].causes.map(({ kind }: Loose) => kind).sort()).toEqual(['cluster', 'commit', 'run']);
    expect(items[0].alerts.map(({ ruleName }: Loose) => ruleName).sort()).toEqual(['A', 'B']);
  });
});

describe('the room of a project', () => {
  it('shows where its alerts stand, and each change; strangers stay outside', async () => {
    await world.run(60, good);
    await world.rule();
    const open = async (claims = {}) => {
      const socket = socketTo(world.app.origin, { token: await world.app.token({ org: world.org, ...claims }) });
      expect(await connected(socket)).toBeUndefined();
      return socket;
    };
    const [socket, stranger] = [await open(), await open({ projects: ['other'] })];
    const deltas = collect(socket, 'delta');
    expect(await ask(socket, 'subscribe', { room: 'alerts:web' })).toMatchObject({ snapshot: { items: [] } });
    expect(JSON.stringify(await ask(stranger, 'subscribe', { room: 'alerts:web' }))).toContain('not_found');
    await world.run(1, bad);
    await eventually(
      () => Promise.resolve(deltas.map(({ type, data }) => [type, data?.state ?? data?.overall])),
      (all) => ['firing', 'critical'].every((wanted) => all.some(([, state]) => state === wanted)),
    );
    socket.close();
    stranger.close();
  });
});

describe('a backtest', () => {
  it('says when a rule would have fired, and stores nothing', async () => {
    for (let day = 20; day >= 1; day--) await world.run(day * DAY_MINUTES, day === 10 || day === 9 ? bad : good);
    const rule = { name: 'Try', metric: 'pass_rate', filter: { projects: ['web'] }, condition: 'below', critical: 0.9 };
    const { body } = await world.send('POST', '/alerts/backtest', { rule, timeRange: { lastDays: 20 }, step: '6h' });
    expect(body).toMatchObject({
      step: '6h',
      errors: 0,
      alerts: [{ level: 'critical', value: 0.5, n: 2, resolveReason: 'recovered' }],
    });
    const [alert] = body.alerts;
    const daysAgo = (time: string): number => (world.now() - Date.parse(time)) / (DAY_MINUTES * MINUTE);
    expect(daysAgo(alert.firedAt)).toBeGreaterThan(9.4);
    expect(daysAgo(alert.firedAt)).toBeLessThan(10.1);
    expect(daysAgo(alert.resolvedAt)).toBeLessThan(8.3);
    expect((await world.get('/alerts')).body.items).toEqual([]);
    const fine = await world.send('POST', '/alerts/backtest', { rule, step: '1m' });
    expect([fine.status, fine.body.code]).toEqual([422, 'backtest_too_long']);
    for (const [condition, more] of [
      ['outside_expected', { critical: 3.5 }],
      ['new_failures', { metric: undefined, critical: 0 }],
    ] as const) {
      const answer = await world.send('POST', '/alerts/backtest', { rule: { ...rule, condition, ...more } });
      expect([answer.status, answer.body.errors]).toEqual([200, 0]);
    }
  });
});
