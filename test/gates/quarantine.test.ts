import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { QuarantinePolicyService } from '../../src/gates/index.js';
import { Clock } from '../../src/common/index.js';
import { AssessmentsService } from '../../src/quality/index.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { quietTime } from '../support/clock.js';

jest.setTimeout(120_000);

let app: TestApp;
let org = '';
let count = 0;
let runs = 0;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What a test lets come in, a little ahead of the clock even, is of one day with what it asks. */
const behind = Date.now() - quietTime();
let clockAhead = 0;
const present = (): number => Date.now() - behind;
beforeAll(async () => {
  app = await startApp();
  app.app.get(Clock).now = () => new Date(present() + clockAhead);
}, 60_000);
beforeEach(() => {
  org = `quarantine-${++count}`;
  clockAhead = 0;
});
afterAll(() => app.close());

const as = async (claims = {}): Promise<{ token: string }> => ({ token: await app.token({ org, ...claims }) });
const get = async (path: string, claims = {}): Promise<Answer> => app.get(path, await as(claims));
const send = async (method: string, path: string, body?: unknown, claims = {}): Promise<Answer> =>
  app.request(method, path, body, await as(claims));

/** A run `hoursAgo`; a status with `!` before it is the second attempt after a failed one. */
const postRun = async (
  hoursAgo: number,
  statuses: Readonly<Record<string, string>>,
  project = 'web',
): Promise<string> => {
  const startedAt = new Date(present() - hoursAgo * HOUR).toISOString();
  const results = Object.entries(statuses).flatMap(([name, status]) => {
    const one = { name, suite: 'shop', startedAt, durationMs: 5 };
    if (!status.startsWith('!')) return [{ ...one, status, attempt: 1 }];
    return [
      { ...one, status: 'failed', attempt: 1 },
      { ...one, status: status.slice(1), attempt: 2 },
    ];
  });
  const body = { project, externalId: `q-${++runs}`, branch: 'main', commit: `c${runs}`, startedAt, results };
  const answer = await send('POST', '/runs', body);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return answer.body.runId;
};

const testIdOf = async (runId: string, name: string): Promise<string> => {
  const { body } = await get(`/runs/${runId}/results?limit=100`);
  return body.items.find((one: Loose) => one.name === name).testId;
};

const until = (days: number): string => new Date(present() + days * DAY).toISOString();
const entry = (testId: string, more = {}): Loose => ({
  testId,
  reason: 'sandbox is away',
  owner: 'ann',
  expiresAt: until(7),
  ...more,
});
const sweep = (): Promise<Loose> => app.app.get(QuarantinePolicyService).sweep();

