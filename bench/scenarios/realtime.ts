import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { Client } from '../client.js';
import { LiveMemory } from '../live-memory.js';
import { timingOf } from '../measure.js';
import { type Bench, p95Target, type Row, type Scenario } from '../scenario.js';
import { startNode } from '../service.js';
import { type Delta, enter, openSocket, openSockets, stall } from '../sockets.js';

const ORGANIZATION = 'bench-realtime';
const PROJECT = 'live';
const POSTS = 30;
/** Further apart than two updates of a room, so that each post has a tick of its own. */
const POST_EVERY_MS = 500;
const ROWS = 10;
const TARGET_P95_MS = 500;
const STALLED_ROOMS = 50;
const STALLED_SECONDS = 15;
const STALLED_TARGET_MB = 30;
const SETTLE_MS = 5_000;

const beginRun = async (client: Client): Promise<string> => {
  const body = { project: PROJECT, externalId: `${Date.now()}-${Math.random()}` };
  return (await client.call<{ runId: string }>('/runs', { body })).body.runId;
};

/** `first` counts the tests of the run, so that each post brings new ones. */
const post = (client: Client, runId: string, first: number): Promise<unknown> => {
  const results = Array.from({ length: ROWS }, (_, index) => ({
    name: `test ${first + index}`,
    suite: 'live',
    status: index === 0 ? 'failed' : 'passed',
    durationMs: 12,
    ...(index === 0 && { error: { type: 'Error', message: 'expected '.repeat(30) } }),
  }));
  return client.call(`/runs/${runId}/results`, { body: { results } });
};

/** Ms from the post to the delta that holds it, for every post and socket; and deltas that are missing or out of order. */
const follow = async (
  client: Client,
  runId: string,
  sockets: readonly Socket[],
): Promise<{ ms: number[]; posts: number[]; wrong: number }> => {
  const postedAt: number[] = [];
  const ms: number[] = [];
  const posts: number[] = [];
  let wrong = 0;
  for (const socket of sockets) {
    let seen = 0;
    let last: number | undefined;
    socket.on('delta', ({ seq, data }: Delta) => {
      const now = performance.now();
      if (last !== undefined && seq !== last + 1) wrong++;
      last = seq;
      for (; seen < data.totals.attempts / ROWS; seen++) ms.push(now - postedAt[seen]!);
    });
  }
  for (let i = 0; i < POSTS; i++) {
    const at = performance.now();
    postedAt.push(at);
    await post(client, runId, i * ROWS);
    posts.push(performance.now() - at);
    await sleep(POST_EVERY_MS);
  }
  for (let waited = 0; ms.length < POSTS * sockets.length && waited < SETTLE_MS; waited += 50) await sleep(50);
  return { ms, posts, wrong: wrong + POSTS * sockets.length - ms.length };
};

const ticks = async (title: string, bench: Bench, socketsUrl: string): Promise<Row> => {
  const token = await bench.service.token(ORGANIZATION);
  const client = new Client(bench.service.url, token);
  const runId = await beginRun(client);
  const sockets = await openSockets(bench.options.sockets, socketsUrl, token, [`run:${runId}`]);
  const { ms, posts, wrong } = await follow(client, runId, sockets);
  sockets.forEach((socket) => socket.disconnect());
  const timing = timingOf(ms);
  return {
    title,
    service: timing,
    targets: [p95Target(timing, TARGET_P95_MS), { text: 'nothing lost or out of order', met: wrong === 0 }],
    note: `${sockets.length} sockets, ${POSTS} batches of ${ROWS}; of it the post itself p50 ${Math.round(timingOf(posts).p50)} ms; API at ${await bench.service.memoryMb()} MB`,
  };
};

/** The most that the API holds while every room gets as many updates as it may. */
const peakMb = async (memory: LiveMemory, client: Client, runIds: readonly string[], from: number): Promise<number> => {
  let most = 0;
  const deadline = performance.now() + STALLED_SECONDS * 1000;
  for (let round = from; performance.now() < deadline; round++) {
    for (let at = 0; at < runIds.length; at += 4)
      await Promise.all(runIds.slice(at, at + 4).map((runId) => post(client, runId, round * ROWS)));
    most = Math.max(most, await memory.megabytes());
  }
  return most;
};

/** What a client that reads nothing costs beyond the same client that reads. */
const stalled = async (bench: Bench): Promise<Row> => {
  const token = await bench.service.token(ORGANIZATION);
  const client = new Client(bench.service.url, token);
  const runIds = await Promise.all(Array.from({ length: STALLED_ROOMS }, () => beginRun(client)));
  const reader = await openSocket(bench.service.url, token);
  for (const runId of runIds) await enter(reader, `run:${runId}`);
  const memory = await LiveMemory.of(bench.service.pid);
  const without = await peakMb(memory, client, runIds, 0);
  const socket = await openSocket(bench.service.url, token);
  for (const runId of runIds) await enter(socket, `run:${runId}`);
  stall(socket);
  const cost = Math.max(0, (await peakMb(memory, client, runIds, 1_000)) - without);
  memory.close();
  reader.disconnect();
  socket.disconnect();
  return {
    title: 'memory of one stalled client',
    targets: [{ text: `< ${STALLED_TARGET_MB} MB`, met: cost < STALLED_TARGET_MB }],
    note: `${cost.toFixed(1)} MB more live memory at the peak of ${STALLED_SECONDS} s, in ${STALLED_ROOMS} rooms; how much waited is not looked at here`,
  };
};

export const realtime: Scenario = {
  id: 'realtime',
  run: async (bench) => {
    const client = new Client(bench.service.url, await bench.service.token(ORGANIZATION));
    await client.call('/projects', { body: { key: PROJECT, name: 'Live' }, allow: [409] });
    const rows = [await ticks('ingest to socket, one node', bench, bench.service.url)];
    const node = await startNode(bench.service);
    try {
      rows.push(await ticks('ingest to socket, sockets on another node', bench, node.url));
    } finally {
      await node.stop();
    }
    return [...rows, await stalled(bench)];
  },
};
