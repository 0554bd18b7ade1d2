import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { DeliveryOptions } from '../../src/notifications/index.js';
import { REDIS } from '../../src/redis/index.js';
import { Collector, MailCollector } from '../notifications/support.js';
import type { Loose } from '../support/app.js';
import { AlertsWorld, eventually, MINUTE } from './support.js';

/**
 * In the way of Alertmanager's acceptance tests: real receivers, a clock that the test moves, and a list of what each
 * receiver wants between two moments. Whatever comes besides that fails the test.
 */
let world: AlertsWorld;
let web: Collector;
let mails: MailCollector;
let start = 0;
const channels: string[] = [];

beforeAll(async () => {
  mails = await new MailCollector().start();
  world = await AlertsWorld.start({ WEBHOOK_ALLOW_PRIVATE: 'true', SMTP_URL: `smtp://127.0.0.1:${mails.port}` });
  world.reset();
  world.standStill();
  start = world.now();
  web = await new Collector({ now: () => new Date(world.now()) }).start();
  world.app.app.get(DeliveryOptions).pollMs = 50;
  for (const [kind, settings] of [
    ['webhook', { url: web.url('/hook') }],
    ['slack', { url: web.url('/slack') }],
    ['email', { to: ['team@example.com'] }],
  ] as const)
    channels.push((await world.must('POST', '/channels', { name: kind, kind, [kind]: settings })).channelId);
}, 60_000);
afterAll(async () => {
  await world.app.close();
  await web.stop();
  await mails.stop();
});

type Arrival = readonly [minute: number, what: string];
/** What came to each receiver, at which minute, as its title says it. */
const came: Readonly<Record<'hook' | 'slack' | 'mail', Arrival[]>> = { hook: [], slack: [], mail: [] };

const minute = (): number => (world.now() - start) / MINUTE;
const titleOf = (text: string): string => text.replace('Suites (suite ', '').replace(')', '');

let mailsNoted = 0;

/** Nothing that is due waits any more, and what was sent has come. */
const settle = async (): Promise<void> => {
  const rows = world.mongo.collection('notification_deliveries');
  const due = { state: 'pending', due: { $lte: new Date(world.now()) } };
  await eventually(
    () => rows.countDocuments({ o: world.org, $or: [{ state: 'sending' }, due] }),
    (waiting) => waiting === 0,
  );
  const sent = await rows.countDocuments({ o: world.org, ck: 'email', state: 'delivered' });
  await eventually(
    () => Promise.resolve(mailsNoted + mails.taken.length),
    (taken) => taken >= sent,
  );
};

const note = (): void => {
  const at = minute();
  for (const { path, body } of web.taken.splice(0)) {
    const data: Loose = JSON.parse(body);
    if (path === '/slack') came.slack.push([at, titleOf(data.text)]);
    else came.hook.push([at, `${data.data.reason} ${data.data.counts.firing}/${data.data.counts.resolved}`]);
  }
  for (const { mail } of mails.taken.splice(0)) {
    mailsNoted++;
    came.mail.push([at, titleOf(mail.subject ?? '')]);
  }
};

const walk = async (to: number, step: number): Promise<void> => {
  while (minute() < to - 1e-9) {
    await world.after(Math.min(step, to - minute()));
    await settle();
    note();
  }
};

/** One run with an outcome in each of the suites. */
const run = (status: 'passed' | 'failed', suites: readonly string[], tests = 1): Promise<Loose> => {
  const startedAt = new Date(world.now() - MINUTE).toISOString();
  const results = suites.flatMap((suite) =>
    Array.from({ length: tests }, (_, i) => ({ name: `t${i}`, suite, status, startedAt, durationMs: 5 })),
  );
  return world.must('POST', '/runs', {
    project: 'web',
    externalId: `a-${Math.random()}`,
    branch: 'main',
    startedAt,
    results,
  });
};
const firing = (count: number): Promise<Loose[]> =>
  world.until((items) => items.filter(({ state }) => state === 'firing').length === count);

/** `[from, to, what]`, in order, for one receiver. */
const expectOnly = (receiver: keyof typeof came, wanted: readonly (readonly [number, number, string])[]): void => {
  const arrivals = came[receiver].splice(0);
  expect([receiver, arrivals.map(([, what]) => what)]).toEqual([receiver, wanted.map(([, , what]) => what)]);
  for (const [i, [from, to]] of wanted.entries()) {
    const [at, what] = arrivals[i]!;
    expect([receiver, what, at >= from && at <= to ? 'in time' : at]).toEqual([receiver, what, 'in time']);
  }
};

describe('receivers', () => {
  it('get one message for what breaks together, the news after the interval, repeats, and the end at once', async () => {
    await run('passed', ['cart', 'search', 'account']);
    const rule = { name: 'Suites', groupBy: ['suite'], grouping: { by: ['project'] }, window: '1d', channels };
    await world.rule(rule);
    await run('failed', ['cart']);
    await firing(1);
    await walk(0.25, 0.25);
    await run('failed', ['search']);
    await firing(2);
    await walk(2, 0.05);
    await run('failed', ['account']);
    await firing(3);
    await world.app.app.get<Redis>(REDIS).flushdb();
    await walk(6, 0.25);
    await walk(240, 30);
    await walk(250, 1);
    await run('passed', ['cart', 'search', 'account'], 20);
    await firing(0);
    await walk(250.1, 0.05);
    await walk(900, 60);
    const times = [
      [0.5, 0.55],
      [5.5, 5.8],
      [245.5, 247],
      [250, 250.1],
    ] as const;
    const wanted = (...what: string[]) => times.map(([from, to], i) => [from, to, what[i]!] as const);
    expectOnly('hook', wanted('first 2/0', 'new_in_group 1/0', 'repeat 3/0', 'all_resolved 0/3'));
    for (const receiver of ['slack', 'mail'] as const)
      expectOnly(
        receiver,
        wanted(
          expect.stringMatching(/^\[Firing\] (cart|search) and 1 more$/) as unknown as string,
          '[New] account',
          expect.stringMatching(/^\[Still firing\] (cart|search|account) and 2 more$/) as unknown as string,
          expect.stringMatching(/^\[All resolved\] (cart|search|account) and 2 more$/) as unknown as string,
        ),
      );
  });

  it('that are away for a while get it later, under one id, and hold up nobody; what somebody has is not repeated', async () => {
    const begin = minute();
    const ids = new Set<unknown>();
    web.reply = ({ path, headers }) => {
      if (path === '/hook') ids.add(headers['webhook-id']);
      return { status: path === '/hook' && minute() < begin + 3 ? 503 : 204 };
    };
    await run('failed', ['cart'], 30);
    const [alert] = await firing(1);
    await walk(begin + 3, 0.1);
    await walk(begin + 7, 0.25);
    await world.must('POST', `/alerts/instances/${alert.alertId}/acknowledge`, {});
    await walk(begin + 600, 30);
    const first = 'first 1/0';
    expectOnly('hook', [
      [begin + 0.5, begin + 0.7, first],
      [begin + 0.5, begin + 0.8, first],
      [begin + 5, begin + 6.5, first],
    ]);
    expect(ids.size).toBe(1);
    for (const receiver of ['slack', 'mail'] as const)
      expectOnly(receiver, [[begin + 0.5, begin + 0.7, '[Firing] cart']]);
  });
});
