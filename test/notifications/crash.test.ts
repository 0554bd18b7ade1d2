import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/common/index.js';
import { DeliveryOptions, MessageRenderers } from '../../src/notifications/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { ensureBuilt } from '../support/process.js';
import { launchWorker } from '../support/worker.js';
import { Collector, renderNote, startWorld, until, type World } from './support.js';

let world: World;
let collector: Collector;
let options: DeliveryOptions;
beforeAll(async () => {
  await ensureBuilt();
  world = await startWorld();
  options = world.app.app.get(DeliveryOptions);
  collector = await new Collector(world.clock).start();
}, 150_000);
afterAll(async () => {
  await world.app.close();
  await collector.stop();
});

describe('a worker that is killed between sending and writing it down', () => {
  it('makes one more message at most, under the same id', async () => {
    const { channelId } = await world.channel('webhook', { url: collector.url() });
    options.concurrency = 0;
    await world.enqueue([{ channelId, kind: 'channel.test' }]);
    const child = launchWorker('notification-sent=kill@1');
    await once(child, 'exit');
    expect([child.signalCode, collector.taken.length]).toEqual(['SIGKILL', 1]);
    const one = async () => (await world.deliveries(`&channelId=${channelId}`))[0];
    expect(await one()).toMatchObject({ state: 'sending', attemptCount: 0 });
    options.concurrency = 32;
    // while the lease lasts the delivery is the dead worker's
    world.clock.move(options.leaseMs / 2);
    const { channelId: other } = await world.channel('webhook', { url: collector.url('/canary') });
    await world.enqueue([{ channelId: other, kind: 'channel.test' }]);
    await until(() => collector.of('/canary').length === 1);
    expect(await one()).toMatchObject({ state: 'sending' });
    world.clock.move(options.leaseMs);
    await until(async () => (await one()).state === 'delivered');
    expect((await one()).attempts).toMatchObject([
      { outcome: 'unknown', error: { code: 'worker_lost' } },
      { outcome: 'delivered', responseCode: 204 },
    ]);
    expect(collector.of('/hook')).toHaveLength(2);
    expect(new Set(collector.of('/hook').map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(collector.of('/hook').map(({ body }) => JSON.parse(body).timestamp)).size).toBe(1);
  }, 60_000);
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
    expect(collector.of('/slack')).toHaveLength(1);
  });
});
