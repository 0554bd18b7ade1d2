import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Summariser } from '../../src/executions/summariser.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';

jest.setTimeout(120_000);

let app: TestApp;
let org = '';
let count = 0;
let runs = 0;
beforeAll(async () => {
  app = await startApp();
}, 60_000);
beforeEach(() => {
  org = `gates-${++count}`;
});
afterAll(() => app.close());

const NOW = Date.now();
const as = async (claims = {}): Promise<{ token: string }> => ({ token: await app.token({ org, ...claims }) });
const get = async (path: string, claims = {}): Promise<Answer> => app.get(path, await as(claims));
const send = async (method: string, path: string, body?: unknown, claims = {}): Promise<Answer> =>
  app.request(method, path, body, await as(claims));

type Outcome = string | { status: string; durationMs?: number; attempts?: string[] };

/** A run `hoursAgo`, with the outcome of each test by name. */
const postRun = async (
  hoursAgo: number,
  outcomes: Readonly<Record<string, Outcome>>,
  more: Loose = {},
): Promise<string> => {
  const startedAt = new Date(NOW - hoursAgo * 3_600_000).toISOString();
  const results = Object.entries(outcomes).flatMap(([name, outcome]) => {
    const {
      status,
      durationMs,
      attempts = [],
    } = typeof outcome === 'string' ? { status: outcome } : (outcome as Loose);
    return [...attempts, status].map((one: string, i: number) => ({
      name,
      suite: 'shop',
      status: one,
      attempt: i + 1,
      startedAt,
      durationMs: durationMs ?? 100,
    }));
  });
  const body = {
    project: 'web',
    externalId: `run-${++runs}`,
    branch: 'main',
    commit: `c${runs}`,
    startedAt,
    results,
    ...more,
  };
  const answer = await send('POST', '/runs', body);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body.runId;
};

const past = async (n: number, outcomes: Readonly<Record<string, Outcome>>): Promise<string> => {
  let last = '';
  for (let i = n; i >= 1; i--) last = await postRun(24 + i, outcomes);
  return last;
};

