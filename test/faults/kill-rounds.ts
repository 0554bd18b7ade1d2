/**
 * Kills the service, its worker or mongod in the middle of imports and looks whether anything that was answered 2xx is
 * missing or counted twice. Node runs this file as it is:
 *
 *   npm run build && npm run test:faults -- [--rounds 20] [--others 10] [--seed 1]
 *
 * Each round starts the built service on the same data, lets four clients post batches, kills at a failpoint of the
 * batch protocol or at a random moment, starts again, sends the unanswered batches once more and compares. Half as many
 * rounds more kill it while runs are deleted, while NDJSON streams in and while retention removes runs.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dataDir, findProcess, pick, post, random, reseed, start, token, verify } from './faulty-service.ts';
import { OTHER_ROUNDS } from './removal-rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string' },
    others: { type: 'string' },
    keep: { type: 'boolean' },
  },
});
const ROUNDS = Number(values.rounds ?? 20);
reseed(Number(values.seed ?? 1));
const PROJECT = 'faults';
const FAILPOINTS = [
  'lease-taken',
  'generation-raised',
  'results-inserted',
  'summary-replaced',
  'days-touched',
  'summary-written',
  'commit-appended',
  'run-completed',
];

interface Batch {
  readonly externalId: string;
  readonly startedAt: string;
  readonly results: readonly object[];
}

const STATUSES = ['passed', 'passed', 'passed', 'failed', 'broken', 'skipped'];
let batchNumber = 0;

/** Runs come in several batches, some attempts of one test in different ones, over two days. */
const makeBatch = (round: number): Batch => {
  const number = batchNumber++;
  const startedAt = new Date(Date.UTC(2026, 0, 1 + (round % 5), 20)).toISOString();
  const results = Array.from({ length: 40 + Math.floor(random() * 160) }, (_, i) => ({
    name: `test ${i % 120}`,
    suite: `suite ${i % 7}`,
    attempt: 1 + number * 2 + Math.floor(i / 120),
    status: pick(STATUSES),
    startedAt: new Date(Date.parse(startedAt) + Math.floor(random() * 8 * 3_600_000)).toISOString(),
    durationMs: Math.floor(random() * 5000),
  }));
  return { externalId: `run-${round}-${number % 6}`, startedAt, results };
};

/** Per run: "suite/name" to attempt to status, of everything that was answered 2xx. */
const answered = new Map<string, Map<string, Map<number, string>>>();

const remember = (batch: Batch): void => {
  const tests = answered.get(batch.externalId) ?? new Map<string, Map<number, string>>();
  for (const result of batch.results as { name: string; suite: string; attempt: number; status: string }[]) {
    const key = `${result.suite}/${result.name}`;
    const attempts = tests.get(key) ?? new Map<number, string>();
    attempts.set(result.attempt, result.status);
    tests.set(key, attempts);
  }
  answered.set(batch.externalId, tests);
};

const send = async (url: string, bearer: string, batch: Batch): Promise<boolean> => {
  try {
    const { status, body } = await post(url, 'runs', bearer, { project: PROJECT, ...batch });
    if (status >= 200 && status < 300) {
      remember(batch);
      return true;
    }
    if (status !== 503) throw new Error(`unexpected ${status}: ${JSON.stringify(body)}`);
    return false;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('unexpected')) throw error;
    return false;
  }
};

const expectedTotals = (): Record<string, number> => {
  const totals: Record<string, number> = { executions: 0, passed: 0, failed: 0, broken: 0, skipped: 0 };
  for (const tests of answered.values())
    for (const attempts of tests.values()) {
      const last = attempts.get(Math.max(...attempts.keys()))!;
      totals.executions!++;
      totals[last]!++;
    }
  return totals;
};

const compare = async (url: string, bearer: string): Promise<void> => {
  const { status, body } = await post(url, 'reports/generate', bearer, {
    type: 'summary',
    filter: {
      projects: [PROJECT],
      timeRange: { from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z', timeZone: 'UTC' },
    },
    interval: 'day',
  });
  if (status >= 300) throw new Error(`report answered ${status}: ${JSON.stringify(body)}`);
  for (const [name, value] of Object.entries(expectedTotals()))
    if (body.totals?.[name] !== value)
      throw new Error(`${name}: ${String(body.totals?.[name])} in the report, ${value} were answered 2xx`);
};

type Kill = { readonly kind: 'failpoint' | 'service' | 'mongod'; readonly failpoints: string };

const planKill = (round: number): Kill => {
  if (round < FAILPOINTS.length * 2 && round % 2 === 0)
    return { kind: 'failpoint', failpoints: `${FAILPOINTS[round / 2]}=kill@${1 + Math.floor(random() * 12)}` };
  return { kind: round % 4 === 1 ? 'mongod' : 'service', failpoints: '' };
};

const runRound = async (round: number): Promise<string> => {
  const kill = planKill(round);
  const service = await start(kill.failpoints);
  const bearer = token();
  const batches = Array.from({ length: 48 }, () => makeBatch(round));
  const unanswered: Batch[] = [];
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < batches.length) {
      const batch = batches[next++]!;
      if (!(await send(service.url, bearer, batch))) unanswered.push(batch);
    }
  };
  const timer = setTimeout(
    () => {
      const pid =
        kill.kind === 'mongod' ? findProcess('mongod') : kill.kind === 'service' ? service.child.pid : undefined;
      if (kill.kind !== 'failpoint' && pid === undefined) throw new Error(`found no ${kill.kind} to kill`);
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
    100 + random() * 900,
  );
  await Promise.all([client(), client(), client(), client()]);
  clearTimeout(timer);
  if (service.child.exitCode === null && service.child.signalCode === null) service.child.kill('SIGKILL');
  await service.exited;
  const again = await start('');
  for (const batch of unanswered.reverse())
    if (!(await send(again.url, bearer, batch))) throw new Error('a batch was not taken after the restart');
  // and everything once more, out of order: nothing may change
  for (const batch of batches.sort(() => random() - 0.5).slice(0, 12)) await send(again.url, bearer, batch);
  await compare(again.url, bearer);
  verify();
  again.child.kill('SIGTERM');
  await again.exited;
  return `${kill.kind} ${kill.failpoints}: ${unanswered.length} of ${batches.length} batches unanswered`;
};

for (let round = 0; round < ROUNDS; round++) console.log(`round ${round + 1}/${ROUNDS} ${await runRound(round)}: ok`);
const others = Number(values.others ?? Math.ceil(ROUNDS / 2));
for (let round = 0; round < others; round++)
  console.log(`round ${round + 1}/${others} ${await OTHER_ROUNDS[round % OTHER_ROUNDS.length]!(round)}: ok`);
if (!values.keep) rmSync(dataDir, { recursive: true, force: true });
console.log(`${ROUNDS} + ${others} rounds: nothing lost, nothing counted twice, verify clean`);
