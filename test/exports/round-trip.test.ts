import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { createProject } from '../executions/support.js';
import { post, type Report } from '../reports/support.js';
import { startApp, type TestApp } from '../support/app.js';
import { exported } from './support.js';

jest.setTimeout(400_000);

let api: TestApp;

beforeAll(async () => {
  api = await startApp();
  await createProject(api, 'from');
});
afterAll(() => api.close());

const STATUSES = ['passed', 'failed', 'broken', 'timeout', 'skipped', 'cancelled'];
const START = Date.parse('2026-03-01T09:30:00.000Z');

/** What breaks XML, spreadsheets and JSON, but the NUL and half surrogates that nobody may send. */
const hostile = fc
  .array(
    fc.constantFrom(
      ...['<', '>', '&', '"', "'", ']]>', '\n', '\r\n', '\t', ' ', '\u001b[31m', '\u0085', '\ufffe', '\u2028', '😀'],
      ...['=1+1', '/', ' > ', 'timed out', 'a', 'Ünïcode', '%0A', '&#0;', '<!--', 'pytest'],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => text.trim() !== '');

const attempt = fc.record(
  {
    status: fc.constantFrom(...STATUSES),
    durationMs: fc.option(
      fc.integer({ min: 0, max: 10_000_000 }).map((us) => us / 1000),
      { nil: undefined },
    ),
    startedAt: fc.option(
      fc.integer({ min: 0, max: 3_600_000 }).map((ms) => new Date(START + ms).toISOString()),
      { nil: undefined },
    ),
    error: fc.option(fc.record({ type: hostile, message: hostile, stack: hostile }, { requiredKeys: [] }), {
      nil: undefined,
    }),
    type: fc.option(hostile, { nil: undefined }),
    owner: fc.option(hostile, { nil: undefined }),
    worker: fc.option(hostile, { nil: undefined }),
    tags: fc.uniqueArray(hostile, { maxLength: 3 }),
    steps: fc.array(fc.record({ name: hostile, status: fc.constantFrom(...STATUSES) }), { maxLength: 2 }),
  },
  { requiredKeys: ['status'] },
);

const test = fc.record({
  name: hostile,
  suite: fc.option(hostile, { nil: undefined }),
  parameters: fc.option(fc.dictionary(fc.constantFrom('browser', 'a b', 'ö'), hostile), { nil: undefined }),
  attempts: fc.array(attempt, { minLength: 1, maxLength: 4 }),
});

const run = fc.record(
  {
    name: hostile,
    branch: hostile,
    environment: hostile,
    commit: hostile,
    triggeredBy: hostile,
    kind: fc.constantFrom('ci', 'manual', 'batch', 'scheduled'),
    tags: fc.uniqueArray(hostile, { maxLength: 2 }),
    metrics: fc.constant({ 'coverage.lines': 81.4 }),
    build: fc.constant({ id: 'b <1>', shard: 1, shards: 2 }),
  },
  { requiredKeys: [] },
);

const identity = ({ name, suite, parameters }: { name: string; suite?: string; parameters?: object }): string =>
  JSON.stringify([name, suite ?? '', Object.entries(parameters ?? {}).sort()]);

const arbitraryRun = fc.record({ run, tests: fc.uniqueArray(test, { maxLength: 6, selector: identity }) });

const rowsOf = (tests: { attempts: readonly object[] }[]): object[] =>
  tests.flatMap(({ attempts, ...base }) => attempts.map((each, i) => ({ ...base, ...each, attempt: i + 1 })));

const without = (value: object, ...keys: string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** Everything that two runs must have in common: all but ids and what names the project. */
const contentOf = async (runId: string): Promise<unknown> => {
  const { body: found } = await api.get(`/runs/${runId}`);
  const { body: page } = await api.get(`/runs/${runId}/results?limit=200`);
  const items = await Promise.all(
    page.items.map(async ({ resultId }: { resultId: string }) => (await api.get(`/results/${resultId}`)).body),
  );
  const results = items
    .map((item) => without(item, 'resultId', 'runId', 'testId', 'project'))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return { run: without(found, 'runId', 'project', 'links', 'createdAt', 'updatedAt', 'shardsSeen'), results };
};

const importInto = async (project: string, file: string, bytes: Buffer): Promise<string> => {
  const form = new FormData();
  form.append('file', new Blob([new Uint8Array(bytes)]), file);
  const answer = await api.post(`/runs/import?project=${project}&format=auto`, form);
  expect({ status: answer.status, rejected: answer.body.rejected, warnings: answer.body.files?.[0]?.warnings }).toEqual(
    {
      status: 200,
      rejected: [],
      warnings: [],
    },
  );
  return answer.body.runId;
};

const reportOf = async (project: string): Promise<unknown> => {
  const timeRange = { from: '2026-03-01', to: '2026-03-03' };
  const report = await post<Report>(api, '/reports/generate', {
    type: 'detailed',
    filter: { projects: [project], timeRange },
    groupBy: ['suite', 'owner'],
    interval: 'hour',
  });
  const text = JSON.stringify({ totals: report.totals, rates: report.rates, rows: report.rows });
  return JSON.parse(text, (key, value: unknown) => (key === 'href' || key === 'asOf' ? undefined : value));
};

describe.each(['junit', 'ctrf'])('a run as %s, imported again', (format) => {
  let count = 0;

  it('is the same run, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryRun, async ({ run: metadata, tests }) => {
        const [from, to] = [`${format}-from-${++count}`, `${format}-to-${count}`];
        await createProject(api, from);
        await createProject(api, to);
        const sent = {
          project: from,
          externalId: `run ${count}`,
          startedAt: new Date(START).toISOString(),
          ...metadata,
        };
        const { runId } = await post(api, '/runs', { ...sent, results: rowsOf(tests) }, 201);
        const { bytes, job } = await exported(api, { source: { kind: 'runs', runIds: [runId] }, format });
        expect(job.file?.rows).toBe(tests.length);
        const copy = await importInto(to, format === 'junit' ? 'a.xml' : 'a.json', bytes);
        expect(await contentOf(copy)).toEqual(await contentOf(runId));
        expect(await reportOf(to)).toEqual(await reportOf(from));
      }),
      { numRuns: 8, seed: 20260301 },
    );
  });

  it('takes one run, that the caller may see', async () => {
    const { runId } = await post(api, '/runs', { project: 'from', externalId: format, results: [] }, 201);
    const body = { source: { kind: 'runs', runIds: [runId] }, format };
    for (const source of [{ kind: 'runs' }, { kind: 'runs', runIds: [runId, '0'.repeat(24)] }])
      expect((await api.post('/exports', { ...body, source })).body).toMatchObject({
        status: 422,
        code: 'one_run_needed',
      });
    const rival = { token: await api.token({ org: 'rival' }) };
    expect((await api.post('/exports', body, rival)).status).toBe(404);
    expect((await api.post('/exports', { ...body, source: { kind: 'results' } })).body.code).toBe('format_not_offered');
  });
});
