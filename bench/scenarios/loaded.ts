import { Client } from '../client.js';
import { timingOf } from '../measure.js';
import { type Bench, p95Target, type Row, type Scenario } from '../scenario.js';
import { DAY_MS, ORGANIZATION, World } from '../world.js';
import { Random } from '../../src/demo/domain/random.js';
import { type Node, startNode } from '../service.js';
import { dashboardOf } from './dashboards.js';
import { type Report, reportRequest } from './reports.js';

const CLIENTS = 50;
const THINK_MS = 2_000;
const PROJECT = 'web';
const BUILDS = 4;
/** A process that has just started compiles its code and has nothing in memory yet: told in a row of its own. */
const START_MS = 20_000;
const INGEST_PAUSE_MS = 1_000;
const INGEST_RESULTS = 250;
const EVENT_LOOP_P99_MS = 50;

type Ask = (draw: number) => Promise<number>;

interface Mix {
  readonly title: string;
  readonly targetMs: number;
  /** Of 100 requests. */
  readonly share: number;
  readonly ask: Ask;
}

const ZONES = Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'));
const nonce = `loaded ${Date.now()}`;

/** Shifts of a window, a day each. */
export const SHIFTS = 250;

/** Reports of so many days; draw 0 is always the same one, so that half of what is asked for is a repetition. */
export const reportBody = ({ world }: Bench, days: number, draw: number): unknown => {
  const { end } = world.options;
  const shift = days > 90 ? 0 : (draw % SHIFTS) * DAY_MS;
  const later = days > 90 ? draw * 60_000 : 0;
  const [from, to] = [new Date(end - shift - days * DAY_MS + later), new Date(end - shift)];
  const query = { timeZone: 'UTC', interval: 'day', attempts: 'final', from, to } as const;
  return { ...(reportRequest(query) as object), name: `${nonce} ${draw}` };
};

const lastDays = ({ world }: Bench, days: number, draw: number): string => {
  const to = world.options.end - (draw % 200) * DAY_MS;
  return new URLSearchParams({
    from: new Date(to - days * DAY_MS).toISOString(),
    to: new Date(to).toISOString(),
  }).toString();
};

interface Prepared {
  readonly reportIds: readonly string[];
  readonly yearId: string;
  readonly dashboardId: string;
}

const mixOf = (bench: Bench, { reportIds, yearId, dashboardId }: Prepared): Mix[] => {
  const { client } = bench;
  let etag: string | null = null;
  const get = (path: (draw: number) => string): Ask => {
    return async (draw) => (await client.call(path(draw))).ms;
  };
  const report = (days: number): Ask => {
    return async (draw) => (await client.call('/reports/generate', { body: reportBody(bench, days, draw) })).ms;
  };
  const known = async (): Promise<number> => {
    etag ??= (await client.call(`/reports/${yearId}`)).etag;
    return (await client.call(`/reports/${yearId}`, { headers: { 'if-none-match': etag ?? '' }, allow: [304] })).ms;
  };
  const levels = ['suite', 'day', 'result', 'cluster'];
  const drill = (draw: number): string =>
    `/reports/${reportIds[draw % reportIds.length] ?? ''}/drilldown?level=${levels[draw % levels.length] ?? ''}`;
  const create = async (draw: number): Promise<number> => {
    const body = { name: `${nonce} ${draw} ${Math.random()}`, request: { type: 'summary' } };
    return (await client.call('/reports/templates', { body })).ms;
  };
  return [
    { title: 'health', targetMs: 50, share: 8, ask: get(() => '/health') },
    { title: 'report 30 d', targetMs: 250, share: 16, ask: report(30) },
    { title: 'report 90 d', targetMs: 250, share: 12, ask: report(90) },
    { title: 'report 365 d', targetMs: 500, share: 8, ask: report(365) },
    { title: 'report 365 d, asked again over data that grows', targetMs: 500, share: 6, ask: () => report(365)(0) },
    { title: 'report 365 d, stored', targetMs: 50, share: 6, ask: get(() => `/reports/${yearId}`) },
    { title: 'report 365 d, 304', targetMs: 50, share: 4, ask: known },
    { title: 'drill-down', targetMs: 300, share: 16, ask: get(drill) },
    {
      title: 'trends with forecast, 365 d',
      targetMs: 1000,
      share: 6,
      ask: get((draw) => `/trends?metric=pass_rate&forecast=14&${lastDays(bench, 365, draw % 10)}`),
    },
    {
      title: 'quality ranking, 30 d',
      targetMs: 1000,
      share: 6,
      ask: get((draw) => `/quality-metrics/tests?sort=flakiness&projects=${PROJECT}&${lastDays(bench, 30, draw)}`),
    },
    {
      title: 'gate of a build of 5,000',
      targetMs: 500,
      share: 10,
      ask: get((draw) => `/builds/loaded-${draw % BUILDS}/gate?project=${PROJECT}`),
    },
    {
      title: 'dashboard with 8 widgets',
      targetMs: 500,
      share: 6,
      // another zone is another range: all 8 widgets are made anew
      ask: get((draw) => `/dashboards/${dashboardId}?timeZone=${ZONES[draw % ZONES.length] ?? 'UTC'}`),
    },
    { title: 'create a template', targetMs: 200, share: 8, ask: create },
  ];
};

