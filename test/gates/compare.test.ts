import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { askGate } from '../../src/gates/gate-client.js';

let app: TestApp;
let runs = 0;
let base = '';
let head = '';
const NOW = Date.now();

const get = (path: string, token?: string): Promise<Answer> => app.get(path, token === undefined ? {} : { token });

const postRun = async (
  minutesAgo: number,
  branch: string,
  results: readonly Loose[],
  more: Loose = {},
): Promise<string> => {
  const startedAt = new Date(NOW - minutesAgo * 60_000).toISOString();
  const rows = results.map((one) => ({ suite: 'shop', durationMs: 100, startedAt, ...one }));
  const body = {
    project: 'web',
    externalId: `compare-${++runs}`,
    branch,
    commit: `c${runs}`,
    startedAt,
    results: rows,
    ...more,
  };
  const answer = await app.post('/runs', body);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body.runId;
};

const plain = (statuses: Readonly<Record<string, string>>): Loose[] =>
  Object.entries(statuses).map(([name, status]) => ({ name, status }));

beforeAll(async () => {
  app = await startApp();
  for (let i = 20; i >= 1; i--)
    await postRun(600 + i, 'main', [{ name: 'slow', status: 'passed', durationMs: 100 + (i % 5) }]);
  const before = { stays: 'passed', breaks: 'passed', mends: 'broken', ails: 'failed', goes: 'passed', slow: 'passed' };
  base = await postRun(500, 'main', plain({ ...before, unsteady: 'passed' }), { build: { id: 'before' } });
  head = await postRun(
    10,
    'pr',
    [
      ...plain({
        stays: 'passed',
        breaks: 'timeout',
        mends: 'passed',
        ails: 'failed',
        comes: 'passed',
        fresh: 'failed',
      }),
      { name: 'slow', status: 'passed', durationMs: 400 },
      { name: 'unsteady', status: 'failed', attempt: 1 },
      { name: 'unsteady', status: 'passed', attempt: 2 },
    ],
    { build: { id: 'after' } },
  );
}, 120_000);
afterAll(() => app.close());

