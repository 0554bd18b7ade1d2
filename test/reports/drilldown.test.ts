import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RetentionService } from '../../src/executions/index.js';
import type { CellDto } from '../../src/metrics/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { allPages, expectRowsOf, follow, generate, post, postRun, RANGE, type Report, seed } from './support.js';

let api: TestApp;
let runIds: string[];

beforeAll(async () => {
  api = await startApp();
  runIds = await seed(api);
}, 60_000);
afterAll(() => api.close());

const everyCell = (report: Report): CellDto[] => [
  report.totals,
  ...report.rows.map((row) => row.cell),
  ...[report.previous].filter(Boolean).flatMap(({ totals, rows }) => [totals, ...rows.map((row) => row.cell)]),
];

describe('drill-down', () => {
  it('leads from every cell of a report of two dimensions to exactly its rows', async () => {
    const report = await generate(api, { type: 'detailed' });
    expect(report.rows.length).toBeGreaterThan(12);
    for (const cell of everyCell(report)) await expectRowsOf(api, cell, 7);
  }, 60_000);

  it.each([
    { interval: 'day', groupBy: ['tag'] },
    { interval: { days: 3 }, groupBy: ['branch', 'environment'], comparePrevious: true },
    { interval: 'hour', groupBy: ['owner'] },
    { groupBy: ['team', 'test'] },
    { groupBy: ['run', 'type'] },
    { interval: 'week', attempts: 'all', groupBy: ['user', 'kind'] },
  ])(
    'does so for %j',
    async (shape) => {
      const report = await generate(api, { type: 'summary', ...shape });
      const cells = everyCell(report);
      for (const cell of cells.filter((_, i) => i % Math.ceil(cells.length / 25) === 0)) await expectRowsOf(api, cell);
    },
    60_000,
  );

  it('walks from the organization down to the steps of one attempt', async () => {
    const report = await generate(api, { type: 'summary' });
    const levels: string[] = [];
    let href: string = report.links.drilldown;
    let executions: number = report.totals.executions;
    for (;;) {
      const page = await follow(api, href);
      levels.push(page.level);
      expect(page.breadcrumb).toHaveLength(levels.length);
      if (page.level === 'result') {
        expect(page.total).toBe(executions);
        const withSteps = page.rows.find((row) => row.steps > 0) ?? page.rows[0]!;
        const steps = await follow(api, withSteps.href);
        expect(steps.level).toBe('step');
        expect(steps.rows.map((step) => step.name)).toEqual(['open', 'pay']);
        break;
      }
      expect(page.rows.reduce((sum, row) => sum + row.cell.executions, 0)).toBe(executions);
      const next = page.level === 'test' ? page.rows.find((row) => row.title === 'test 1')! : page.rows[0]!;
      const wanted = page.level === 'suite' ? page.rows.find((row) => row.value === 'checkout/pay')! : next;
      executions = wanted.cell.executions;
      await expectRowsOf(api, wanted.cell);
      href = wanted.href;
    }
    expect(levels).toEqual(['organization', 'team', 'project', 'suite', 'test', 'result']);
  }, 60_000);

  it('goes by day, then hour, on the day that New York makes shorter', async () => {
    const report = await generate(api, { type: 'summary' });
    const days = await follow(api, `${report.links.drilldown}?level=day`);
    expect(days.rows.map((row) => row.value)).toEqual([...days.rows.map((row) => row.value)].sort().reverse());
    const short = days.rows.find((row) => row.value === '2026-03-08')!;
    expect(Date.parse(short.bucket.to) - Date.parse(short.bucket.from)).toBe(23 * 3_600_000);
    await expectRowsOf(api, short.cell);
    const hours = await follow(api, short.href);
    expect(hours.level).toBe('hour');
    expect(hours.rows.reduce((sum, row) => sum + row.cell.executions, 0)).toBe(short.cell.executions);
    for (const hour of hours.rows) await expectRowsOf(api, hour.cell);
  });

  it('goes from a cluster to its results', async () => {
    const report = await generate(api, { type: 'failure_analysis' });
    expect(report.failureClusters.length).toBeGreaterThan(0);
    const clusters = await follow(api, `${report.links.drilldown}?level=cluster`);
    expect(clusters.rows.map((row) => row.cluster.size)).toEqual(report.failureClusters.map((c) => c.size));
    for (const cluster of report.failureClusters) {
      const { rows, first } = await allPages(api, cluster.href, 3);
      expect(first.total).toBe(cluster.size);
      expect(rows).toHaveLength(cluster.size);
      expect(rows.every((row) => ['failed', 'broken', 'timeout'].includes(row.status))).toBe(true);
      expect(rows[0]!.resultId).toBe(cluster.example.resultId);
      expect(new Set(rows.map((row) => row.testId)).size).toBe(cluster.tests);
    }
  });

  it('takes a path as one text, repeated, and with plain slashes, and narrows by status', async () => {
    const report = await generate(api, { type: 'summary' });
    const base = `${report.links.drilldown}?level=result`;
    const paths = [
      `&path=${encodeURIComponent('project:web/suite:checkout%2Fcart')}`,
      `&path=project:web&path=${encodeURIComponent('suite:checkout%2Fcart')}`,
      '&path=project:web/suite:checkout/cart',
    ];
    const pages = await Promise.all(paths.map((path) => follow(api, base + path)));
    expect(pages[0]!.total).toBeGreaterThan(0);
    expect(new Set(pages.map((page) => JSON.stringify(page.rows.map((row) => row.resultId)))).size).toBe(1);
    const failed = await follow(api, `${base}&statuses=failed,broken`);
    expect(failed.total).toBe(report.totals.failed + report.totals.broken);
    const nowhere = await follow(api, `${base}&path=project:web/project:api`);
    expect(nowhere).toMatchObject({ rows: [], total: 0, nextCursor: null });
  });

  it('stands still while data comes in and is deleted', async () => {
    const report = await generate(api, { type: 'detailed', interval: { days: 3 }, groupBy: ['suite'] });
    await postRun(api, 40, { at: '2026-03-05T12:00:00Z' });
    // later results of a run that the report counts: outcomes that it knew are superseded
    await post(api, `/runs/${runIds[3]}/results`, {
      results: [1, 2, 3, 4, 5, 6].map((i) => ({
        name: `test ${i}`,
        suite: ['checkout/cart', 'checkout/pay', 'search*', '100%', undefined][i % 5],
        status: 'passed',
        attempt: 9,
        startedAt: '2026-03-10T01:00:00Z',
      })),
    });
    const fresh = await generate(api, { type: 'detailed', interval: { days: 3 }, groupBy: ['suite'] });
    expect(fresh.reportId).not.toBe(report.reportId);
    expect(fresh.totals.executions).toBeGreaterThan(report.totals.executions);
    for (const cell of everyCell(report)) await expectRowsOf(api, cell);
    for (const cell of everyCell(fresh)) await expectRowsOf(api, cell);

    const { status } = await api.request('DELETE', `/runs/${runIds[2]}`);
    expect(status).toBeLessThan(300);
    let deleted = 0;
    for (const row of report.rows) {
      const first = await follow(api, row.cell.href);
      deleted += first.removed.deleted;
      await expectRowsOf(api, row.cell);
    }
    const whole = await follow(api, report.totals.href);
    expect(whole.removed.deleted).toBe(12);
    expect(deleted).toBe(12);
    const groups = await follow(api, `${report.links.drilldown}?level=suite`);
    expect(groups.rows.reduce((sum, row) => sum + row.cell.executions, 0)).toBe(report.totals.executions);
    for (const row of groups.rows) await expectRowsOf(api, row.cell);
  }, 90_000);

  it('keeps teams as they were', async () => {
    const report = await generate(api, { type: 'summary', groupBy: ['team'] });
    await api.request('PATCH', '/projects/lib', { team: 'shop' });
    for (const cell of everyCell(report)) await expectRowsOf(api, cell);
    const teams = await follow(api, `${report.links.drilldown}?level=team`);
    const byTeam = new Map(teams.rows.map((row) => [row.value, row.cell.executions]));
    for (const row of report.rows) expect(byTeam.get(row.group.team!)).toBe(row.cell.executions);
    const after = await generate(api, { type: 'summary', groupBy: ['team'] });
    expect(after.cached).toBe(false);
    expect(after.rows.map((row) => row.group.team)).toEqual(['core', 'shop']);
  });

  it('counts what retention has removed, before and after the report', async () => {
    const before = await generate(api, { type: 'summary', groupBy: ['project'] });
    const { status } = await api.request('PATCH', '/projects/api', { retentionDays: 1 });
    expect(status).toBe(200);
    const expired = await api.app.get(RetentionService).sweep();
    expect(expired).toBeGreaterThan(0);
    const after = await generate(api, { type: 'summary', groupBy: ['project'] });
    expect(after.cached).toBe(false);
    expect(after.totals.executions).toBe(before.totals.executions);
    for (const report of [before, after])
      for (const { group, cell } of report.rows) {
        const rows = await expectRowsOf(api, cell);
        if (group.project === 'api') expect(rows).toEqual([]);
        else expect(rows).toHaveLength(cell.executions);
      }
    const { removed } = await follow(api, after.totals.href);
    expect(removed).toEqual({
      deleted: 0,
      expired: after.rows.find(({ group }) => group.project === 'api')!.cell.executions,
    });
  }, 60_000);

  it('refuses what it does not understand', async () => {
    const { reportId } = await generate(api, { type: 'summary' });
    const expectRefusal = async (query: string, code: string, pointer: string): Promise<void> => {
      const { status, body } = await api.get(`/reports/${reportId}/drilldown?${query}`);
      expect({ query, status, code: body.code, pointer: body.errors?.[0]?.pointer }).toEqual({
        query,
        status: 422,
        code,
        pointer,
      });
    };
    await expectRefusal('level=galaxy', 'validation_failed', '/level');
    await expectRefusal('level=step', 'invalid_level', '/level');
    await expectRefusal('path=test:x&level=suite', 'invalid_level', '/level');
    await expectRefusal('path=galaxy:x', 'invalid_path', '/path');
    await expectRefusal('path=suite:%25zz', 'invalid_path', '/path');
    await expectRefusal('path=day:yesterday', 'invalid_path', '/path');
    await expectRefusal('path=hour:12', 'invalid_path', '/path');
    await expectRefusal('path=day:2026-02-30', 'invalid_path', '/path');
    await expectRefusal('path=hour:2026-02-30T10:00Z', 'invalid_path', '/path');
    await expectRefusal('row=99', 'invalid_row', '/row');
    await expectRefusal('row=x', 'validation_failed', '/row');
    await expectRefusal('period=previous', 'invalid_row', '/period');
    await expectRefusal('period=next', 'validation_failed', '/period');
    await expectRefusal('statuses=good', 'validation_failed', '/statuses');
    await expectRefusal('limit=0', 'validation_failed', '/limit');
    await expectRefusal('level=result&cursor=abc', 'invalid_cursor', '/cursor');
    await expectRefusal('level=day&cursor=abc', 'invalid_cursor', '/cursor');
    const gone = await api.get(`/reports/${reportId}/drilldown?path=result:${'0'.repeat(32)}`);
    expect(gone.status).toBe(404);
    expect(RANGE.timeZone).toBe('America/New_York');
  });
});