describe('the verdict on a run', () => {
  it('passes where nothing fails and fails where a test fails that passed before, without any gate configured', async () => {
    await past(6, { pays: 'passed', finds: 'passed' });
    const good = await postRun(1, { pays: 'passed', finds: 'passed' }, { branch: 'feature' });
    const bad = await postRun(1, { pays: 'failed', finds: 'passed' }, { branch: 'feature' });
    const pass = await get(`/runs/${good}/gate`);
    expect(pass.status).toBe(200);
    expect(pass.body).toMatchObject({ verdict: 'pass', version: 1, runIds: [good], gate: { gateId: 'builtin' } });
    const fail = await get(`/runs/${bad}/gate`);
    expect(fail.headers.get('x-gate-verdict')).toBe('fail');
    expect(fail.body.reasons).toMatchObject([
      { rule: 'new_failures', verdict: 'fail', value: 1, threshold: 0, n: 2, evidenceTotal: 1 },
    ]);
    const [evidence] = fail.body.reasons[0].evidence;
    expect(evidence).toMatchObject({ name: 'pays', suite: 'shop', status: 'failed', runId: bad });
    const result = await app.get(evidence.href.replace('/api/v1/execution-reporting', ''), await as());
    expect(result.body).toMatchObject({ status: 'failed', runId: bad });
    expect((await get(fail.body.links.compare.replace('/api/v1/execution-reporting', ''))).body.counts).toMatchObject({
      newlyFailing: 1,
    });
  });

  it('does not blame a run for what fails on the base branch, is flaky there, or in quarantine', async () => {
    for (let i = 12; i >= 1; i--)
      await postRun(24 + i, {
        known: i > 3 ? 'passed' : 'failed',
        flaky: i % 3 === 0 ? { status: 'passed', attempts: ['failed'] } : 'passed',
        held: 'passed',
        sound: 'passed',
      });
    const head = await postRun(
      1,
      { known: 'failed', flaky: 'failed', held: 'failed', sound: 'passed' },
      { branch: 'pr' },
    );
    const before = await get(`/runs/${head}/gate`);
    expect(before.body).toMatchObject({
      verdict: 'fail',
      version: 1,
      reasons: [{ value: 1, evidence: [{ name: 'held' }] }],
    });
    const { testId } = before.body.reasons[0].evidence[0];
    const expiresAt = new Date(NOW + 86_400_000).toISOString();
    expect((await send('POST', '/quarantine', { testId, reason: 'r', owner: 'ann', expiresAt })).status).toBe(201);
    const after = await get(`/runs/${head}/gate`);
    expect(after.body).toMatchObject({ verdict: 'pass', version: 2 });
    expect(after.body.reasons[0].message).toBe('0 new failures (not counted: 1 flaky, 1 quarantined, 1 known)');
  });

  it('keeps its version at the same data and moves it when late results come in', async () => {
    await past(6, { pays: 'passed', finds: 'passed' });
    const head = await postRun(1, { pays: 'passed' }, { branch: 'pr' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => get(`/runs/${head}/gate`)));
    expect(answers.map(({ body }) => [body.verdict, body.version])).toEqual(Array(4).fill(['pass', 1]));
    await postRun(0.5, { pays: 'passed' }, { branch: 'elsewhere' });
    expect((await get(`/runs/${head}/gate`)).body).toMatchObject({ verdict: 'pass', version: 1 });
    const late = [{ name: 'finds', suite: 'shop', status: 'failed' }];
    expect((await send('POST', `/runs/${head}/results`, { results: late })).status).toBe(200);
    expect((await get(`/runs/${head}/gate`)).body).toMatchObject({ verdict: 'fail', version: 2 });
    expect((await get(`/runs/${head}/gate`)).body).toMatchObject({ verdict: 'fail', version: 2 });
  });

  it('says that it cannot tell where the base branch has no results, or the run none', async () => {
    const first = await postRun(2, { pays: 'failed' });
    expect((await get(`/runs/${first}/gate`)).body).toMatchObject({
      verdict: 'insufficient_data',
      reasons: [{ rule: 'new_failures', verdict: 'insufficient_data', value: null }],
    });
    const green = await postRun(2, { pays: 'passed' }, { branch: 'other' });
    expect((await get(`/runs/${green}/gate`)).body.verdict).toBe('pass');
    const empty = await postRun(1, {});
    expect((await get(`/runs/${empty}/gate`)).body.verdict).toBe('insufficient_data');
    const running = await send('POST', '/runs', { project: 'web', externalId: 'live', branch: 'main' });
    expect((await get(`/runs/${running.body.runId}/gate`)).body).toMatchObject({
      verdict: 'insufficient_data',
      reasons: [{ rule: 'completeness' }, { rule: 'new_failures' }],
    });
  });

  it('is a text where that is asked for', async () => {
    await past(3, { pays: 'passed' });
    const head = await postRun(1, { pays: 'failed' }, { branch: 'pr' });
    const { token } = await as();
    const text = await app.get(`/runs/${head}/gate`, { token, headers: { accept: 'text/plain' } });
    expect(text.headers.get('content-type')).toContain('text/plain');
    expect(text.body).toMatch(/^FAIL {2}run:/);
    expect(text.body).toContain('shop > pays (failed): did not fail in the last 3 outcomes on main');
    expect((await get(`/runs/${head}/gate?format=text`)).body).toBe(text.body);
  });
});

