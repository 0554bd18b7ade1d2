import { RESULT_STATUSES, type ResultStatus } from '../../src/executions/index.js';
import { type BaselineQuery, type BaselineRow, compareRows } from '../baselines/query.js';
import { repeat, timed, type Timing, timingOf } from '../measure.js';
import { type Bench, p95Target, type Row, type Scenario, type Target } from '../scenario.js';
import { DAY_MS } from '../world.js';

type Cell = Readonly<Record<ResultStatus, number>> & {
  readonly executions: number;
  readonly durationMs: {
    readonly n: number;
    readonly p50: number | null;
    readonly p95: number | null;
    readonly total: number;
  };
};

export interface Report {
  readonly reportId: string;
  readonly cached: boolean;
  readonly plan: string;
  readonly totals: Cell & { readonly href: string };
  readonly rows: readonly { readonly cell: Cell }[];
}

interface ReportCase {
  readonly title: string;
  readonly days: number;
  readonly targetMs: number;
  readonly query: Omit<BaselineQuery, 'from' | 'to'>;
  /** How many times faster than DuckDB the service has to be. */
  readonly timesDuckDb?: number;
  readonly timesMongo?: number;
}

const base = { timeZone: 'UTC', interval: 'day', attempts: 'final' } as const;
const suite = 'web/area-1/suite-6';
const filters = [
  ['suite', { suite }],
  ['branch + environment', { branch: 'main', environment: 'staging' }],
  ['tag', { tag: 'smoke' }],
] as const;

const targetOf = (days: number): number => (days > 90 ? 100 : 40);

const CASES: readonly ReportCase[] = [
  ...[30, 90].map((days) => ({ title: `report ${days} d by day`, days, targetMs: 40, query: base, timesDuckDb: 1 })),
  { title: 'report 365 d by day', days: 365, targetMs: 100, query: base, timesDuckDb: 2, timesMongo: 50 },
  {
    title: 'report 30 d by day, all attempts',
    days: 30,
    targetMs: 40,
    query: { ...base, attempts: 'all' },
    timesDuckDb: 1,
  },
  {
    title: 'report 365 d by day, all attempts',
    days: 365,
    targetMs: 100,
    query: { ...base, attempts: 'all' },
    timesDuckDb: 2,
    timesMongo: 50,
  },
  ...[30, 90, 365].flatMap((days) =>
    filters.map(([name, filter]) => ({
      title: `report ${days} d by day, ${name}`,
      days,
      targetMs: targetOf(days),
      query: { ...base, attempts: 'all' as const, ...filter },
    })),
  ),
  { title: 'report 365 d by week', days: 365, targetMs: 100, query: { ...base, interval: 'week' }, timesDuckDb: 2 },
  { title: 'report 365 d by day, Kolkata', days: 365, targetMs: 100, query: { ...base, timeZone: 'Asia/Kolkata' } },
  { title: 'report 90 d by day, New York', days: 90, targetMs: 40, query: { ...base, timeZone: 'America/New_York' } },
];

/** Another range each time, so that no answer comes from the cache: short ranges move back by days, long ones begin later. */
const rangeOf = (bench: Bench, days: number, i: number): { from: Date; to: Date } => {
  const { end } = bench.world.options;
  if (days > 90) return { from: new Date(end - days * DAY_MS + i * 3_600_000), to: new Date(end) };
  return { from: new Date(end - (days + i) * DAY_MS), to: new Date(end - i * DAY_MS) };
};

/** Names of reports are part of what is cached, so answers that an earlier bench left behind are not served. */
const nonce = new Date().toISOString();

/** The request of POST /reports/generate that asks for what a baseline query asks. */
export const reportRequest = (query: BaselineQuery): unknown => ({
  type: 'summary',
  name: `bench ${nonce}`,
  interval: query.interval,
  attempts: query.attempts,
  filter: {
    ...(query.suite !== undefined && { suites: [query.suite] }),
    ...(query.branch !== undefined && { branches: [query.branch] }),
    ...(query.environment !== undefined && { environments: [query.environment] }),
    ...(query.tag !== undefined && { tags: [query.tag] }),
    timeRange: { from: query.from.toISOString(), to: query.to.toISOString(), timeZone: query.timeZone },
  },
});