describe('a comparison of runs', () => {
  it('says what breaks, mends, ails, comes, goes, is flaky and slower', async () => {
    const { status, body } = await get(`/runs/compare?base=${base}&head=${head}`);
    expect(status).toBe(200);
    const counts = {
      newlyFailing: 1,
      stillFailing: 1,
      fixed: 1,
      added: 2,
      removed: 1,
      flaky: 1,
      slower: 1,
      unchanged: 3,
    };
    expect(body.counts).toEqual(counts);
    const names = (list: string): string[] => body.lists[list].items.map(({ name }: Loose) => name);
    expect(names('newlyFailing')).toEqual(['breaks']);
    expect(names('stillFailing')).toEqual(['ails']);
    expect(names('fixed')).toEqual(['mends']);
    expect(names('added')).toEqual(['fresh', 'comes']);
    expect(names('removed')).toEqual(['goes']);
    expect(names('flaky')).toEqual(['unsteady']);
    expect(names('slower')).toEqual(['slow']);
    const [broken] = body.lists.newlyFailing.items;
    expect(broken).toMatchObject({
      suite: 'shop',
      base: { status: 'passed', runId: base },
      head: { status: 'timeout' },
    });
    const result = await get(`/results/${broken.head.resultId}`);
    expect(result.body).toMatchObject({ status: 'timeout', runId: head });
    expect(body.lists.removed.items[0].head).toBeNull();
    const { duration } = body.lists.slower.items[0];
    expect(duration).toMatchObject({ headN: 1, referenceN: 21 });
    expect(duration.ratio).toBeGreaterThan(3.8);
    expect(duration.q).toBeLessThan(0.01);
    expect(body.slowerTest).toMatchObject({ id: 'duration.slower', version: 1, tested: 1 });
    expect(body).toMatchObject({
      project: 'web',
      base: { branch: 'main', tests: 7 },
      head: { branch: 'pr', tests: 8 },
    });
  });

  it('is the same of the builds, and nothing changes against itself', async () => {
    const ofRuns = await get(`/runs/compare?base=${base}&head=${head}`);
    expect((await get('/runs/compare?baseBuild=before&headBuild=after')).body).toEqual(ofRuns.body);
    const { counts } = (await get(`/runs/compare?base=${base}&head=${base}`)).body;
    expect(counts).toMatchObject({ newlyFailing: 0, fixed: 0, added: 0, removed: 0, stillFailing: 2, unchanged: 5 });
  });

  it('gives its lists in pages', async () => {
    const first = await get(`/runs/compare?base=${base}&head=${head}&category=added&limit=1`);
    expect(Object.keys(first.body.lists)).toEqual(['added']);
    const { items, nextCursor } = first.body.lists.added;
    const second = await get(`/runs/compare?base=${base}&head=${head}&limit=1&cursor=${nextCursor}`);
    expect([...items, ...second.body.lists.added.items].map(({ name }: Loose) => name)).toEqual(['fresh', 'comes']);
    expect(second.body.lists.added.nextCursor).toBeNull();
  });

  it('refuses what it cannot compare', async () => {
    const other = await postRun(5, 'main', plain({ stays: 'passed' }), { project: 'app' });
    expect((await get(`/runs/compare?base=${other}&head=${head}`)).body.code).toBe('different_projects');
    for (const query of ['', 'base=x', `head=${head}`, `base=${base}`])
      expect([404, 422]).toContain((await get(`/runs/compare?${query}`)).status);
    for (const query of [
      'limit=0',
      'limit=x',
      'category=other',
      'cursor=x',
      'cursor=WyJhIiwxXQ',
      'other=1',
      'project=A B',
    ])
      expect((await get(`/runs/compare?base=${base}&head=${head}&${query}`)).status).toBe(422);
    expect((await get(`/runs/compare?base=${'0'.repeat(24)}&head=${head}`)).status).toBe(404);
    expect((await get('/runs/compare?baseBuild=before&headBuild=none')).status).toBe(404);
    const stranger = await app.token({ org: 'stranger' });
    expect((await get(`/runs/compare?base=${base}&head=${head}`, stranger)).status).toBe(404);
    expect((await get('/runs/compare?baseBuild=before&headBuild=after', stranger)).status).toBe(404);
  });
});

describe('the gate on the command line', () => {
  const ask = async (more: Loose): Promise<{ text: string; code: number }> =>
    askGate({ url: app.origin, token: await app.token(), wait: 0, ...more }, fetch);

  it('says the verdict by its exit code', async () => {
    expect(await ask({ run: head })).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^FAIL {2}run:/) as unknown,
    });
    expect(await ask({ build: 'after', url: `${app.url}/` })).toMatchObject({ code: 1 });
    const green = await postRun(4, 'pr', plain({ stays: 'passed' }));
    expect(await ask({ run: green })).toMatchObject({ code: 0 });
    const empty = await postRun(3, 'pr', []);
    expect(await ask({ run: empty, wait: 1 })).toMatchObject({ code: 2 });
  });

  it('is 3 where it could not ask', async () => {
    expect(await ask({})).toMatchObject({ code: 3 });
    expect(await ask({ run: head, build: 'after' })).toMatchObject({ code: 3 });
    expect(await ask({ run: '0'.repeat(24) })).toEqual({
      code: 3,
      text: 'could not ask the gate: Run not found (404 not_found)\n',
    });
    expect(await ask({ run: head, token: 'x' })).toMatchObject({ code: 3 });
    expect(await ask({ run: head, url: 'http://127.0.0.1:9' })).toMatchObject({ code: 3 });
    expect(await ask({ run: head, url: 'nonsense' })).toMatchObject({ code: 3 });
  });
});
