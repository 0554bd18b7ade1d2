import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { SealerService, VerifyService } from '../../src/metrics/index.js';
import { startApp, type TestApp } from '../support/app.js';

const STATUSES = ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'] as const;
const JUDGED = ['passed', 'failed', 'broken', 'timeout'];
const FAILURES = ['failed', 'broken', 'timeout'];
const BRANCHES = ['main', 'release/1', undefined];
const SUITES = ['checkout', 'checkout/cart', 'search', undefined];
const ENVIRONMENTS = ['ci', 'staging', undefined];
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];
/** New York leaves daylight saving time on 2025-11-02, at 06:00 UTC. */
const BASE = Date.UTC(2025, 9, 30);
const DAYS = 6;

interface Result {
  readonly name: string;
  readonly suite?: string;
  readonly tags?: readonly string[];
  readonly status: (typeof STATUSES)[number];
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs?: number;
}

interface ModelRun {
  readonly externalId: string;
  readonly branch?: string;
  readonly environment?: string;
  readonly startedAt: string;
  readonly results: Map<string, Result>;
  runId: string;
}

interface Action {
  readonly kind: 'post' | 'late' | 'repeat' | 'delete' | 'seal';
  readonly run: number;
  readonly results: readonly Result[];
}

const result: fc.Arbitrary<Result> = fc.record(
  {
    name: fc.constantFrom('adds', 'removes', 'pays', 'finds'),
    suite: fc.constantFrom(...SUITES),
    tags: fc.constantFrom(['slow'], ['slow', 'smoke'], []),
    status: fc.constantFrom(...STATUSES),
    attempt: fc.integer({ min: 1, max: 3 }),
    startedAt: fc
      .integer({ min: 0, max: DAYS * 1440 - 1 })
      .map((minute) => new Date(BASE + minute * 60_000).toISOString()),
    durationMs: fc.option(fc.integer({ min: 0, max: 90_000 }), { nil: undefined }),
  },
  { requiredKeys: ['name', 'status', 'attempt', 'startedAt'] },
);

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom('post', 'post', 'post', 'late', 'repeat', 'delete', 'seal'),
  run: fc.integer({ min: 0, max: 4 }),
  results: fc.array(result, { minLength: 1, maxLength: 8 }),
});

const question: fc.Arbitrary<Question> = fc.record({
  zone: fc.constantFrom(...ZONES),
  interval: fc.constantFrom('hour', 'day', 'week', 'month'),
  attempts: fc.constantFrom('final', 'all'),
  branches: fc.constantFrom(undefined, ['main'], ['!main'], ['release/*']),
  suites: fc.constantFrom(undefined, ['checkout*'], ['search'], ['(none)']),
  tags: fc.constantFrom(undefined, ['smoke'], ['!smoke']),
  statuses: fc.constantFrom(undefined, ['failed', 'broken'], ['passed']),
  fromMinute: fc.integer({ min: 0, max: 1440 }),
  toMinute: fc.integer({ min: 2000, max: DAYS * 1440 }),
  groupBy: fc.constantFrom([], ['suite'], ['branch', 'environment']),
});
interface Question {
  readonly zone: string;
  readonly interval: string;
  readonly attempts: string;
  readonly branches?: readonly string[];
  readonly suites?: readonly string[];
  readonly tags?: readonly string[];
  readonly statuses?: readonly string[];
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly groupBy: readonly string[];
}

const keyOf = (r: Result): string => JSON.stringify([r.suite ?? null, r.name, r.attempt]);
const identity = (r: Result): string => JSON.stringify([r.suite ?? null, r.name]);

const admits = (list: readonly string[] | undefined, value: string | undefined): boolean => {
  if (!list) return true;
  const [first = ''] = list;
  if (first === '(none)') return value === undefined;
  if (first.startsWith('!')) return value !== first.slice(1);
  return first.endsWith('*') ? (value ?? '').startsWith(first.slice(0, -1)) : list.includes(value ?? '');
};

interface Counted {
  counts: Record<string, number>;
  executions: number;
  flaky: number;
  retried: number;
  totalMs: number;
  durations: number;
}

/** Every figure again from the model, attempt by attempt, with luxon's calendar. */
const recount = (runs: readonly ModelRun[], q: Question): Map<string, Counted> => {
  const cells = new Map<string, Counted>();
  const from = BASE + q.fromMinute * 60_000;
  const to = BASE + q.toMinute * 60_000;
  for (const run of runs) {
    const all = [...run.results.values()];
    for (const r of all) {
      const siblings = all.filter((other) => identity(other) === identity(r));
      const last = Math.max(...siblings.map((other) => other.attempt));
      const final = r.attempt === last;
      if (!final && q.attempts === 'final') continue;
      const at = Date.parse(r.startedAt);
      const tagged = !q.tags || (q.tags[0] === 'smoke') === (r.tags ?? []).includes('smoke');
      if (at < from || at >= to || !tagged) continue;
      if (!admits(q.branches, run.branch) || !admits(q.suites, r.suite)) continue;
      if (q.statuses && !q.statuses.includes(r.status)) continue;
      const bucket = DateTime.fromMillis(at, { zone: q.zone }).startOf(q.interval as 'hour');
      const start = Math.max(bucket.toMillis(), from);
      const values = { suite: r.suite, branch: run.branch, environment: run.environment } as Record<
        string,
        string | undefined
      >;
      const key = JSON.stringify([new Date(start).toISOString(), ...q.groupBy.map((d) => values[d] ?? null)]);
      const cell = cells.get(key) ?? { counts: {}, executions: 0, flaky: 0, retried: 0, totalMs: 0, durations: 0 };
      cell.counts[r.status] = (cell.counts[r.status] ?? 0) + 1;
      cell.executions++;
      if (final && siblings.length > 1) cell.retried++;
      if (final && r.status === 'passed' && siblings.some((s) => s.attempt < last && FAILURES.includes(s.status)))
        cell.flaky++;
      if (r.durationMs !== undefined && JUDGED.includes(r.status)) {
        cell.totalMs += r.durationMs;
        cell.durations++;
      }
      cells.set(key, cell);
    }
  }
  return cells;
};

