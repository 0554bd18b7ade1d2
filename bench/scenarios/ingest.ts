import { Client } from '../client.js';
import { timingOf } from '../measure.js';
import type { Row, Scenario } from '../scenario.js';
import { DAY_MS, World } from '../world.js';

const CLIENTS = 4;
/** Of its own, so that the numbers of the other rows stay what they are. */
const ORGANIZATION = 'bench-ingest';
const TARGET_PER_SECOND = 10_000;
const TARGET_P95_MS = 1_000;

interface Accepted {
  readonly accepted: number;
}

/**
 * Endless new runs of 1,000 results: a year of them from its first day on, so a day gets about 14 runs and the sealer follows
 * all the while.
 */
function* freshRuns(seed: number): Generator {
  const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  for (let pass = 0; ; pass++)
    for (const { run, results } of new World({ results: 5_000_000, copies: 1, seed: seed + pass, end }))
      yield { ...run, externalId: `${seed}-${pass}-${run.externalId ?? ''}`, results };
}

export const ingest: Scenario = {
  id: 'ingest',
  run: async ({ service, options, baselines }) => {
    await baselines?.mongo.dropIndex();
    const client = new Client(service.url, await service.token(ORGANIZATION));
    for (const key of ['web', 'api', 'mobile'])
      await client.call('/projects', { body: { key, name: key }, allow: [409] });
    const runs = freshRuns(Date.now());
    const durations: number[] = [];
    let accepted = 0;
    const started = performance.now();
    const send = async (): Promise<void> => {
      while (performance.now() - started < options.ingestSeconds * 1000) {
        const { body, ms } = await client.call<Accepted>('/runs', { body: runs.next().value });
        durations.push(ms);
        accepted += body.accepted;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, send));
    const seconds = (performance.now() - started) / 1000;
    const timing = timingOf(durations);
    const rate = accepted / seconds;
    const row: Row = {
      title: `ingest over HTTP, ${CLIENTS} clients, ${Math.round(seconds)} s`,
      service: timing,
      targets: [
        { text: `>= ${TARGET_PER_SECOND} results/s`, met: rate >= TARGET_PER_SECOND },
        { text: `batch p95 < ${TARGET_P95_MS} ms`, met: timing.p95 < TARGET_P95_MS },
      ],
      note: `${Math.round(rate)} results/s, API at ${await service.memoryMb()} MB`,
    };
    return [row];
  },
};
