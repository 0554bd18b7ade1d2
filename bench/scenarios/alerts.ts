import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../client.js';
import { repeat, timingOf } from '../measure.js';
import { p95Target, type Row, type Scenario } from '../scenario.js';
import { DAY_MS, World } from '../world.js';

/** Of its own: a thousand rules would be evaluated with every run of the other rows. */
const ORGANIZATION = 'bench-alerts';
const RULES = 1_000;
const ROUNDS = 5;
const TARGET_MS = 2_000;
const PATIENCE_MS = 30_000;
/** Runs that are there before: what the windows of the rules look at. */
const HISTORY = 40;

interface RulePage {
  readonly items: readonly { readonly ruleId: string; readonly lastEvaluation: { readonly at: string } | null }[];
  readonly nextCursor: string | null;
}

const METRICS = ['pass_rate', 'failure_rate', 'failures', 'duration_p95', 'flaky_rate', 'retry_rate', 'duration_avg'];
const WINDOWS = ['2h', '1d', '7d'];
const GROUPS = [[], ['suite'], ['branch'], ['environment']];
const BRANCHES = [undefined, 'main', 'release/*', '!main'];

/** Rules as people would have them: few questions, many thresholds. Every tenth fires. */
const ruleOf = (i: number): object => {
  const metric = METRICS[i % METRICS.length]!;
  const branch = BRANCHES[Math.floor(i / 84) % BRANCHES.length];
  const fires = i % 10 === 0;
  return {
    name: `rule ${i}`,
    metric,
    filter: { projects: ['web'], ...(branch !== undefined && { branches: [branch] }) },
    window: WINDOWS[i % WINDOWS.length],
    groupBy: GROUPS[Math.floor(i / 21) % GROUPS.length],
    condition: 'above',
    critical: fires ? 0 : metric.startsWith('duration') ? 1e9 : metric === 'failures' ? 1e6 : 0.999,
    ...(metric === 'pass_rate' && { condition: 'below', critical: fires ? 0.999 : 0.001 }),
  };
};

/** When the oldest of the newest evaluations was; undefined while a rule has none. */
const evaluatedSince = async (client: Client): Promise<number | undefined> => {
  let oldest = Number.POSITIVE_INFINITY;
  for (let cursor = ''; ;) {
    const { body } = await client.call<RulePage>(`/alerts?limit=200${cursor}`);
    for (const { lastEvaluation } of body.items) {
      if (lastEvaluation === null) return undefined;
      oldest = Math.min(oldest, Date.parse(lastEvaluation.at));
    }
    if (body.nextCursor === null) return oldest;
    cursor = `&cursor=${body.nextCursor}`;
  }
};

/** What a bench before has left. */
const removeRules = async (client: Client): Promise<void> => {
  for (;;) {
    const { body } = await client.call<RulePage>('/alerts?limit=200');
    if (body.items.length === 0) return;
    for (const { ruleId } of body.items) await client.call(`/alerts/${ruleId}`, { method: 'DELETE' });
  }
};

const untilEvaluated = async (client: Client, since: number): Promise<number> => {
  const started = performance.now();
  while (performance.now() - started < PATIENCE_MS) {
    if (((await evaluatedSince(client)) ?? 0) >= since) return performance.now();
    await sleep(20);
  }
  throw new Error(`the rules were not evaluated within ${PATIENCE_MS} ms`);
};

export const alerts: Scenario = {
  id: 'alerts',
  run: async ({ service, options }) => {
    const client = new Client(service.url, await service.token(ORGANIZATION));
    await client.call('/projects', { body: { key: 'web', name: 'web' }, allow: [409] });
    const end = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const runs = [...new World({ copies: 1, results: 20_000, seed: Date.now(), end })]
      .filter(({ run }) => run.project === 'web')
      .slice(-HISTORY - ROUNDS);
    const post = async (index: number, minutesAgo: number): Promise<number> => {
      const { run, results } = runs[index]!;
      const startedAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      const now = results.map((result) => ({ ...result, startedAt }));
      const body = { ...run, externalId: `${Date.now()}-${index}`, startedAt, finishedAt: startedAt, results: now };
      return (await client.call('/runs', { body })).ms;
    };
    await removeRules(client);
    for (let i = 0; i < HISTORY; i++) await post(i, 20 + i * 30);
    const create = await repeat(RULES, async (i) => (await client.call('/alerts', { body: ruleOf(i) })).ms);
    await untilEvaluated(client, 0);
    const rounds: number[] = [];
    const ingest: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const since = Date.now();
      ingest.push(await post(HISTORY + i, 1));
      const answered = performance.now();
      rounds.push((await untilEvaluated(client, since)) - answered);
    }
    const status = await repeat(options.repeats, async () => (await client.call('/alerts/status')).ms);
    const evaluation = timingOf(rounds);
    const rows: Row[] = [
      {
        title: `${RULES} rules on one ingested run, from its answer to the last rule`,
        service: evaluation,
        targets: [{ text: `< ${TARGET_MS} ms`, met: evaluation.p95 < TARGET_MS }],
        note: `its ingest: ${Math.round(timingOf(ingest).p95)} ms`,
      },
      { title: 'create an alert rule', service: create, targets: [p95Target(create, 50)] },
      { title: `status of alerts, ${RULES} rules`, service: status, targets: [p95Target(status, 50)] },
    ];
    return rows;
  },
};
