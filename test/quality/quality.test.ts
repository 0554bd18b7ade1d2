import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DemoLoader } from '../../src/demo/index.js';
import { generateDemo } from '../../src/demo/domain/generate-demo.js';
import { systemScope } from '../../src/common/index.js';
import { QUALITY_METRICS, QualityService, QuarantineLookup } from '../../src/quality/index.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';
import { lastWednesday, setClock } from '../support/clock.js';

const NOW = lastWednesday();
const PLAN = { seed: 3, days: 45, now: NOW };
const { truth } = generateDemo(PLAN);
const FROM = new Date(NOW.getTime() - 50 * 86_400_000).toISOString();
const ALL = `from=${FROM}`;
const nameOf = ({ suite, name }: { suite: string; name: string }): string => `${suite} ${name}`;

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  setClock(api, NOW);
  await api.app.get(DemoLoader).load(PLAN);
}, 240_000);
afterAll(() => api.close());

const found = async (path: string): Promise<Loose> => {
  const { status, body } = await api.get(path);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
};

describe('GET /quality-metrics', () => {
  it('answers a bare call with everything that clients rely on', async () => {
    const body = await found('/quality-metrics');
    expect(body.scope).toBe('organization');
    expect(body.score).toMatchObject({ status: 'ok', definition: { id: 'quality_score' } });
    expect(body.score.value).toBeCloseTo(
      (body.score.parts as { points: number }[]).reduce((sum, part) => sum + part.points, 0),
      9,
    );
    expect(body.tests).toMatchObject({ confirmed: 6, suspected: 0 });
    expect(body.mttr).toMatchObject({
      definition: { id: 'mttr' },
      closed: expect.any(Number),
      open: expect.any(Number),
    });
    expect(body.reliability.low).toBeLessThanOrEqual(body.reliability.value);
    expect(body.passRate.denominator).toBeGreaterThan(1000);
    expect(body.trend).toMatchObject({ metric: 'pass_rate', direction: expect.any(String) });
    expect(body.trend.points).toHaveLength(30);
    expect(body.asOf).toBeGreaterThan(0);
    for (const finding of [...body.risks, ...body.recommendations, ...body.insights])
      expect([...finding.evidence.tests, ...finding.evidence.runs]).not.toHaveLength(0);
    expect(JSON.stringify(body)).not.toContain('NaN');
  });

  it.each(['organization', 'team', 'project', 'suite', 'test'])('answers scope %s', async (scope) => {
    const body = await found(`/quality-metrics?scope=${scope}&projects=demo`);
    expect(body.score.value).toBeGreaterThan(0);
    const groups = { organization: 0, team: 1, project: 1, suite: truth.suites.length, test: 0 }[scope];
    expect(body.groups).toHaveLength(groups ?? 0);
    expect(body.benchmark.status).toBe('insufficient_data');
  });

  it('says insufficient_data of nothing, never NaN', async () => {
    const body = await found('/quality-metrics?from=2001-01-01&to=2001-02-01');
    expect(body.score).toMatchObject({ status: 'insufficient_data', value: null, band: null });
    expect(body.flakiness).toMatchObject({ status: 'insufficient_data', value: null, low: null, high: null });
    expect(body.reliability).toMatchObject({ value: null, low: null, high: null });
    expect(body.mttr.status).toBe('no_failures');
    expect([body.risks, body.recommendations, body.insights]).toEqual([[], [], []]);
  });

  it('is 304 for who has it', async () => {
    const first = await api.get('/quality-metrics?projects=demo');
    const etag = first.headers.get('etag') ?? '';
    const again = await api.get('/quality-metrics?projects=demo', { headers: { 'if-none-match': etag } });
    expect([again.status, again.body]).toEqual([304, '']);
    const other = await api.get('/quality-metrics?projects=demo&branches=main', { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
  });

  it('refuses what is not of the filter', async () => {
    expect((await api.get('/quality-metrics?scope=galaxy')).status).toBe(422);
    expect((await api.get('/quality-metrics?nonsense=1')).status).toBe(422);
    expect((await api.get('/quality-metrics?from=2026-02-01&to=2026-01-01')).status).toBe(422);
    expect((await api.get('/quality-metrics?projects=not-there')).status).toBe(404);
  });
});

describe('GET /quality-metrics/tests', () => {
  it('ranks by the lower bound, and has evidence for each of the six flaky tests', async () => {
    const { items, total } = await found(`/quality-metrics/tests?sort=flakiness&limit=200&${ALL}`);
    expect(total).toBeGreaterThan(180);
    const lows = items.map((item: Loose) => item.flakiness.low);
    expect(lows).toEqual([...lows].sort((a, b) => b - a));
    const flaky = items.filter((item: Loose) => ['confirmed', 'suspected'].includes(item.label));
    expect(flaky.map(nameOf).sort()).toEqual(truth.flaky.map(({ test }) => nameOf(test)).sort());
    for (const item of flaky) {
      expect(item.label).toBe('confirmed');
      expect(item.evidence.runs.length).toBeGreaterThan(0);
      expect(item.flakiness.low).toBeLessThanOrEqual(item.flakiness.score);
      expect(item.nextRun.probability).toBeGreaterThan(0);
    }
  });

  it.each(['failureRate', 'duration', 'stability', 'durationStability', 'runs', 'failures', 'lastFailure', 'name'])(
    'pages through a ranking by %s without loss or repetition',
    async (sort) => {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const next: string = cursor === null ? '' : `&cursor=${cursor}`;
        const page = await found(`/quality-metrics/tests?sort=${sort}&order=asc&limit=80${next}`);
        seen.push(...page.items.map((item: { testId: string }) => item.testId));
        cursor = page.nextCursor;
      } while (cursor !== null);
      const { total } = await found('/quality-metrics/tests?limit=1');
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(total);
    },
  );

  it('filters by label and name', async () => {
    const flaky = await found('/quality-metrics/tests?label=confirmed,suspected');
    expect(flaky.total).toBe(6);
    const name = encodeURIComponent(truth.flaky[0]!.test.name.toUpperCase());
    const one = await found(`/quality-metrics/tests?label=confirmed&search=${name}`);
    expect(one.items.map(nameOf)).toContain(nameOf(truth.flaky[0]!.test));
  });

  it('refuses what it does not know', async () => {
    for (const bad of ['sort=beauty', 'order=up', 'label=ugly', 'limit=0', 'limit=201', 'cursor=zzz', 'search='])
      expect((await api.get(`/quality-metrics/tests?${bad}`)).status).toBe(422);
  });
});

describe('GET /tests', () => {
  it('finds a test, and tells its history with the culprit of its failures', async () => {
    const { test, culprit } = truth.episodes.find((one) => one.fix === undefined)!;
    const list = await found(`/tests?projects=demo&limit=200&search=${encodeURIComponent(test.name)}`);
    const item = list.items.find((one: Loose) => nameOf(one) === nameOf(test));
    const detail = await found(`/tests/${item.testId}?${ALL}`);
    expect(detail.figures).toMatchObject({ label: 'broken', runs: expect.any(Number) });
    expect(detail.requestedTestId).toBe(item.testId);
    expect(detail.lastSegment.start.commits).toContain(culprit.commit);
    const history = await found(`/tests/${item.testId}/history?${ALL}&limit=10`);
    expect(history.items).toHaveLength(10);
    expect(history.nextCursor).not.toBeNull();
    expect(history.segments.at(-1)).toEqual(detail.lastSegment);
    expect(history.episodes.at(-1)).toMatchObject({ to: null, fixRun: null });
  });

  it('pages through the outcomes', async () => {
    const { items } = await found('/tests?limit=1');
    const path = `/tests/${items[0].testId}/history?limit=40`;
    const seen: string[] = [];
    let page = await found(path);
    for (;;) {
      seen.push(...page.items.map((one: { runId: string }) => one.runId));
      if (page.nextCursor === null) break;
      page = await found(`${path}&cursor=${page.nextCursor}`);
    }
    expect(new Set(seen).size).toBe(page.total);
  });

  it('is 404 for what is not there, 422 for what is no id', async () => {
    expect((await api.get('/tests/000000000000000000000000')).status).toBe(404);
    expect((await api.get('/tests/nonsense')).status).toBe(422);
    expect((await api.get('/tests?search=&limit=5')).status).toBe(422);
  });

  it('suggests the rename of the demo', async () => {
    const { items } = await found(`/tests/rename-suggestions?${ALL}`);
    const { from, to } = truth.renamed!;
    const pair = items.find((one: Loose) => nameOf(one.past) === nameOf(from) && nameOf(one.present) === nameOf(to));
    expect(pair).toBeDefined();
  });
});

describe('aliases', () => {
  it('join a renamed test to its past, are audited, and can be undone', async () => {
    const { items } = await found(`/tests/rename-suggestions?${ALL}`);
    const { from, to } = truth.renamed!;
    const { past, present } = items.find(
      (one: Loose) => nameOf(one.past) === nameOf(from) && nameOf(one.present) === nameOf(to),
    );
    const before = await found(`/tests/${present.testId}?${ALL}`);
    const pastBefore = await found(`/tests/${past.testId}?${ALL}`);
    const made = await api.post(`/tests/${present.testId}/alias`, { of: past.testId, reason: 'renamed' });
    expect([made.status, made.body.of]).toEqual([201, past.testId]);
    const joined = await found(`/tests/${past.testId}?${ALL}`);
    expect(joined.testId).toBe(present.testId);
    expect(joined.aliases).toHaveLength(1);
    expect(joined.figures.runs).toBe(Number(before.figures.runs) + Number(pastBefore.figures.runs));
    expect(joined.asOf).toBeGreaterThan(before.asOf);
    expect((await api.post(`/tests/${present.testId}/alias`, { of: past.testId, reason: 'again' })).status).toBe(409);
    expect((await api.post(`/tests/${past.testId}/alias`, { of: present.testId, reason: 'circle' })).status).toBe(409);
    const audit = await found('/audit-log?action=test.aliased');
    expect(audit.items[0].target.id).toBe(present.testId);
    expect((await api.request('DELETE', `/tests/${present.testId}/alias`)).status).toBe(204);
    expect((await found(`/tests/${past.testId}?${ALL}`)).figures.runs).toBe(pastBefore.figures.runs);
    expect((await api.request('DELETE', `/tests/${present.testId}/alias`)).status).toBe(404);
  });

  it('refuses bodies that are wrong', async () => {
    const { items } = await found('/tests?limit=2');
    const path = `/tests/${items[0].testId}/alias`;
    expect((await api.post(path, { of: items[0].testId, reason: 'itself' })).status).toBe(422);
    expect((await api.post(path, { of: 'x', reason: 'r' })).status).toBe(422);
    expect((await api.post(path, { of: items[1].testId })).status).toBe(422);
    expect((await api.post(path, { of: items[1].testId, reason: ' ' })).status).toBe(422);
    expect((await api.post(path, { of: '0'.repeat(24), reason: 'r' })).status).toBe(404);
    expect((await api.request('DELETE', `${path}?of=x`)).status).toBe(422);
  });
});

describe('outages', () => {
  it('are left out, shown as excluded, and can be put back: everything recomputes', async () => {
    const list = await found(`/outages?${ALL}`);
    expect(list.items).toHaveLength(1);
    const [outage] = list.items;
    expect(outage).toMatchObject({ detected: true, excluded: true, commit: truth.outage!.run.commit, decision: null });
    const quality = await found(`/quality-metrics?${ALL}`);
    expect(quality.runs).toMatchObject({ excluded: 1, excludedRuns: [outage.runId] });
    const answer = await api.post(`/runs/${outage.runId}/outage`, { excluded: false, reason: 'it was real' });
    expect([answer.status, answer.body.excluded]).toEqual([200, false]);
    const after = await found(`/quality-metrics?${ALL}`);
    expect(after.runs.excluded).toBe(0);
    expect(after.asOf).toBeGreaterThan(quality.asOf);
    expect(after.mttr.closed).toBeGreaterThan(quality.mttr.closed);
    expect((await found(`/outages?${ALL}`)).items[0]).toMatchObject({ detected: true, excluded: false });
    await api.post(`/runs/${outage.runId}/outage`, { excluded: true, reason: 'an outage after all' });
    const back = await found(`/quality-metrics?${ALL}`);
    expect(back.mttr.closed).toBe(quality.mttr.closed);
  });

  it('can be declared by hand', async () => {
    const { items } = await found('/quality-metrics/tests?limit=1&sort=runs');
    const history = await found(`/tests/${items[0].testId}/history?limit=1`);
    const { runId } = history.items[0];
    await api.post(`/runs/${runId}/outage`, { excluded: true, reason: 'the network was away' });
    const after = await found(`/tests/${items[0].testId}/history?limit=1`);
    expect(after.items[0]).toMatchObject({ runId, excluded: true });
    await api.post(`/runs/${runId}/outage`, { excluded: false, reason: 'never mind' });
    expect((await found(`/tests/${items[0].testId}/history?limit=1`)).items[0].excluded).toBe(false);
  });

  it('refuses bodies that are wrong', async () => {
    const path = `/runs/${'0'.repeat(24)}/outage`;
    expect((await api.post(path, { excluded: 'maybe', reason: 'r' })).status).toBe(422);
    expect((await api.post(path, { excluded: true })).status).toBe(422);
    expect((await api.post(path, { excluded: true, reason: 'r' })).status).toBe(404);
    expect((await api.get('/outages?limit=0')).status).toBe(422);
  });

  it('are a matter of whole runs, whatever the filter', async () => {
    const [suite] = truth.suites;
    const { items } = await found(`/outages?${ALL}&suites=${encodeURIComponent(suite!)}`);
    expect(items.map((one: Loose) => one.commit)).toContain(truth.outage!.run.commit);
  });
});

describe('GET /failure-clusters', () => {
  it('gives clusters with tests, runs and an example', async () => {
    const { items, counts, total } = await found(`/failure-clusters?${ALL}`);
    expect(total).toBe(Object.values<number>(counts).reduce((sum, n) => sum + n, 0));
    expect(items[0].failures).toBeGreaterThan(0);
    expect(items[0].tests[0].testId).toMatch(/^[0-9a-f]{24}$/);
    expect(items[0].example.message).toEqual(expect.any(String));
    const resolved = await found('/failure-clusters?state=resolved');
    expect(resolved.items.every((one: Loose) => one.state === 'resolved')).toBe(true);
    expect((await api.get('/failure-clusters?state=odd')).status).toBe(422);
  });
});

describe('for other features', () => {
  const scope = systemScope('demo');
  const range = { from: new Date(NOW.getTime() - 40 * 86_400_000), to: NOW, timeZone: 'UTC' };

  it('sums a scope up as GET /quality-metrics does', async () => {
    const query = `from=${range.from.toISOString()}&to=${range.to.toISOString()}`;
    const body = await found(`/quality-metrics?${query}`);
    const summary = await api.app.get(QualityService).summary(scope, {}, range);
    expect(summary.qualityScore.value).toBe(body.score.value);
    expect(summary.flakinessIndex.value).toBe(body.flakiness.value);
  });

  it.each(QUALITY_METRICS)('tells %s over time', async (metric) => {
    const points = await api.app.get(QualityService).series(scope, metric, {}, range, 'week');
    expect(points.length).toBeGreaterThanOrEqual(6);
    for (const { value, n } of points.slice(2)) {
      expect(n).toBeGreaterThanOrEqual(0);
      expect(value === null || Number.isFinite(value)).toBe(true);
    }
    expect(points.some(({ value }) => value !== null)).toBe(true);
  });

  it.each(QUALITY_METRICS)('is a metric of GET /trends: %s', async (metric) => {
    const { series } = await found(`/trends?metric=${metric}&period=day`);
    expect(series[0]).toMatchObject({ metric, direction: expect.any(String) });
    expect(series[0].points).toHaveLength(30);
  });

  it('excuses what is in quarantine', async () => {
    const { items } = await found('/quality-metrics/tests?label=broken,failing&limit=1');
    const lookup = api.app.get(QuarantineLookup);
    lookup.register(() => Promise.resolve(new Set([items[0].testId])));
    const after = await found(`/quality-metrics/tests?label=broken,failing&limit=1`);
    expect(after.items[0]).toMatchObject({ testId: items[0].testId, quarantined: true });
    lookup.register(() => Promise.resolve(new Set()));
  });

  it('compares a project with the others', async () => {
    const results = Array.from({ length: 30 }, (_, i) => ({ name: `t${i}`, status: i < 10 ? 'failed' : 'passed' }));
    await api.post('/runs', {
      project: 'worse',
      startedAt: new Date(NOW.getTime() - 3_600_000).toISOString(),
      results,
    });
    const { benchmark } = await found('/quality-metrics?scope=project&projects=demo');
    expect(benchmark).toMatchObject({ status: 'ok', rank: 1, of: 2, percentile: 1 });
    const { groups } = await found('/quality-metrics?scope=project');
    expect(groups.map((group: Loose) => group.project)).toEqual(['worse', 'demo']);
  });

  it('names and limits the figures of a project as it sets them', async () => {
    const path = '/quality-metrics?scope=project&projects=worse';
    const before = await found(path);
    expect(before.score.band).toBe('critical');
    expect(before.thresholdViolations.map(({ id }: Loose) => id)).toContain('minimum_pass_rate');
    const qualityBands = { excellent: 4, good: 3, fair: 2, poor: 1 };
    const qualityLimits = { minimumScore: 0, minimumPassRate: 0.5, maximumMttrHours: 1 };
    expect((await api.request('PATCH', '/projects/worse', { qualityBands, qualityLimits })).status).toBe(200);
    const after = await found(path);
    expect(after.score).toEqual({ ...before.score, band: 'excellent' });
    expect(after.groups[0].score.band).toBe('excellent');
    expect(after.thresholdViolations.map(({ id }: Loose) => id)).not.toContain('minimum_pass_rate');
    const { groups } = await found('/quality-metrics?scope=project');
    expect(groups.find((group: Loose) => group.project === 'worse').score.band).toBe('excellent');
  });

  it('follows new failures over time', async () => {
    const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000).toISOString();
    const outcomes = ['passed', 'failed', 'failed', 'passed'];
    let testId = '';
    for (const [i, status] of outcomes.entries()) {
      const results = [
        { name: 'breaks', status },
        { name: 'stays', status: 'passed' },
        { name: `only ${i}`, status },
      ];
      const run = { project: 'newly', startedAt: daysAgo(6 - i), results };
      const { runId } = (await api.post('/runs', run)).body;
      const { items } = await found(`/runs/${runId}/results`);
      testId = items.find(({ name }: Loose) => name === 'breaks').testId;
    }
    const points = async (): Promise<Loose> => {
      const { series } = await found('/trends?metric=new_failures&projects=newly&lastDays=8');
      return series[0].points.filter(({ n }: Loose) => n > 0).map(({ value, n }: Loose) => [value, n]);
    };
    expect(await points()).toEqual([
      [0, 3],
      [1, 3],
      [0, 3],
      [0, 3],
    ]);
    const { items } = await found('/metrics-catalogue');
    expect(items.find(({ id }: Loose) => id === 'new_failures')).toMatchObject({
      unit: 'count',
      goodDirection: 'down',
    });
    const quarantine = { testId, reason: 'known', owner: 'ann', expiresAt: daysAgo(-1) };
    expect((await api.post('/quarantine', quarantine)).status).toBe(201);
    const lookup = api.app.get(QuarantineLookup);
    lookup.register(() => Promise.resolve(new Set([testId])));
    expect((await points())[1]).toEqual([0, 3]);
    lookup.register(() => Promise.resolve(new Set()));
  });

  it('counts in the recovery of a day what began to fail in it, not what was open before', async () => {
    const outcomes = { 10: 'failed', 7: 'failed', 6: 'passed', 5: 'failed', 4: 'passed' };
    for (const [days, status] of Object.entries(outcomes)) {
      const startedAt = new Date(NOW.getTime() - Number(days) * 86_400_000).toISOString();
      const run = { project: 'open', startedAt, results: [{ name: 'recovers', status }] };
      expect((await api.post('/runs', run)).status).toBe(201);
    }
    const { series } = await found('/trends?metric=mttr&projects=open&lastDays=8');
    expect(series[0].points.filter(({ n }: Loose) => n > 0).map(({ value, n }: Loose) => [value, n])).toEqual([
      [24, 1],
    ]);
  });

  it('does not tell by a stored report how projects score that its reader may not see', async () => {
    const timeRange = { from: FROM, to: NOW.toISOString(), timeZone: 'UTC' };
    const request = { type: 'quality_metrics', filter: { projects: ['demo'], timeRange } };
    const made = await api.post('/reports/generate', request);
    const token = await api.token({ sub: 'confined', projects: ['demo'] });
    const same = await api.post('/reports/generate', request, { token });
    const read = await api.get(`/reports/${made.body.reportId}`, { token });
    expect([same.status, same.body.cached, read.status]).toEqual([200, true, 200]);
    for (const { body } of [made, same, read])
      expect(body.quality.benchmark).toMatchObject({ status: 'insufficient_data', rank: null, of: 0, best: null });
  });
});