/** New runs while the others ask, at a modest rate. */
const ingestUntil = async (bench: Bench, end: number): Promise<number> => {
  const { client, world } = bench;
  const fresh = new World({ ...world.options, seed: world.options.seed + Math.floor(Date.now() / 1000) });
  let accepted = 0;
  for (const { run, results } of fresh) {
    if (performance.now() > end) break;
    const body = { ...run, externalId: `${nonce} ${run.externalId ?? ''}`, results: results.slice(0, INGEST_RESULTS) };
    accepted += (await client.call<{ accepted: number }>('/runs', { body })).body.accepted;
    await pause(INGEST_PAUSE_MS);
  }
  return accepted;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** 99th percentile of the event loop's delay since the last scrape, in ms, as /metrics tells it. */
const eventLoopP99 = async ({ service }: Bench): Promise<number> => {
  const text = await (await fetch(new URL('/metrics', service.url))).text();
  return 1000 * Number(/^nodejs_eventloop_lag_p99_seconds ([\d.e+-]+)$/m.exec(text)?.[1] ?? Number.NaN);
};

const pickFrom = (mix: readonly Mix[], random: Random): Mix => {
  let left = random.next() * mix.reduce((sum, { share }) => sum + share, 0);
  for (const one of mix) if ((left -= one.share) < 0) return one;
  return mix[0]!;
};

/** What the clients look at, made before: reports of 30 days, one of a year, a dashboard. */
const prepare = async (bench: Bench): Promise<Prepared> => {
  const { client, world } = bench;
  for (let i = 0; i < BUILDS; i++)
    for (const { run, results } of world.build(PROJECT, `loaded-${i}`, world.options.end + i * 60_000))
      await client.call('/runs', { body: { ...run, results } });
  const reportIds: string[] = [];
  for (let draw = 0; draw < 8; draw++)
    reportIds.push(
      (await client.call<Report>('/reports/generate', { body: reportBody(bench, 30, draw) })).body.reportId,
    );
  const yearBody = { ...(reportBody(bench, 365, 0) as object), waitForScores: true };
  const year = await client.call<Report>('/reports/generate', { body: yearBody });
  const dashboard = await client.call<{ dashboardId: string }>('/dashboards', { body: dashboardOf(bench) });
  return { reportIds, yearId: year.body.reportId, dashboardId: dashboard.body.dashboardId };
};

/** 50 clients who think for 2 s on average, while runs come in; client i asks `clients[i % clients.length]`. */
const measure = async (bench: Bench, clients: readonly Client[]): Promise<Row[]> => {
  const { options } = bench;
  const prepared = await prepare(bench);
  const mixes = clients.map((client) => mixOf({ ...bench, client }, prepared));
  const mix = mixes[0]!;
  const durations = new Map<string, number[]>(mix.map(({ title }) => [title, []]));
  const start: number[] = [];
  const started = performance.now() + START_MS;
  const end = started + options.loadedSeconds * 1000;
  await eventLoopP99(bench); // what came before does not count
  const one = async (_: unknown, i: number): Promise<void> => {
    const random = new Random(`loaded-${i}`);
    await pause(random.next() * THINK_MS);
    while (performance.now() < end) {
      const { title, ask } = pickFrom(mixes[i % mixes.length]!, random);
      const kept = performance.now() < started ? start : durations.get(title);
      kept?.push(await ask(random.chance(0.5) ? 0 : random.int(1, 100_000)));
      await pause(random.next() * 2 * THINK_MS);
    }
  };
  const [accepted] = await Promise.all([ingestUntil(bench, end), ...Array.from({ length: CLIENTS }, one)]);
  const lag = await eventLoopP99(bench);
  const rows = mix.map(({ title, targetMs }): Row => {
    const service = timingOf(durations.get(title) ?? []);
    return { title: `loaded: ${title}`, service, targets: [p95Target(service, targetMs)], note: `n ${service.n}` };
  });
  const first = timingOf(start);
  const startRow = {
    title: `loaded: all of these in the first ${START_MS / 1000} s`,
    service: first,
    targets: [],
    note: `n ${first.n}`,
  };
  const target = { text: `p99 < ${EVENT_LOOP_P99_MS} ms`, met: lag < EVENT_LOOP_P99_MS };
  const note = `${lag.toFixed(1)} ms; ${Math.round((accepted * 1000) / (options.loadedSeconds * 1000 + START_MS))} results/s came in; ${clients.length} API processes`;
  return [...rows, startRow, { title: "loaded: event loop's delay", targets: [target], note }];
};

/** The targets under load. */
export const loaded: Scenario = {
  id: 'loaded',
  run: async (bench) => {
    const { service, options } = bench;
    const nodes: Node[] = [];
    try {
      while (nodes.length + 1 < options.apis) nodes.push(await startNode(service));
      const token = await service.token(ORGANIZATION);
      return await measure(bench, [bench.client, ...nodes.map(({ url }) => new Client(url, token))]);
    } finally {
      for (const node of nodes) await node.stop();
    }
  },
};
