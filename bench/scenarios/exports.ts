import { setTimeout as sleep } from 'node:timers/promises';
import { type Timing, timingOf } from '../measure.js';
import type { Bench, Row, Scenario } from '../scenario.js';
import { reportBody, SHIFTS } from './loaded.js';

const ROWS = 1_000_000;
const MOST_MB = 250;
const CSV_SECONDS = 60;
const PROBE_MS = 25;
/** Reports take turns of the processor from the exports: seldom enough that these are what is measured. */
const REPORT_PAUSE_MS = 200;
const IDLE_PROBES = 200;
const REPORT_DAYS = 30;
const PARALLEL = 10;
/** At least so much is noise on a machine that does other things too. */
const LEAST_P95_MS = 5;

interface Job {
  readonly jobId: string;
  readonly status: string;
  readonly downloadUrl?: string;
  readonly file?: { readonly rows: number; readonly length: number };
  readonly error?: { readonly code: string; readonly detail: string };
}

/** How long the API takes to say that it is there, and for a report that it has to compute. */
interface Answers {
  readonly health: Timing;
  readonly report: Timing;
}

/** What the API and the worker were like while something went on. */
interface Watched {
  readonly api: Answers;
  readonly workerMb: number;
  readonly lagMs: number;
}

const requestOf = ({ world }: Bench, format: string, rows: number): object => ({
  source: { kind: 'results', attempts: 'all' },
  format,
  maxRecords: rows,
  filter: {
    timeRange: { from: new Date(world.start).toISOString(), to: new Date(world.options.end).toISOString() },
  },
});

const begin = async ({ client }: Bench, body: object): Promise<string> =>
  (await client.call<Job>('/exports', { body })).body.jobId;

const whenDone = async ({ client }: Bench, jobId: string, everyMs = 250): Promise<Job> => {
  for (;;) {
    const { body } = await client.call<Job>(`/exports/${jobId}/status`);
    if (body.status === 'completed') return body;
    if (body.status !== 'pending' && body.status !== 'in_progress')
      throw new Error(`the export is ${body.status}: ${body.error?.detail ?? ''}`);
    await sleep(everyMs);
  }
};

/** Prometheus resets its histogram of the event loop with each look at it. */
const apiLagMs = async ({ service }: Bench): Promise<number> => {
  const text = await (await fetch(new URL('/metrics', service.url))).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(text)?.[1] ?? Number.NaN) * 1000;
};

/** Asks for the one and the other in turn, with a pause after each. */
const probe = async (bench: Bench, goesOn: (asked: number) => boolean | Promise<boolean>): Promise<Answers> => {
  const { client } = bench;
  const health: number[] = [];
  const report: number[] = [];
  for (let asked = 0; await goesOn(asked); asked++) {
    // another name each time, so that it is in no cache
    const body = reportBody(bench, REPORT_DAYS, SHIFTS * Math.round(performance.now()));
    const isReport = asked % 2 === 1;
    if (isReport) report.push((await client.call('/reports/generate', { body })).ms);
    else health.push((await client.call('/health')).ms);
    await sleep(isReport ? REPORT_PAUSE_MS : PROBE_MS);
  }
  return { health: timingOf(health), report: timingOf(report) };
};

const watch = async <T>(bench: Bench, work: () => Promise<T>): Promise<{ value: T } & Watched> => {
  let isOver = false;
  let workerMb = 0;
  await apiLagMs(bench);
  const probing = probe(bench, async () => {
    workerMb = Math.max(workerMb, await bench.service.exportWorkerMemoryMb());
    return !isOver;
  });
  try {
    const value = await work();
    const lagMs = await apiLagMs(bench);
    isOver = true;
    return { value, api: await probing, workerMb, lagMs };
  } finally {
    isOver = true;
    await probing;
  }
};

const idleAnswers = (bench: Bench): Promise<Answers> => probe(bench, (asked) => asked < IDLE_PROBES);

const isNearIdle = ({ p95 }: Timing, idle: Timing): boolean => p95 < Math.max(LEAST_P95_MS, 2 * idle.p95);