describe('the verdict on a build', () => {
  const shard = (shardNumber: number, shards = 2): Loose => ({
    branch: 'pr',
    commit: 'x',
    build: { id: 'b1', shard: shardNumber, shards },
  });

  it('waits for shards that are missing, as long as it is told to', async () => {
    await past(5, { pays: 'passed', finds: 'passed' });
    await postRun(1, { pays: 'passed' }, shard(1));
    const early = await get('/builds/b1/gate');
    expect(early.body).toMatchObject({
      verdict: 'insufficient_data',
      shards: { seen: [1], expected: 2 },
      reasons: [
        { rule: 'completeness', message: '1 of 2 shards seen' },
        { rule: 'new_failures', verdict: 'pass' },
      ],
    });
    const waiting = get('/builds/b1/gate?waitSeconds=60');
    await postRun(1, { finds: 'passed' }, shard(2));
    expect((await waiting).body).toMatchObject({ verdict: 'pass', version: 2, shards: { seen: [1, 2] } });
  });

  it('waits for results of a run that is there while they are still being stored', async () => {
    await past(5, { pays: 'passed', finds: 'passed' });
    await postRun(1, { pays: 'passed' }, shard(1));
    const summariser = app.app.get(Summariser);
    const settle = summariser.settle.bind(summariser);
    const [isThere, goesOn] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const spy = jest.spyOn(summariser, 'settle').mockImplementationOnce(async (...args) => {
      isThere.resolve(undefined);
      await goesOn.promise;
      return settle(...args);
    });
    const posted = postRun(1, { finds: 'failed' }, shard(2));
    await isThere.promise;
    expect((await get('/builds/b1/gate')).body).toMatchObject({
      verdict: 'insufficient_data',
      shards: { seen: [1, 2] },
      reasons: [{ rule: 'completeness', message: '1 of its runs still going on' }, { rule: 'new_failures' }],
    });
    const waiting = get('/builds/b1/gate?waitSeconds=60');
    goesOn.resolve(undefined);
    spy.mockRestore();
    const runId = await posted;
    expect((await waiting).body).toMatchObject({ verdict: 'fail', reasons: [{ evidence: [{ runId }] }] });
  });

  it('fails at once for a new failure, whatever is still to come', async () => {
    await past(5, { pays: 'passed' });
    await postRun(1, { pays: 'broken' }, shard(1));
    expect((await get('/builds/b1/gate')).body).toMatchObject({ verdict: 'fail' });
  });

  it('takes the newest outcome of a job that was run again', async () => {
    await past(5, { pays: 'passed', finds: 'passed' });
    await postRun(2, { pays: 'failed', finds: 'passed' }, shard(1, 1));
    expect((await get('/builds/b1/gate')).body.verdict).toBe('fail');
    await postRun(1, { pays: 'passed', finds: 'passed' }, shard(1, 1));
    expect((await get('/builds/b1/gate')).body).toMatchObject({ verdict: 'pass', version: 2 });
  });

  it.each(['aborted', 'running'])('passes after a job whose run is %s was run again and went green', async (status) => {
    await past(5, { pays: 'passed', finds: 'passed' });
    await postRun(2, { pays: 'passed' }, shard(1));
    const startedAt = new Date(NOW - 2 * 3_600_000).toISOString();
    const cut = { project: 'web', externalId: 'cut', startedAt, ...shard(2) };
    const { runId } = (await send('POST', '/runs', cut)).body;
    const results = [{ name: 'finds', suite: 'shop', status: 'failed' }];
    expect((await send('POST', `/runs/${runId}/results`, { results })).status).toBe(200);
    if (status === 'aborted')
      await send('POST', `/runs/${runId}/finish`, {
        status,
        finishedAt: new Date(NOW - 1.5 * 3_600_000).toISOString(),
      });
    const words = status === 'aborted' ? '1 of its runs aborted' : '1 of its runs still going on';
    expect((await get('/builds/b1/gate')).body.reasons[0]).toMatchObject({ rule: 'completeness', message: words });
    await postRun(1, { finds: 'passed' }, shard(2));
    const { body } = await get('/builds/b1/gate');
    expect(body).toMatchObject({ verdict: 'pass', reasons: [{ rule: 'new_failures', value: 0 }] });
  });

  it('asks which project is meant where several have that build', async () => {
    await postRun(2, { pays: 'passed' }, shard(1, 1));
    await postRun(2, { pays: 'passed' }, { ...shard(1, 1), project: 'app' });
    expect((await get('/builds/b1/gate')).body).toMatchObject({ status: 422, code: 'ambiguous_build' });
    expect((await get('/builds/b1/gate?project=app')).body).toMatchObject({ project: 'app', verdict: 'pass' });
  });
});