describe('a test in quarantine', () => {
  it('is put there once, listed, fetched by runners, and let out; its stay is kept', async () => {
    const runId = await postRun(1, { pays: 'failed', finds: 'passed' });
    const testId = await testIdOf(runId, 'pays');
    const made = await send('POST', '/quarantine', entry(testId));
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      testId,
      project: 'web',
      suite: 'shop',
      name: 'pays',
      active: true,
      origin: 'manual',
    });
    expect((await send('POST', '/quarantine', entry(testId))).body.code).toBe('already_quarantined');
    const list = await get('/quarantine/list?project=web');
    expect(list.body).toMatchObject({
      project: 'web',
      tests: [{ testId, suite: 'shop', name: 'pays', parameters: {} }],
    });
    const text = await get('/quarantine/list?project=web&format=text');
    expect([text.body, text.headers.get('content-type')]).toEqual([
      'shop\tpays\n',
      expect.stringContaining('text/plain'),
    ]);
    const { token } = await as();
    const headers = { 'if-none-match': list.headers.get('etag') ?? '' };
    expect((await app.get('/quarantine/list?project=web', { token, headers })).status).toBe(304);
    const path = `/quarantine/${made.body.quarantineId}`;
    expect((await send('DELETE', path)).status).toBe(204);
    expect((await send('DELETE', path)).body.code).toBe('quarantine_ended');
    expect((await get('/quarantine/list?project=web')).body.tests).toEqual([]);
    expect((await app.get('/quarantine/list?project=web', { token, headers })).status).toBe(200);
    expect((await get('/quarantine?state=active')).body.items).toEqual([]);
    const history = await get(`/quarantine?state=ended&test=${testId}&project=web`);
    expect(history.body.items).toMatchObject([{ endReason: 'lifted', endedBy: 'tester', active: false }]);
    const audit = await get('/audit-log');
    expect(audit.body.items.map(({ action }: Loose) => action)).toEqual(
      expect.arrayContaining(['quarantine.added', 'quarantine.ended']),
    );
  });

  it('is there no more when its time is up, with the sweep and without', async () => {
    const testId = await testIdOf(await postRun(1, { pays: 'failed' }), 'pays');
    await send('POST', '/quarantine', entry(testId, { expiresAt: until(1) }));
    clockAhead = 2 * DAY;
    expect((await get('/quarantine/list?project=web')).body.tests).toEqual([]);
    expect((await send('POST', '/quarantine', entry(testId))).status).toBe(201);
    expect((await get('/quarantine?state=ended')).body.items).toMatchObject([{ endReason: 'expired' }]);
    clockAhead = 8 * DAY;
    expect(await sweep()).toMatchObject({ expired: 1 });
    const { items } = (await get('/quarantine')).body;
    expect(items.map(({ endReason, endedBy }: Loose) => [endReason, endedBy])).toEqual([
      ['expired', 'system'],
      ['expired', 'system'],
    ]);
  });

  it('put there by hand leaves when it is stable again, and its failures fail gates from then on', async () => {
    const verdict = async (runId: string): Promise<string> => (await get(`/runs/${runId}/gate`)).body.verdict;
    for (let i = 12; i > 6; i--) await postRun(i, { pays: 'passed', finds: 'passed' });
    const gate = { name: 'All green', project: 'web', rules: [{ rule: 'failures', threshold: 0 }] };
    expect((await send('POST', '/quality-gates', gate)).status).toBe(201);
    const broken = await postRun(6, { pays: 'failed', finds: 'passed' });
    expect(await verdict(broken)).toBe('fail');
    expect((await send('POST', '/quarantine', entry(await testIdOf(broken, 'pays')))).status).toBe(201);
    expect(await verdict(await postRun(5, { pays: 'failed', finds: 'passed' }))).toBe('pass');
    await send('PUT', '/quarantine/policy?project=web', { enabled: false, stableAfterRuns: 6 });
    for (let i = 1; i <= 5; i++) await postRun(-i / 100, { pays: 'passed', finds: 'passed' });
    expect(await sweep()).toMatchObject({ stable: 0 });
    await postRun(-0.06, { pays: 'passed', finds: 'passed' });
    expect(await sweep()).toMatchObject({ added: 0, stable: 1 });
    expect((await get('/quarantine/list?project=web')).body.tests).toEqual([]);
    const { items } = (await get('/quarantine')).body;
    expect(items).toMatchObject([{ origin: 'manual', active: false, endReason: 'stable', endedBy: 'system' }]);
    clockAhead = HOUR;
    expect(await verdict(await postRun(-0.5, { pays: 'failed', finds: 'passed' }))).toBe('fail');
  });

  it('comes there and leaves by the policy, and comes back for new evidence only', async () => {
    for (let i = 30; i >= 1; i--) await postRun(i, { shaky: i % 3 === 0 ? '!passed' : 'passed', sound: 'passed' });
    const policy = { enabled: true, minFlakinessLow: 0, stableAfterRuns: 5 };
    const preview = await send('POST', '/quarantine/policy/preview', { project: 'web', ...policy });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({
      wouldQuarantine: [{ name: 'shaky', label: 'confirmed' }],
      wouldEnd: [],
      active: 0,
    });
    await sweep();
    expect((await get('/quarantine?state=active')).body.items).toEqual([]);
    expect((await get('/quarantine/policy?project=web')).body).toMatchObject({ enabled: false, updatedBy: null });
    expect((await send('PUT', '/quarantine/policy?project=web', policy)).body).toMatchObject({
      ...policy,
      maxTests: 20,
    });
    expect(await sweep()).toMatchObject({ added: 1 });
    expect(await sweep()).toMatchObject({ added: 0 });
    expect((await get('/quarantine?state=active')).body.items).toMatchObject([{ name: 'shaky', origin: 'policy' }]);
    for (let i = 1; i <= 5; i++) await postRun(-i / 100, { shaky: 'passed', sound: 'passed' });
    const outlook = await send('POST', '/quarantine/policy/preview', { project: 'web' });
    expect(outlook.body).toMatchObject({ wouldEnd: [{ name: 'shaky' }], wouldQuarantine: [] });
    expect(await sweep()).toMatchObject({ added: 0, stable: 1 });
    expect(await sweep()).toMatchObject({ added: 0, stable: 0 });
    clockAhead = HOUR;
    await postRun(-0.5, { shaky: '!passed' });
    expect(await sweep()).toMatchObject({ added: 1 });
    const { items } = (await get('/quarantine')).body;
    expect(items.map(({ endReason }: Loose) => endReason)).toEqual([null, 'stable']);
  });
});

