import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CellDto } from '../../src/metrics/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { hasSharedData, readShared } from '../support/shared-data.js';
import { allPages, type Report, type ReportRow } from './support.js';

/** A row of a history as this test reads it: nothing of the service is used to count. */
interface Attempt {
  readonly outcome: string;
  readonly at: number;
  readonly failed: boolean;
  readonly us: number;
}

interface Count {
  n: number;
  passed: number;
  flaky: number;
  retried: number;
  readonly us: number[];
}

const DAY = 86_400_000;

interface History {
  readonly file: string;
  readonly text: string;
  readonly attempts: readonly Attempt[];
}

const LAST_RUN = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/;
const timeOf = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

/** The file with every LastRun so many days later. */
const shifted = (text: string, days: number): string =>
  text
    .split('\n')
    .map((line) =>
      line.replace(LAST_RUN, (at) =>
        new Date(timeOf(at) + days * DAY).toISOString().replace('T', ' ').replace('Z', ''),
      ),
    )
    .join('\n');

const readHistory = (file: string, unitUs: number, days = 0): History => {
  const read = hasSharedData ? readShared(file).toString('utf8') : '';
  const text = days === 0 ? read : shifted(read, days);
  return { file, text, attempts: read === '' ? [] : attemptsIn(text, unitUs) };
};

const attemptsIn = (text: string, unitUs: number): Attempt[] => {
  const [header = '', ...lines] = text.trimEnd().split(/\r?\n/);
  const names = header.split(';');
  return lines.map((line) => {
    const cells = line.split(';');
    const cell = (name: string): string => cells[names.indexOf(name)]!;
    return {
      outcome: `${cell('Cycle')}/${cell('Name')}`,
      at: timeOf(cell('LastRun')),
      failed: cell('Verdict') === '1',
      us: Math.round(Number(cell('Duration')) * unitUs),
    };
  });
};

const DUNE = 'dune_debian11.csv';
/** 1,920 of its rows. */
const BUSIEST = '2021-01-19';
const daysFrom = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / DAY;

/** No row lies on a Sunday on which New York changes its clocks: copies, whose busiest day is moved onto each, have many. */
const FILES: Readonly<Record<'iofrol' | 'dune' | 'spring' | 'autumn', History>> = {
  iofrol: readHistory('iofrol.csv', 1000),
  dune: readHistory(DUNE, 1_000_000),
  spring: readHistory(DUNE, 1_000_000, daysFrom(BUSIEST, '2021-03-14')),
  autumn: readHistory(DUNE, 1_000_000, daysFrom(BUSIEST, '2021-11-07')),
};
type Project = keyof typeof FILES;

const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata'] as const;
const INTERVALS = ['day', 'week', 'month'] as const;

const dateFormats = new Map(
  ZONES.map((timeZone) => [timeZone as string, new Intl.DateTimeFormat('en-CA', { timeZone })]),
);
const localDate = (at: number, zone: string): string => dateFormats.get(zone)!.format(at);

const HOUR = 3_600_000;

/** Hours of Kolkata begin at half past; the two hours of one name in autumn are two instants. */
const hourOf = (at: number, zone: string): string => {
  const offset = zone === 'Asia/Kolkata' ? HOUR / 2 : 0;
  return new Date(Math.floor((at + offset) / HOUR) * HOUR - offset).toISOString();
};

const keyOf = (at: number, zone: string, interval: string): string => {
  if (interval === 'hour') return hourOf(at, zone);
  const date = localDate(at, zone);
  if (interval === 'month') return date.slice(0, 7);
  if (interval === 'day') return date;
  const midnight = Date.parse(date);
  return new Date(midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 10);
};

/** Last attempt of each test and cycle, in the order of the rows, and how many failed before it. */
const outcomesOf = (attempts: readonly Attempt[]): (Attempt & { tries: number; failedBefore: boolean })[] => {
  const outcomes = new Map<string, Attempt & { tries: number; failedBefore: boolean }>();
  for (const attempt of attempts) {
    const before = outcomes.get(attempt.outcome);
    outcomes.set(attempt.outcome, {
      ...attempt,
      tries: (before?.tries ?? 0) + 1,
      failedBefore: before !== undefined && (before.failedBefore || before.failed),
    });
  }
  return [...outcomes.values()];
};

