import { expect } from '@jest/globals';
import type { Loose, RequestOptions, TestApp } from '../support/app.js';

const DAY_MS = 86_400_000;
const SUITES = ['checkout/cart', 'checkout/pay', 'search', 'account'];

export const daysAgo = (days: number): number => Date.now() - days * DAY_MS;

type Row = Readonly<Record<string, unknown>>;

/** A run of 12 tests: one of them flaky, one broken in the newer runs, the rest passing. */
export const aRun = (i: number, startedAt: number, more: Row = {}): Row => ({
  project: 'web',
  externalId: `run-${i}`,
  branch: i % 3 === 2 ? 'feature/x' : 'main',
  commit: `c${i}`,
  environment: i % 2 === 0 ? 'staging' : 'production',
  triggeredBy: 'ann',
  startedAt: new Date(startedAt).toISOString(),
  finishedAt: new Date(startedAt + 600_000).toISOString(),
  results: Array.from({ length: 12 }, (_, test) => resultOf(i, test, startedAt)).flat(),
  ...more,
});

const resultOf = (run: number, test: number, startedAt: number): Row[] => {
  const base = {
    name: `test ${test}`,
    suite: SUITES[test % SUITES.length],
    durationMs: 100 * (test + 1) + run,
    startedAt: new Date(startedAt + test * 1000).toISOString(),
  };
  const failed = {
    ...base,
    status: 'failed',
    error: { type: 'AssertionError', message: `expected ${run} to be a cat` },
  };
  if (test === 0 && run % 2 === 0)
    return [
      { ...failed, attempt: 1 },
      { ...base, status: 'passed', attempt: 2 },
    ];
  if (test === 1 && run < 6) return [failed];
  return [{ ...base, status: test === 2 && run % 5 === 0 ? 'skipped' : 'passed' }];
};

/** `runs` runs of the project web, run i that many half days ago, and one of the project api. */
export const seed = async (api: TestApp, runs = 24): Promise<void> => {
  for (const key of ['web', 'api'])
    expect((await api.post('/projects', { key, name: key, team: key === 'web' ? 'shop' : 'core' })).status).toBe(201);
  for (let i = runs - 1; i >= 0; i--) await ok(api.post('/runs', aRun(i, daysAgo(1 + i / 2))));
  await ok(api.post('/runs', aRun(0, daysAgo(2), { project: 'api', externalId: 'api-0' })));
};

export const ok = async (answer: Promise<{ status: number; body: Loose }>): Promise<Loose> => {
  const { status, body } = await answer;
  expect({ status, body: status < 300 ? {} : body }).toEqual({ status: status < 300 ? status : 200, body: {} });
  return body;
};

export const create = (api: TestApp, more: Row = {}, options: RequestOptions = {}): Promise<Loose> =>
  ok(api.post('/dashboards', { name: 'Board', widgets: [{ id: 'a', type: 'execution_summary' }], ...more }, options));

export const pointersOf = (body: Loose): string[] =>
  (body.errors as { pointer: string }[] | undefined)?.map(({ pointer }) => pointer) ?? [];
