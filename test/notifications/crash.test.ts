import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getConnectionToken } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { Clock } from '../../src/common/index.js';
import { DeliveryOptions, MessageRenderers } from '../../src/notifications/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { ensureBuilt } from '../support/process.js';
import { launchWorker } from '../support/worker.js';
import { Collector, renderNote, SECOND, startWorld, until, type World } from './support.js';

let world: World;
let collector: Collector;
let options: DeliveryOptions;
let child: ChildProcess | undefined;
beforeAll(async () => {
  await ensureBuilt();
  world = await startWorld();
  options = world.app.app.get(DeliveryOptions);
  collector = await new Collector(world.clock).start();
}, 300_000);
afterAll(async () => {
  child?.kill('SIGKILL');
  await world.app.close();
  await collector.stop();
});

describe('a worker that is killed between sending and writing it down', () => {
  it('makes one more message at most, under the same id', async () => {
    // before the channel is made: a look around that has begun is over by then
    options.concurrency = 0;
    const { channelId } = await world.channel('webhook', { url: collector.url() });
    await world.enqueue([{ channelId, kind: 'channel.test' }]);
    child = launchWorker('notification-sent=kill@1');
    await once(child, 'exit');
    expect([child.signalCode, collector.taken.length]).toEqual(['SIGKILL', 1]);
    const one = async () => (await world.deliveries(`&channelId=${channelId}`))[0];
    expect(await one()).toMatchObject({ state: 'sending', attemptCount: 0 });
    options.concurrency = 32;
    // while the lease lasts the delivery is the dead worker's
    const rows = world.app.app.get<Connection>(getConnectionToken()).collection('notification_deliveries');
    const { leaseUntil } = (await rows.findOne({ o: world.org, state: 'sending' }))!;
    world.clock.move((leaseUntil as Date).getTime() - world.clock.now().getTime() - SECOND);
    const { channelId: other } = await world.channel('webhook', { url: collector.url('/canary') });
    await world.enqueue([{ channelId: other, kind: 'channel.test' }]);
    await until(() => collector.of('/canary').length === 1);
    expect(await one()).toMatchObject({ state: 'sending' });
    world.clock.move(options.sweepMs + 2 * SECOND);
    await until(async () => (await one()).state === 'delivered');
    expect((await one()).attempts).toMatchObject([
      { outcome: 'unknown', error: { code: 'worker_lost' } },
      { outcome: 'delivered', responseCode: 204 },
    ]);
    expect(collector.of('/hook')).toHaveLength(2);
    expect(new Set(collector.of('/hook').map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(collector.of('/hook').map(({ body }) => JSON.parse(body).timestamp)).size).toBe(1);
  });
});

describe('two workers', () => {
  let second: TestApp;
  beforeAll(async () => {
    second = await startApp({ WEBHOOK_ALLOW_PRIVATE: 'true' });
    second.app.get(Clock).now = world.clock.now;
    second.app.get(MessageRenderers).register('note', renderNote);
  });
  afterAll(() => second.close());

  it('send each of many messages once, and keep the turns of a channel together', async () => {
    const { channelId } = await world.channel('webhook', { url: collector.url('/many') });
    const slack = await world.channel('slack', { url: collector.url('/slack') });
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    await world.enqueue([1, 2, 3].map((n) => ({ channelId: slack.channelId, payload: { n } })));
    await world.enqueue(numbers.map((n) => ({ channelId, payload: { n } })));
    await until(async () => (await world.deliveries(`&channelId=${channelId}&states=pending,sending`)).length === 0);
    const sent = collector.of('/many').map(({ body }) => JSON.parse(body).data.n as number);
    expect(sent.sort((a, b) => a - b)).toEqual(numbers);
    await until(() => collector.of('/slack').length > 0);
    expect(collector.of('/slack')).toHaveLength(1);
  });
});
