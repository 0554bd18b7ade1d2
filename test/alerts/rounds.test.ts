import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AlertRule } from '../../src/alerts/domain/rule.js';
import { AlertWriter, ChangedMeanwhile } from '../../src/alerts/evaluation/alert-writer.service.js';
import { Evaluator } from '../../src/alerts/evaluation/evaluator.service.js';
import { RulesRepository } from '../../src/alerts/persistence/rules.repository.js';
import { AlertsRoom } from '../../src/alerts/room/alerts-room.js';
import { systemScope } from '../../src/common/index.js';
import { ask, collect, connected, socketTo } from '../realtime/support.js';
import type { Loose } from '../support/app.js';
import { AlertsWorld, eventually, HOUR, MINUTE } from './support.js';

/** Only the API: rules are evaluated when a test says so, by nobody else. */
let world: AlertsWorld;
beforeAll(async () => {
  world = await AlertsWorld.start({}, 'api');
}, 60_000);
beforeEach(() => world.resetToQuietTime());
afterAll(() => world.app.close());

const good = { pays: 'passed', finds: 'passed' };
const bad = { pays: 'failed', finds: 'passed' };

const found = async (ruleId: string): Promise<AlertRule> =>
  (await world.app.app.get(RulesRepository).findMany(systemScope(world.org), [ruleId]))[0]!;

/** A rule that was evaluated once, when all was well. */
const watching = async (more: Loose = {}): Promise<AlertRule> => {
  await world.run(60, good);
  const { ruleId } = await world.rule(more);
  await world.sweep();
  expect(await found(ruleId)).toMatchObject({ health: { status: 'ok' } });
  return found(ruleId);
};

const evaluate = (rule: AlertRule, at = new Date(world.now())): Promise<void> =>
  world.app.app.get(Evaluator).evaluate(world.org, [rule], at);

const theAlert = async (): Promise<Loose> => {
  const { items } = await world.status('?includeHistory=true');
  expect(items).toHaveLength(1);
  return items[0];
};

