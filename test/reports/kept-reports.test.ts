import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';
import { expectRowsOf, generate, post, seed } from './support.js';

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await seed(api);
}, 60_000);
afterAll(() => api.close());

const FILTER = { timeRange: { from: '2026-03-08', to: '2026-03-12' } };

const postOn = (day: string, name: string): Promise<{ runId: string }> => {
  const run = { project: 'web', startedAt: `${day}T10:00:00Z`, results: [{ name, status: 'failed' }] };
  return post(api, '/runs', run, 201);
};

describe('a stored report of a past range', () => {
  it.each(['summary', 'detailed', 'trend_analysis', 'quality_metrics'])(
    'of type %s is the answer while later days change, and no longer when its own or earlier ones do',
    async (type) => {
      const request = { type, comparePrevious: true, filter: FILTER };
      const first = await generate(api, request);
      await postOn('2026-03-20', type);
      const again = await generate(api, request);
      expect(again).toMatchObject({ reportId: first.reportId, cached: true, asOf: first.asOf, totals: first.totals });
      await expectRowsOf(api, again.totals);
      for (const day of ['2026-03-09', '2026-03-06', '2026-02-01']) {
        const before = await generate(api, request);
        const { runId } = await postOn(day, type);
        const fresh = await generate(api, request);
        expect([day, fresh.cached, fresh.asOf > before.asOf]).toEqual([day, false, true]);
        await expectRowsOf(api, fresh.totals);
        expect((await api.request('DELETE', `/runs/${runId}`)).status).toBeLessThan(300);
        expect((await generate(api, request)).cached).toBe(false);
      }
    },
  );

  it('is not the answer to those who may see other projects, nor after a change of definitions', async () => {
    const request = { type: 'summary', filter: FILTER };
    const first = await generate(api, request);
    await postOn('2026-03-21', 'later');
    const token = await api.token({ projects: ['web'] });
    const confined = await api.post('/reports/generate', request, { token });
    expect(confined.body.reportId).not.toBe(first.reportId);
    expect((await api.request('PATCH', '/projects/web', { team: 'others' })).status).toBe(200);
    expect((await generate(api, request)).cached).toBe(false);
  });
});
