import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { AppConfig } from '../../src/config/index.js';
import { Outbox, type OutgoingMessage } from '../../src/notifications/index.js';
import { timed } from '../measure.js';
import type { Bench, Scenario } from '../scenario.js';
import { ORGANIZATION } from '../world.js';

const MESSAGES = 10_000;
const CHANNELS = 10;
/** Alerts of one evaluation enqueue about so many in one transaction. */
const BATCH = 500;
const PATIENCE_MS = 300_000;

interface Receiver {
  readonly server: Server;
  readonly url: string;
  /** How often each id came. */
  readonly taken: ReadonlyMap<string, number>;
}

const startReceiver = async (): Promise<Receiver> => {
  const taken = new Map<string, number>();
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const id = String(request.headers['webhook-id']);
      taken.set(id, (taken.get(id) ?? 0) + 1);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
};

const createChannels = async ({ client }: Bench, url: string): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < CHANNELS; i++) {
    const body = { name: `bench ${Date.now()} ${i}`, kind: 'webhook', webhook: { url: `${url}/${i}` } };
    ids.push((await client.call<{ channelId: string }>('/channels', { body })).body.channelId);
  }
  return ids;
};

/** Puts the messages into the outbox as a feature does; this process sends none of them. */
const enqueue = async ({ service }: Bench, channels: readonly string[]): Promise<void> => {
  const environment = AppConfig.load({ ...service.environment, SECRET_KEYS: 'x'.repeat(32) });
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(environment.with({ role: 'api' })), {
    logger: false,
  });
  const outbox = app.get(Outbox);
  const stamp = Date.now();
  for (let start = 0; start < MESSAGES; start += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, i): OutgoingMessage => {
      const channelId = channels[(start + i) % CHANNELS]!;
      const dedupeKey = `bench:${stamp}:${start + i}`;
      return { organization: ORGANIZATION, channelId, kind: 'channel.test', dedupeKey, payload: { n: start + i } };
    });
    await outbox.enqueue(messages);
  }
  await app.close();
};

const drained = async ({ taken }: Receiver): Promise<void> => {
  const deadline = Date.now() + PATIENCE_MS;
  while (taken.size < MESSAGES && Date.now() < deadline) await sleep(20);
};

/** 10,000 notifications over ten webhooks to a receiver on this machine: rendered, signed, sent, written down. */
export const notifications: Scenario = {
  id: 'notifications',
  run: async (bench) => {
    const receiver = await startReceiver();
    try {
      const channels = await createChannels(bench, receiver.url);
      const before = await bench.service.workerMemoryMb();
      let memory = before;
      const probe = setInterval(() => {
        void bench.service.workerMemoryMb().then((mb) => (memory = Math.max(memory, mb)));
      }, 500);
      // they are sent while they are still being put in: what counts is the time from the first to the last
      const { ms } = await timed(async () => {
        await enqueue(bench, channels);
        await drained(receiver);
      });
      clearInterval(probe);
      const copies = [...receiver.taken.values()].reduce((sum, count) => sum + count - 1, 0);
      const perSecond = Math.round((receiver.taken.size / ms) * 1000);
      const note = `${perSecond}/s, ${(ms / 1000).toFixed(1)} s with the enqueueing, worker ${before} MB before, at most ${memory} MB`;
      return [
        {
          title: '10,000 notifications drained',
          targets: [{ text: 'each once', met: receiver.taken.size === MESSAGES && copies === 0 }],
          note,
        },
      ];
    } finally {
      receiver.server.closeAllConnections();
      receiver.server.close();
    }
  },
};