describe('a round of evaluations', () => {
  it('is not undone by one that read before the run and writes after it', async () => {
    const rule = await watching();
    const evaluator = world.app.app.get(Evaluator);
    const before = new Date(world.now());
    const [hasRead, goesOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const read = evaluator.read.bind(evaluator);
    jest.spyOn(evaluator, 'read').mockImplementationOnce(async (...args) => {
      const outcome = await read(...args);
      hasRead.resolve(undefined);
      await goesOn.promise;
      return outcome;
    });
    const round = evaluate(rule, before);
    await hasRead.promise;
    await world.run(5, bad);
    await evaluate(rule);
    const alert = await theAlert();
    expect(alert.state).toBe('firing');
    goesOn.resolve(undefined);
    await round;
    // and is repeated at once, since what it read may have been the newer
    expect((await found(rule.ruleId)).nextAt).toEqual(before);
    await world.sweep();
    expect((await found(rule.ruleId)).health!.at.getTime()).toBeGreaterThan(Date.parse(alert.since));
    expect(await theAlert()).toMatchObject({ alertId: alert.alertId, state: 'firing', timeline: [{ kind: 'moved' }] });
  });

  it('that is to be repeated leaves its rule due, whichever round is ready later, until it is claimed', async () => {
    const rule = await watching({ schedule: { every: '1d' } });
    const { ruleId } = rule;
    const rules = world.app.app.get(RulesRepository);
    const [soon, later] = [new Date(world.now() + HOUR), new Date(world.now() + 24 * HOUR)];
    const done = { ruleId, health: { at: soon, status: 'ok', groups: 1 }, nextAt: later } as const;
    await rules.dueAgain([rule], soon);
    await rules.evaluated([{ rule, done }]);
    expect(await found(ruleId)).toMatchObject({ nextAt: soon, health: done.health });
    expect((await rules.claimDue(soon, MINUTE, 500)).map((one) => one.ruleId)).toContain(ruleId);
    await rules.evaluated([{ rule, done }]);
    expect((await found(ruleId)).nextAt).toEqual(later);
  });

  it('that began before another leaves the rule due when that one has found, unless the clock was set back', async () => {
    const rule = await watching();
    const { ruleId } = rule;
    const rules = world.app.app.get(RulesRepository);
    const ready = (minutes: number, nextMinutes: number) => {
      const at = (later: number): Date => new Date(rule.health!.at.getTime() + later * MINUTE);
      const health = { at: at(minutes), status: 'ok', groups: 1 } as const;
      return { ruleId, health, nextAt: at(nextMinutes) };
    };
    const [pending, quiet, setBack] = [ready(2, 12), ready(1, 61), ready(-30, 30)];
    for (const done of [pending, quiet]) await rules.evaluated([{ rule, done }]);
    expect(await found(ruleId)).toMatchObject({ nextAt: pending.nextAt, health: pending.health });
    await rules.evaluated([{ rule, done: setBack }]);
    expect(await found(ruleId)).toMatchObject({ nextAt: setBack.nextAt, health: setBack.health });
  });

  it('that others kept from writing is repeated at once', async () => {
    const rule = await watching();
    const writer = world.app.app.get(AlertWriter);
    const write = writer.write.bind(writer);
    let refused = 0;
    const spy = jest.spyOn(writer, 'write').mockImplementation(async (changes, now) => {
      // four attempts, each with the others and by itself
      if (changes.some(({ after }) => after.organization === world.org) && ++refused <= 8) throw new ChangedMeanwhile();
      return write(changes, now);
    });
    await world.run(5, bad);
    await evaluate(rule);
    expect([(await world.status()).items, refused]).toEqual([[], 8]);
    await world.sweep();
    spy.mockRestore();
    expect((await theAlert()).state).toBe('firing');
    expect(refused).toBe(9);
  });
});

describe('the room of a project', () => {
  it('brings what no process told of: a figure, a silence that ends by itself, an alert that is gone', async () => {
    const rule = await watching();
    await world.run(5, bad);
    await evaluate(rule);
    const alert = await theAlert();
    expect(alert.state).toBe('firing');
    const socket = socketTo(world.app.origin, { token: await world.app.token({ org: world.org }) });
    expect(await connected(socket)).toBeUndefined();
    const [deltas, resyncs] = [collect(socket, 'delta'), collect(socket, 'resync')];
    const snapshot = async () => (await ask(socket, 'subscribe', { room: 'alerts:web' })).snapshot;
    const look = () => world.app.app.get(AlertsRoom).look();
    expect((await snapshot()).items).toMatchObject([{ alertId: alert.alertId, value: 0.75, suppressed: null }]);
    await look();

    const alerts = world.mongo.collection('alerts');
    const all = { o: world.org };
    await alerts.updateOne(all, { $set: { 'state.figure.value': 0.5 }, $inc: { v: 1 } });
    await look();
    await eventually(
      () => Promise.resolve(deltas.filter(({ type }) => type === 'alert.changed').map(({ data }) => data.value)),
      (values) => values.includes(0.5),
    );
    expect(resyncs).toEqual([]);

    const until = new Date(world.now() + HOUR).toISOString();
    const matchers = [{ label: 'rule', operator: '=', value: 'Pass rate' }];
    await world.must('POST', '/silences', { matchers, endsAt: until, comment: 'deploy' });
    await eventually(
      () => Promise.resolve(resyncs.length),
      (count) => count > 0,
    );
    expect((await snapshot()).items[0].suppressed).toMatchObject({ by: 'silence' });
    resyncs.length = 0;
    await world.mongo.collection('alert_silences').deleteMany(all);
    await look();
    await eventually(
      () => Promise.resolve(resyncs.length),
      (count) => count > 0,
    );
    expect((await snapshot()).items[0].suppressed).toBeNull();

    resyncs.length = 0;
    await alerts.deleteMany(all);
    await look();
    await eventually(
      () => Promise.resolve(resyncs.length),
      (count) => count > 0,
    );
    expect((await snapshot()).items).toEqual([]);
    socket.close();
  });
});