const rowsOf = (report: Report): BaselineRow[] =>
  report.rows
    .filter(({ cell }) => cell.executions > 0)
    .map(({ cell }) => ({
      counts: RESULT_STATUSES.map((status) => cell[status]),
      durationN: cell.durationMs.n,
      durationUs: Math.round(cell.durationMs.total * 1000),
      p50: (cell.durationMs.p50 ?? 0) * 1000,
      p95: (cell.durationMs.p95 ?? 0) * 1000,
    }));

const WARM_UP = 3;

const measureService = async (bench: Bench, report: ReportCase): Promise<{ timing: Timing; plans: Set<string> }> => {
  const plans = new Set<string>();
  const ask = async (i: number): Promise<number> => {
    const query = { ...report.query, ...rangeOf(bench, report.days, i + 1) };
    const { body, ms } = await bench.client.call<Report>('/reports/generate', { body: reportRequest(query) });
    if (body.cached) throw new Error(`${report.title}: a cached answer was measured`);
    plans.add(body.plan);
    return ms;
  };
  await repeat(WARM_UP, (i) => ask(bench.options.repeats + i));
  return { timing: await repeat(bench.options.repeats, ask), plans };
};

const SLOW_MS = 3_000;

/** Median over several ranges; a query that takes seconds is run once only. */
const medianOf = async (
  bench: Bench,
  report: ReportCase,
  ask: (query: BaselineQuery) => Promise<unknown>,
): Promise<number> => {
  const durations: number[] = [];
  for (let i = 1; i <= bench.options.baselineRepeats; i++) {
    const { ms } = await timed(() => ask({ ...report.query, ...rangeOf(bench, report.days, i) }));
    durations.push(ms);
    if (ms > SLOW_MS) break;
  }
  return timingOf(durations).p50;
};

const measureBaselines = async (
  bench: Bench,
  report: ReportCase,
): Promise<Pick<Row, 'mongoMs' | 'duckdbMs' | 'differences'>> => {
  if (!bench.baselines) return {};
  const { mongo, duckdb } = bench.baselines;
  const query: BaselineQuery = { ...report.query, ...rangeOf(bench, report.days, 0) };
  const { body } = await bench.client.call<Report>('/reports/generate', { body: reportRequest(query) });
  const mine = rowsOf(body);
  const differences = [
    ...compareRows(mine, await mongo.report(query), 'MongoDB', false),
    ...compareRows(mine, await duckdb.report(query, 'exact'), 'DuckDB', true),
  ];
  const mongoMs = await medianOf(bench, report, (asked) => mongo.report(asked));
  const duckdbMs = await medianOf(bench, report, (asked) => duckdb.report(asked));
  return { mongoMs, duckdbMs, differences };
};

const speedTarget = (name: string, times: number | undefined, baselineMs: number | undefined, own: Timing): Target[] =>
  times === undefined || baselineMs === undefined
    ? []
    : [{ text: `>= ${times} x ${name}`, met: baselineMs / own.p50 >= times }];

const runCase = async (bench: Bench, report: ReportCase): Promise<Row> => {
  const baselines = await measureBaselines(bench, report);
  const { timing, plans } = await measureService(bench, report);
  return {
    title: report.title,
    service: timing,
    ...baselines,
    targets: [
      p95Target(timing, report.targetMs),
      ...speedTarget('DuckDB', report.timesDuckDb, baselines.duckdbMs, timing),
      ...speedTarget('MongoDB', report.timesMongo, baselines.mongoMs, timing),
    ],
    note: [...plans].join(', '),
  };
};

export const reports: readonly Scenario[] = CASES.map((report) => ({
  id: report.title,
  run: async (bench) => [await runCase(bench, report)],
}));