let app: TestApp;
let project = 0;
let posted = 0;

beforeAll(async () => {
  app = await startApp();
}, 60_000);
afterAll(() => app.close());

const post = async (key: string, run: ModelRun, results: readonly Result[]): Promise<void> => {
  const { externalId, branch, environment, startedAt } = run;
  const unique = [...new Map(results.map((r) => [keyOf(r), r])).values()].filter((r) => {
    const known = run.results.get(keyOf(r));
    return !known || JSON.stringify(known) === JSON.stringify(r);
  });
  const body = { project: key, externalId, branch, environment, startedAt, finishedAt: startedAt, results: unique };
  const answer = await app.post('/runs', body);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  expect(answer.body.rejected).toEqual([]);
  run.runId = answer.body.runId;
  for (const r of unique) run.results.set(keyOf(r), r);
};

const act = async (
  key: string,
  runs: (ModelRun | undefined)[],
  { kind, run: index, results }: Action,
): Promise<void> => {
  const run = (runs[index] ??= {
    externalId: `run-${index}-${++posted}`,
    branch: BRANCHES[index % 3],
    environment: ENVIRONMENTS[index % 2],
    startedAt: new Date(BASE + index * 3_600_000).toISOString(),
    results: new Map(),
    runId: '',
  });
  if (kind === 'seal') await app.app.get(SealerService).sealAll();
  else if (kind === 'repeat') await post(key, run, [...run.results.values()].reverse());
  else if (kind === 'delete' && run.runId !== '') {
    expect((await app.request('DELETE', `/runs/${run.runId}`)).status).toBeLessThan(300);
    runs[index] = undefined;
  } else await post(key, run, results);
};

interface ReportView {
  readonly rows: readonly {
    readonly bucket: { readonly from: string };
    readonly group?: Readonly<Record<string, string | null>>;
    readonly cell: Readonly<Record<string, unknown>> & {
      readonly durationMs: { readonly n: number; readonly total: number };
    };
  }[];
}

const ask = async (key: string, q: Question): Promise<ReportView> => {
  const { status, body } = await app.post('/reports/generate', {
    type: 'summary',
    attempts: q.attempts,
    interval: q.interval,
    groupBy: q.groupBy,
    filter: {
      projects: [key],
      branches: q.branches,
      suites: q.suites,
      tags: q.tags,
      statuses: q.statuses,
      timeRange: {
        from: new Date(BASE + q.fromMinute * 60_000).toISOString(),
        to: new Date(BASE + q.toMinute * 60_000).toISOString(),
        timeZone: q.zone,
      },
    },
  });
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};

const compare = (report: ReportView, expected: Map<string, Counted>, q: Question): void => {
  const answered = new Map(
    report.rows.map((row) => [
      JSON.stringify([new Date(row.bucket.from).toISOString(), ...q.groupBy.map((d) => row.group?.[d] ?? null)]),
      row.cell,
    ]),
  );
  expect([...answered.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [key, want] of expected) {
    const cell = answered.get(key)!;
    for (const status of STATUSES) expect(cell[status]).toBe(want.counts[status] ?? 0);
    expect(cell).toMatchObject({ executions: want.executions, flaky: want.flaky, retried: want.retried });
    expect(cell.durationMs.n).toBe(want.durations);
    expect(cell.durationMs.total).toBeCloseTo(want.totalMs, 6);
  }
};

describe('rollup answers against brute force', () => {
  it('agree after any history of posts, late and repeated results, deletions and seals', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1, maxLength: 12 }),
        fc.array(question, { minLength: 2, maxLength: 4 }),
        async (actions, questions) => {
          const key = `random-${++project}`;
          const runs: (ModelRun | undefined)[] = [];
          for (const step of actions) await act(key, runs, step);
          const live = runs.filter((run) => run !== undefined);
          if (!live.some((run) => run.runId !== '')) return;
          for (const q of questions) {
            compare(await ask(key, q), recount(live, q), q);
          }
        },
      ),
      { numRuns: Number(process.env.BRUTE_FORCE_RUNS ?? 40) },
    );
    const report = await app.app.get(VerifyService).verify({ maxDifferences: 5 });
    expect(report.differences).toEqual([]);
  }, 240_000);
});