const limitsOf = ({ api, workerMb }: Watched, idle: Answers): Row['targets'] => [
  { text: `worker <= ${MOST_MB} MB`, met: workerMb > 0 && workerMb <= MOST_MB },
  { text: 'health p95 < 2x idle', met: isNearIdle(api.health, idle.health) },
  { text: `report ${REPORT_DAYS} d p95 < 2x idle`, met: isNearIdle(api.report, idle.report) },
];

const p95Text = ({ p95 }: Timing, idle: Timing): string => `${p95.toFixed(1)} ms (idle ${idle.p95.toFixed(1)})`;

const noteOf = ({ workerMb, api, lagMs }: Watched, idle: Answers): string =>
  `worker peak ${workerMb} MB, health p95 ${p95Text(api.health, idle.health)}, report p95 ${p95Text(api.report, idle.report)}, the API's event loop p99 ${lagMs.toFixed(1)} ms`;

const measureOne = async (bench: Bench, format: string, rows: number, idle: Answers): Promise<[Row, Job]> => {
  const started = performance.now();
  const watched = await watch(bench, async () => whenDone(bench, await begin(bench, requestOf(bench, format, rows))));
  const seconds = (performance.now() - started) / 1000;
  const { file } = watched.value;
  const megabytes = Math.round((file?.length ?? 0) / 1e6);
  const most = (CSV_SECONDS * rows) / ROWS;
  const row: Row = {
    title: `export ${file?.rows ?? 0} results as ${format.toUpperCase()}`,
    targets: [
      ...(format === 'csv' ? [{ text: `< ${most.toFixed(0)} s`, met: seconds < most }] : []),
      ...limitsOf(watched, idle),
    ],
    note: `${seconds.toFixed(1)} s, ${megabytes} MB; ${noteOf(watched, idle)}`,
  };
  return [row, watched.value];
};

/** Reads a file as somebody on a bad line does, until it is told to stop. */
const readSlowly = async ({ service }: Bench, { downloadUrl = '' }: Job, stop: AbortSignal): Promise<number> => {
  const { pathname, search } = new URL(downloadUrl);
  const response = await fetch(new URL(pathname + search, service.url), { headers: { 'accept-encoding': 'identity' } });
  const reader = response.body?.getReader();
  let bytes = 0;
  while (reader && !stop.aborted) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += (value as Uint8Array).length;
    // about 5 Mbit/s
    await sleep(200);
  }
  await reader?.cancel();
  return bytes;
};

const measureMany = async (bench: Bench, rows: number, idle: Answers, slow: Job): Promise<Row> => {
  const stop = new AbortController();
  const reading = readSlowly(bench, slow, stop.signal);
  const started = performance.now();
  const watched = await watch(bench, async () => {
    const formats = ['csv', 'ndjson', 'xlsx'];
    const ids = Array.from({ length: PARALLEL }, (_, i) => begin(bench, requestOf(bench, formats[i % 3]!, rows)));
    // ten who look four times a second would be a load of their own
    return Promise.all((await Promise.all(ids)).map((id) => whenDone(bench, id, 1000)));
  });
  const seconds = (performance.now() - started) / 1000;
  stop.abort();
  const megabytes = Math.round((await reading) / 1e6);
  const apiMb = await bench.service.memoryMb();
  return {
    title: `${PARALLEL} exports of ${rows} results at once, beside a slow download`,
    targets: limitsOf(watched, idle),
    note: `${seconds.toFixed(1)} s; ${noteOf(watched, idle)}; ${megabytes} MB read slowly, API at ${apiMb} MB`,
  };
};

export const exports: Scenario = {
  id: 'exports',
  run: async (bench) => {
    const rows = Math.min(ROWS, bench.options.results);
    await idleAnswers(bench); // the first seconds after the start are slower than idle
    const idle = await idleAnswers(bench);
    const table: Row[] = [];
    let last: Job | undefined;
    for (const format of ['csv', 'ndjson', 'xlsx', 'json']) {
      const [row, job] = await measureOne(bench, format, rows, idle);
      table.push(row);
      if (format === 'csv') last = job;
    }
    return last ? [...table, await measureMany(bench, Math.ceil(rows / PARALLEL), idle, last)] : table;
  },
};