describe('a test in quarantine that was renamed', () => {
  it('stays there under its present name, and leaves when that is stable', async () => {
    let old = '';
    for (let i = 12; i > 6; i--) old = await postRun(i, { old: i % 2 ? 'passed' : 'failed', sound: 'passed' });
    const of = await testIdOf(old, 'old');
    expect((await send('POST', '/quarantine', entry(of))).status).toBe(201);
    await send('PUT', '/quarantine/policy?project=web', { enabled: false, stableAfterRuns: 6 });
    let fresh = '';
    for (let i = 1; i <= 6; i++) fresh = await postRun(-i / 100, { fresh: 'passed', sound: 'passed' });
    const testId = await testIdOf(fresh, 'fresh');
    expect(await sweep()).toMatchObject({ stable: 0 });
    const names = async (): Promise<string> => (await get('/quarantine/list?project=web&format=text')).body;
    expect(await names()).toBe('shop\told\n');
    expect((await send('POST', `/tests/${testId}/alias`, { of, reason: 'renamed' })).status).toBe(201);
    expect(await names()).toBe('shop\tfresh\nshop\told\n');

    const window = `from=${until(-5)}&to=${until(1)}`;
    const ranked = async (id: string): Promise<Loose> =>
      (await get(`/quality-metrics/tests?tests=${id}&${window}`)).body.items;
    expect(await ranked(testId)).toMatchObject([{ testId, quarantined: true, runs: 12 }]);
    expect(await ranked(of)).toEqual(await ranked(testId));
    const quality = (await get(`/quality-metrics?scope=test&tests=${testId}&${window}`)).body;
    expect(quality.passRate.denominator).toBe(12);
    const points: Loose[] = quality.trend.points;
    expect(points.reduce<number>((sum, { n }) => sum + Number(n), 0)).toBe(12);

    expect(await sweep()).toMatchObject({ stable: 1 });
    expect(await ranked(testId)).toMatchObject([{ testId, quarantined: false }]);
    expect(await names()).toBe('');
  });

  it('is not put there again, and comes back for evidence since its past was let out', async () => {
    let old = '';
    for (let i = 30; i > 15; i--) old = await postRun(i, { old: i % 3 === 0 ? '!passed' : 'passed' });
    const of = await testIdOf(old, 'old');
    const added = await send('POST', '/quarantine', entry(of));
    let fresh = '';
    for (let i = 15; i > 0; i--) fresh = await postRun(i, { fresh: i % 3 === 0 ? '!passed' : 'passed' });
    const testId = await testIdOf(fresh, 'fresh');
    await send('POST', `/tests/${testId}/alias`, { of, reason: 'renamed' });
    const policy = { project: 'web', enabled: true, minFlakinessLow: 0, stableAfterRuns: 50 };
    const preview = async (): Promise<Loose> => (await send('POST', '/quarantine/policy/preview', policy)).body;
    expect(await preview()).toMatchObject({ wouldQuarantine: [], leftAlone: [{ testId, why: 'already_quarantined' }] });
    expect((await send('DELETE', `/quarantine/${added.body.quarantineId}`)).status).toBe(204);
    expect(await preview()).toMatchObject({ wouldQuarantine: [], leftAlone: [{ testId, why: 'no_new_evidence' }] });
  });
});