describe('quality gates', () => {
  const rules = [
    { rule: 'pass_rate', threshold: 0.9 },
    { rule: 'failures', threshold: 0, severity: 'warn' },
    { rule: 'flakiness', threshold: 0.5 },
    { rule: 'tests_run_coverage', threshold: 0.9 },
    { rule: 'duration', threshold: 1.5 },
    { rule: 'slower_tests', severity: 'warn' },
  ];

  it('judge by their rules, the project before the organization', async () => {
    await past(8, { a: 'passed', b: 'passed', c: 'passed', d: 'passed' });
    const slow = { status: 'passed', durationMs: 900 };
    const head = await postRun(1, { a: 'passed', b: 'failed', c: slow }, { branch: 'pr' });
    const whole = await send('POST', '/quality-gates', { name: 'All', rules: [{ rule: 'pass_rate', threshold: 0.5 }] });
    expect(whole.status).toBe(201);
    expect((await get(`/runs/${head}/gate`)).body).toMatchObject({
      verdict: 'pass',
      gate: { gateId: whole.body.gateId, name: 'All' },
      reasons: [{ rule: 'pass_rate', value: 2 / 3, numerator: 2, n: 3, unit: 'rate', bound: 'min' }],
    });
    const own = await send('POST', '/quality-gates', { name: 'Web', project: 'web', rules });
    expect(own.body).toMatchObject({ version: 1, baseBranch: 'main', window: 5, enabled: true });
    const { body } = await get(`/runs/${head}/gate`);
    expect(body.gate.gateId).toBe(own.body.gateId);
    expect(body.verdict).toBe('fail');
    expect(body.reasons.map(({ rule, verdict }: Loose) => [rule, verdict])).toEqual([
      ['pass_rate', 'fail'],
      ['failures', 'fail'],
      ['flakiness', 'pass'],
      ['tests_run_coverage', 'fail'],
      ['duration', 'fail'],
      ['slower_tests', 'fail'],
    ]);
    expect(body.reasons[3]).toMatchObject({ value: 0.75, evidence: [{ name: 'd', status: null, href: null }] });
    expect(body.reasons[0].interval.low).toBeLessThan(2 / 3);
    expect(body.reasons[4].value).toBeCloseTo(5, 6);
    expect((await get(`/runs/${head}/gate?gate=builtin`)).body.gate.gateId).toBe('builtin');
  });

  it('are made, listed, replaced and deleted; a project has one that is enabled', async () => {
    await postRun(1, { a: 'passed' });
    const body = { name: 'Web', project: 'web', rules: [{ rule: 'new_failures' }] };
    const made = await send('POST', '/quality-gates', body);
    const { gateId } = made.body;
    expect((await send('POST', '/quality-gates', body)).body.code).toBe('gate_exists');
    expect((await send('POST', '/quality-gates', { ...body, enabled: false })).status).toBe(201);
    expect((await get('/quality-gates?project=web&limit=1')).body).toMatchObject({ items: [{ gateId }] });
    const page = await get('/quality-gates?limit=1');
    expect((await get(`/quality-gates?limit=1&cursor=${page.body.nextCursor}`)).body.items).toHaveLength(1);
    const replaced = await send('PUT', `/quality-gates/${gateId}`, { ...body, name: 'Strict', baseBranch: 'trunk' });
    expect(replaced.body).toMatchObject({ name: 'Strict', baseBranch: 'trunk', version: 2 });
    expect((await get(`/quality-gates/${gateId}`)).body).toEqual(replaced.body);
    expect((await send('DELETE', `/quality-gates/${gateId}`)).status).toBe(204);
    expect((await get(`/quality-gates/${gateId}`)).status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ['name', '', '/name'],
    ['name', 7, '/name'],
    ['rules', [], '/rules'],
    ['rules', 'pass_rate', '/rules'],
    ['rules', [7], '/rules'],
    ['rules', [{ rule: 'other' }], '/rules/0/rule'],
    ['rules', [{ rule: 'pass_rate', threshold: 95 }], '/rules/0/threshold'],
    ['rules', [{ rule: 'pass_rate', threshold: -1 }], '/rules/0/threshold'],
    ['rules', [{ rule: 'pass_rate', threshold: '0.9' }], '/rules/0/threshold'],
    ['rules', [{ rule: 'pass_rate', severity: 'info' }], '/rules/0/severity'],
    ['rules', [{ rule: 'pass_rate', minimumSample: 1.5 }], '/rules/0/minimumSample'],
    ['rules', [{ rule: 'pass_rate', $where: '1' }], '/rules/0/$where'],
    ['rules', [{ rule: 'pass_rate' }, { rule: 'pass_rate' }], '/rules'],
    ['project', 'A B', '/project'],
    ['enabled', 'yes', '/enabled'],
    ['enabled', null, '/enabled'],
    ['baseBranch', '', '/baseBranch'],
    ['window', 0, '/window'],
    ['window', '5', '/window'],
    ['description', 7, '/description'],
    ['org', 'x', '/org'],
  ])('are refused with %s %j', async (field, value, pointer) => {
    const answer = await send('POST', '/quality-gates', { name: 'x', rules: [{ rule: 'failures' }], [field]: value });
    expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
    expect(answer.body.errors.map((problem: Loose) => problem.pointer)).toContain(pointer);
  });

  it.each(['waitSeconds=61', 'waitSeconds=x', 'waitSeconds=-1', 'baseBranch=', 'format=xml', 'gate=', 'window=3'])(
    'do not judge with ?%s',
    async (query) => {
      const runId = await postRun(1, { a: 'passed' });
      expect((await get(`/runs/${runId}/gate?${query}`)).status).toBe(422);
      expect((await get(`/builds/b/gate?${query}`)).status).toBe(422);
    },
  );

  it('are 404 to strangers and closed to weaker roles', async () => {
    const runId = await postRun(1, { a: 'passed' }, { build: { id: 'b1' } });
    const rule = [{ rule: 'failures' }];
    const made = await send('POST', '/quality-gates', { name: 'x', project: 'web', rules: rule });
    const organization = await send('POST', '/quality-gates', { name: 'y', rules: rule });
    const path = `/quality-gates/${made.body.gateId}`;
    for (const claims of [{ org: 'stranger' }, { projects: ['app'] }]) {
      expect((await get(path, claims)).status).toBe(404);
      expect((await send('PUT', path, { name: 'z', rules: rule }, claims)).status).toBe(404);
      expect((await send('DELETE', path, undefined, claims)).status).toBe(404);
      expect((await get(`/runs/${runId}/gate`, claims)).status).toBe(404);
      expect((await get('/builds/b1/gate', claims)).status).toBe(404);
      expect((await get(`/runs/compare?base=${runId}&head=${runId}`, claims)).status).toBe(404);
    }
    expect((await get('/quality-gates', { org: 'stranger' })).body.items).toEqual([]);
    expect((await get('/quality-gates', { projects: ['app'] })).body.items).toEqual([organization.body]);
    const confined = { projects: ['web'] };
    const ofAll = await send('POST', '/quality-gates', { name: 'z', rules: rule }, confined);
    expect([ofAll.status, ofAll.body.code]).toEqual([403, 'organization_gate']);
    expect((await send('DELETE', `/quality-gates/${organization.body.gateId}`, undefined, confined)).status).toBe(403);
    expect((await send('POST', '/quality-gates', { name: 'z', rules: rule }, { roles: ['engineer'] })).status).toBe(
      403,
    );
    expect((await get(`/runs/${runId}/gate`, { roles: ['viewer'] })).status).toBe(403);
    expect((await get(`/runs/${runId}/gate?gate=${made.body.gateId}`)).status).toBe(200);
    expect((await get(`/runs/${runId}/gate?gate=none`)).status).toBe(404);
  });
});