const recount = (attempts: readonly Attempt[], zone: string, interval: string): Map<string, Count> => {
  const counts = new Map<string, Count>();
  for (const { at, failed, us, tries, failedBefore } of outcomesOf(attempts)) {
    const key = keyOf(at, zone, interval);
    const count = counts.get(key) ?? { n: 0, passed: 0, flaky: 0, retried: 0, us: [] };
    count.n++;
    if (!failed) count.passed++;
    if (!failed && failedBefore) count.flaky++;
    if (tries > 1) count.retried++;
    count.us.push(us);
    counts.set(key, count);
  }
  return counts;
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const expectQuantile = (value: number | null, us: readonly number[], q: number): void => {
  const sorted = [...us].sort((a, b) => a - b);
  const exact = sorted[Math.max(1, Math.ceil(q * us.length)) - 1]! / 1000;
  // below 1 ms there is one bucket only
  if (exact >= 1) expect(Math.abs(value! / exact - 1)).toBeLessThanOrEqual(0.02501);
  else expect(value).toBeLessThanOrEqual(1);
};

let api: TestApp;

beforeAll(async () => {
  api = await startApp();
  for (const [project, { file, text }] of Object.entries(FILES)) {
    await api.post('/projects', { key: project, name: project });
    const form = new FormData();
    form.append('file', new Blob([text]), file);
    const { status, body } = await api.post(`/runs/import?project=${project}`, form);
    expect({ status, rejected: body.rejected }).toEqual({ status: 200, rejected: [] });
    expect(body.accepted).toBe(FILES[project as Project].attempts.length);
  }
}, 420_000);
afterAll(() => api.close());

const reportOf = async (project: Project, zone: string, more: object): Promise<Report> => {
  const times = FILES[project].attempts.map(({ at }) => at);
  const from = localDate(
    times.reduce((a, b) => Math.min(a, b)),
    zone,
  );
  const to = localDate(times.reduce((a, b) => Math.max(a, b)) + DAY, zone);
  const { status, body } = await api.post<Report>('/reports/generate', {
    type: 'summary',
    filter: { projects: [project], timeRange: { from, to, timeZone: zone } },
    ...more,
  });
  expect(status).toBe(200);
  return body;
};

const expectEqual = (cell: CellDto, count: Count): void => {
  expect(cell).toMatchObject({
    executions: count.n,
    passed: count.passed,
    failed: count.n - count.passed,
    flaky: count.flaky,
    retried: count.retried,
    passRate: { numerator: count.passed, denominator: count.n, value: count.passed / count.n },
    durationMs: { n: count.n, total: sum(count.us) / 1000 },
  });
  expect(cell.durationMs.average).toBeCloseTo(sum(count.us) / count.n / 1000, 6);
  expectQuantile(cell.durationMs.p50, count.us, 0.5);
  expectQuantile(cell.durationMs.p95, count.us, 0.95);
  expectQuantile(cell.durationMs.p99, count.us, 0.99);
};

const CASES = ZONES.flatMap((zone) => [
  ...INTERVALS.flatMap((interval) => [['iofrol', zone, interval] as const, ['dune', zone, interval] as const]),
  ...(['hour', 'day'] as const).flatMap((interval) => [
    ['spring', zone, interval] as const,
    ['autumn', zone, interval] as const,
  ]),
]);

(hasSharedData ? describe : describe.skip)('reports over the shared histories', () => {
  it.each(CASES)('%s in %s by %s equals a recount from the CSV', async (project, zone, interval) => {
    const report = await reportOf(project, zone, { interval });
    const counts = recount(FILES[project].attempts, zone, interval);
    const rows = new Map(report.rows.map((row) => [keyOf(Date.parse(row.bucket.from), zone, interval), row.cell]));
    expect([...rows.keys()].sort()).toEqual([...counts.keys()].sort());
    for (const [key, count] of counts) expectEqual(rows.get(key)!, count);
    expect(report.totals.executions).toBe(sum([...counts.values()].map(({ n }) => n)));
  });

  it('counts every attempt when asked to', async () => {
    for (const project of ['iofrol', 'dune'] as const) {
      const { attempts } = FILES[project];
      const { totals } = await reportOf(project, 'UTC', { type: 'summary', attempts: 'all' });
      expect(totals).toMatchObject({
        executions: attempts.length,
        failed: attempts.filter(({ failed }) => failed).length,
      });
      expect(totals.durationMs.total).toBe(sum(attempts.map(({ us }) => us)) / 1000);
    }
  });

  it.each([
    ['spring', '2021-03-14', 23],
    ['autumn', '2021-11-07', 25],
  ] as const)('counts the rows of a Sunday in %s, %s, that has %d hours in New York', async (project, date, hours) => {
    const report = await reportOf(project, 'America/New_York', { interval: 'day' });
    const sunday = report.rows.find(({ bucket }) => localDate(Date.parse(bucket.from), 'America/New_York') === date)!;
    expect((Date.parse(sunday.bucket.to) - Date.parse(sunday.bucket.from)) / HOUR).toBe(hours);
    expect(sunday.cell.executions).toBeGreaterThan(100);
    const { rows } = await allPages(api, sunday.cell.href, 200);
    expect(rows).toHaveLength(sunday.cell.executions);
  });

  it.each([
    ['UTC', [168]],
    ['America/New_York', [167, 168, 169]],
    ['Asia/Kolkata', [168]],
  ] as const)('has weeks of the right length in %s', async (zone, lengths) => {
    const report = await reportOf('iofrol', zone, { interval: 'week' });
    const whole = report.rows.slice(1, -1);
    const hours = whole.map(({ bucket }) => (Date.parse(bucket.to) - Date.parse(bucket.from)) / 3_600_000);
    expect([...new Set(hours)].sort()).toEqual(lengths);
  });

  it('leads from weeks to as many rows, those in which New York changes its clocks among them', async () => {
    const report = await reportOf('iofrol', 'America/New_York', { interval: 'week' });
    const lengthOf = ({ bucket }: ReportRow): number => Date.parse(bucket.to) - Date.parse(bucket.from);
    const odd = report.rows.filter((row) => lengthOf(row) !== 7 * DAY);
    for (const { cell } of [...odd, ...report.rows.slice(0, 2)]) {
      const { rows, first } = await allPages(api, cell.href, 200);
      expect(rows).toHaveLength(cell.executions);
      expect(first.removed).toEqual({ deleted: 0, expired: 0 });
    }
  });

  it('imported again changes nothing', async () => {
    const before = await reportOf('dune', 'UTC', { interval: 'month' });
    const form = new FormData();
    const { file, text, attempts } = FILES.dune;
    form.append('file', new Blob([text]), file);
    const { body } = await api.post('/runs/import?project=dune', form);
    expect(body).toMatchObject({ accepted: 0, duplicates: attempts.length, rejected: [] });
    const after = await reportOf('dune', 'UTC', { interval: 'month' });
    // hrefs name the report
    const figures = ({ rows }: Report): string => JSON.stringify(rows).replaceAll(/"href":"[^"]*"/g, '');
    expect(figures(after)).toBe(figures(before));
  }, 120_000);
});