describe('the sweep', () => {
  it('goes on with the next project where one fails', async () => {
    for (const project of ['one', 'two']) {
      const runId = await postRun(6, { pays: 'failed' }, project);
      expect((await send('POST', '/quarantine', entry(await testIdOf(runId, 'pays')))).status).toBe(201);
      await send('PUT', `/quarantine/policy?project=${project}`, { enabled: false, stableAfterRuns: 1 });
      await postRun(-0.01, { pays: 'passed' }, project);
    }
    const assessments = app.app.get(AssessmentsService);
    const assess = assessments.assess.bind(assessments);
    let failing = '';
    const spy = jest.spyOn(assessments, 'assess').mockImplementation((scope, request) => {
      const [project = ''] = request.filter.projects ?? [];
      if (scope.organization === org && failing === '') failing = project;
      return project === failing ? Promise.reject(new Error('no such luck')) : assess(scope, request);
    });
    await sweep();
    spy.mockRestore();
    const ended = (await get('/quarantine')).body.items.filter(({ endReason }: Loose) => endReason === 'stable');
    expect(ended).toHaveLength(1);
    expect(ended[0].project).not.toBe(failing);
  });
});

describe('quarantine refuses', () => {
  it.each<[string, unknown]>([
    ['testId', 7],
    ['testId', ''],
    ['reason', ' '],
    ['reason', { $gt: '' }],
    ['owner', undefined],
    ['expiresAt', 'tomorrow'],
    ['expiresAt', '2020-01-01T00:00:00Z'],
    ['expiresAt', '2999-01-01T00:00:00Z'],
    ['org', 'x'],
  ])('%s %j', async (field, value) => {
    const { status, body } = await send('POST', '/quarantine', entry('a'.repeat(24), { [field]: value }));
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors[0].pointer).toBe(`/${field}`);
  });

  it.each<[string, unknown]>([
    ['enabled', 'yes'],
    ['labels', ['stable']],
    ['labels', []],
    ['minFlakinessLow', 2],
    ['maxTests', -1],
    ['maxTests', null],
    ['expireDays', 0],
    ['stableAfterRuns', '5'],
    ['other', 1],
  ])('a policy with %s %j', async (field, value) => {
    await postRun(1, { pays: 'passed' });
    const put = await send('PUT', '/quarantine/policy?project=web', { enabled: true, [field]: value });
    const preview = await send('POST', '/quarantine/policy/preview', { project: 'web', [field]: value });
    for (const { status, body } of [put, preview]) {
      expect([status, body.code]).toEqual([422, 'validation_failed']);
      expect(body.errors[0].pointer.split('/')[1]).toBe(field);
    }
  });

  it.each(['/quarantine?state=x', '/quarantine?limit=0', '/quarantine?cursor=x', '/quarantine?project=A B'])(
    '%s',
    async (path) => {
      expect((await get(path)).status).toBe(422);
    },
  );

  it.each([
    '/quarantine/list',
    '/quarantine/list?project=A',
    '/quarantine/list?project=a&format=xml',
    '/quarantine/policy',
  ])('%s', async (path) => {
    expect((await get(path)).status).toBe(422);
  });

  it('strangers (404), and those who may only read (403)', async () => {
    const testId = await testIdOf(await postRun(1, { pays: 'failed' }), 'pays');
    const { body } = await send('POST', '/quarantine', entry(testId));
    const path = `/quarantine/${body.quarantineId}`;
    for (const claims of [{ org: 'stranger' }, { projects: ['app'] }]) {
      expect((await send('POST', '/quarantine', entry(testId), claims)).status).toBe(404);
      expect((await send('DELETE', path, undefined, claims)).status).toBe(404);
      expect((await get('/quarantine', claims)).body.items).toEqual([]);
      for (const one of ['list', 'policy'])
        expect((await get(`/quarantine/${one}?project=web`, claims)).status).toBe(404);
      expect((await send('PUT', '/quarantine/policy?project=web', { enabled: true }, claims)).status).toBe(404);
      expect((await send('POST', '/quarantine/policy/preview', { project: 'web' }, claims)).status).toBe(404);
    }
    const viewer = { roles: ['viewer'] };
    expect((await send('POST', '/quarantine', entry(testId), viewer)).status).toBe(403);
    expect((await send('DELETE', path, undefined, viewer)).status).toBe(403);
    expect(
      (await send('PUT', '/quarantine/policy?project=web', { enabled: true }, { roles: ['engineer'] })).status,
    ).toBe(403);
    expect((await get('/quarantine', viewer)).body.items).toHaveLength(1);
  });
});