describe('who may', () => {
  it('sees nothing of another organization', async () => {
    const token = await api.token({ org: 'other' });
    const { items } = await found('/tests?limit=1');
    expect((await api.get(`/tests/${items[0].testId}`, { token })).status).toBe(404);
    expect((await api.get(`/tests/${items[0].testId}/history`, { token })).status).toBe(404);
    expect((await api.get('/quality-metrics?projects=demo', { token })).status).toBe(404);
    expect((await api.get('/quality-metrics', { token })).body.tests.total).toBe(0);
    expect((await api.get('/outages', { token })).body.items).toEqual([]);
    expect((await api.get('/failure-clusters', { token })).body.items).toEqual([]);
    expect((await api.get('/tests', { token })).body.items).toEqual([]);
    const { items: outages } = await found(`/outages?${ALL}`);
    const body = { excluded: false, reason: 'not mine' };
    expect((await api.post(`/runs/${outages[0].runId}/outage`, body, { token })).status).toBe(404);
    const alias = { of: items[0].testId, reason: 'not mine' };
    expect((await api.post(`/tests/${items[0].testId}/alias`, alias, { token })).status).toBe(404);
  });

  it('is 404 for who is confined to other projects', async () => {
    const token = await api.token({ projects: ['elsewhere'] });
    const { items } = await found('/tests?limit=1');
    expect((await api.get(`/tests/${items[0].testId}`, { token })).status).toBe(404);
    expect((await api.get('/quality-metrics', { token })).body.tests.total).toBe(0);
  });

  it('is 403 for a lower role, 401 without a token', async () => {
    const token = await api.token({ roles: ['engineer'] });
    const id = '0'.repeat(24);
    expect((await api.post(`/runs/${id}/outage`, { excluded: true, reason: 'r' }, { token })).status).toBe(403);
    expect((await api.post(`/tests/${id}/alias`, { of: id, reason: 'r' }, { token })).status).toBe(403);
    expect((await api.request('DELETE', `/tests/${id}/alias`, undefined, { token })).status).toBe(403);
    for (const path of [
      '/quality-metrics',
      '/quality-metrics/tests',
      '/tests',
      `/tests/${id}`,
      '/outages',
      '/failure-clusters',
    ])
      expect((await api.get(path, { token: null })).status).toBe(401);
  });
});
