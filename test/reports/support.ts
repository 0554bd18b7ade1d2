import { expect } from '@jest/globals';
import { RESULT_STATUSES } from '../../src/executions/index.js';
import type { CellDto } from '../../src/metrics/index.js';
import type { DrilldownDto, DrillGroupDto, DrillResultDto } from '../../src/reports/http/drilldown.dto.js';
import type { ReportRowDto } from '../../src/reports/http/report-rows.dto.js';
import type { ReportDto } from '../../src/reports/http/report.dto.js';
import type { TestApp } from '../support/app.js';

type Row = Record<string, unknown>;

/** As if each list were there; a test that asks for it knows that it is. */
export type ReportRow = Required<ReportRowDto>;
export type Report = Required<Omit<ReportDto, 'rows' | 'previous'>> & {
  readonly rows: readonly ReportRow[];
  readonly previous: Required<ReportDto>['previous'] & { readonly rows: readonly ReportRow[] };
};
export type DrillRow = Required<DrillGroupDto> & DrillResultDto;
export type Drill = Omit<DrilldownDto, 'rows'> & { readonly rows: readonly DrillRow[] };

export const RANGE = { from: '2026-03-01', to: '2026-03-15', timeZone: 'America/New_York' };

const STATUSES = ['passed', 'passed', 'passed', 'failed', 'broken', 'skipped', 'timeout', 'passed', 'cancelled'];
const SUITES = ['checkout/cart', 'checkout/pay', 'search*', '100%', undefined];

export const post = async <T = { runId: string }>(
  api: TestApp,
  path: string,
  body: object,
  status = 200,
): Promise<T> => {
  const answer = await api.post<T>(path, body);
  expect({ status: answer.status, body: answer.status === status ? {} : answer.body }).toEqual({ status, body: {} });
  return answer.body;
};

export const generate = (api: TestApp, request: object): Promise<Report> =>
  post(api, '/reports/generate', { filter: { timeRange: RANGE }, ...request });

const rowOf = (run: number, i: number, startedAt: number): Row[] => {
  const status = STATUSES[(run * 5 + i * 3) % STATUSES.length]!;
  const failed = ['failed', 'broken', 'timeout'].includes(status);
  const row: Row = {
    name: `test ${i}`,
    suite: SUITES[i % SUITES.length],
    tags: i % 2 === 0 ? ['slow', 'smoke'] : [],
    owner: i % 3 === 0 ? 'core' : undefined,
    status,
    durationMs: i * 100 + run,
    startedAt: new Date(startedAt + i * 60_000).toISOString(),
    ...(failed
      ? { error: { type: 'AssertionError', message: `expected ${i % 4 < 2 ? 'a cat' : 'a dog'} in row ${run}` } }
      : {}),
    ...(i === 1
      ? {
          steps: [
            { name: 'open', status: 'passed', durationMs: 5 },
            { name: 'pay', status },
          ],
        }
      : {}),
  };
  // some pass only at the second attempt
  return i % 7 === 0 && status === 'passed'
    ? [
        { ...row, status: 'failed', attempt: 1 },
        { ...row, attempt: 2 },
      ]
    : [row];
};

/** Runs of 12 tests over the days in which New York changes its clocks. */
export const seed = async (api: TestApp, runs = 12): Promise<string[]> => {
  await post(api, '/projects', { key: 'web', name: 'web', team: 'shop' }, 201);
  await post(api, '/projects', { key: 'api', name: 'api', team: 'core' }, 201);
  await post(api, '/projects', { key: 'lib', name: 'lib' }, 201);
  const ids: string[] = [];
  for (let run = 0; run < runs; run++) ids.push(await postRun(api, run));
  return ids;
};

export const postRun = async (api: TestApp, run: number, { at }: { at?: string } = {}): Promise<string> => {
  const startedAt = at ? Date.parse(at) : Date.parse('2026-03-01T05:30:00Z') + run * 27 * 3_600_000;
  const { runId } = await post(
    api,
    '/runs',
    {
      project: ['web', 'api', 'lib'][run % 3],
      externalId: `run-${run}`,
      branch: run % 2 === 0 ? 'main' : 'feature/x',
      ...(run % 4 === 0 ? {} : { environment: 'staging' }),
      triggeredBy: 'ana',
      startedAt: new Date(startedAt).toISOString(),
      finishedAt: new Date(startedAt + 10 * 60_000).toISOString(),
      metrics: { 'coverage.lines': 70 + run },
      resources: { cpuPercent: 50 + run },
      results: Array.from({ length: 12 }, (_, i) => rowOf(run, i, startedAt)).flat(),
    },
    201,
  );
  return runId;
};

/** Follows an href that an answer gave. */
export const follow = async (api: TestApp, href: string): Promise<Drill> => {
  const answer = await api.get<Drill>(`/${href}`);
  expect({ href, status: answer.status }).toEqual({ href, status: 200 });
  return answer.body;
};

/** All pages behind an href. */
export const allPages = async (api: TestApp, href: string, limit = 50): Promise<{ rows: DrillRow[]; first: Drill }> => {
  const join = href.includes('?') ? '&' : '?';
  const first = await follow(api, `${href}${join}limit=${limit}`);
  const rows: DrillRow[] = [...first.rows];
  for (let page = first; page.nextCursor !== null; rows.push(...page.rows))
    page = await follow(api, `${href}${join}limit=${limit}&cursor=${page.nextCursor}`);
  return { rows, first };
};

/** Exactly the rows of a cell: as many as it says, none twice, newest first. */
export const expectRowsOf = async (api: TestApp, cell: CellDto, limit = 50): Promise<DrillRow[]> => {
  const { rows, first } = await allPages(api, cell.href, limit);
  expect(first.level).toBe('result');
  expect(rows).toHaveLength(first.total);
  expect(first.total + first.removed.deleted + first.removed.expired).toBe(cell.executions);
  expect(new Set(rows.map((row) => row.resultId)).size).toBe(rows.length);
  const times = rows.map((row) => row.startedAt);
  expect(times).toEqual([...times].sort().reverse());
  if (first.total === cell.executions)
    for (const status of RESULT_STATUSES)
      expect({ status, n: rows.filter((row) => row.status === status).length }).toEqual({ status, n: cell[status] });
  return rows;
};
