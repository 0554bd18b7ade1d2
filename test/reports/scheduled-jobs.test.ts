import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/common/index.js';
import { ScheduleSweeper } from '../../src/schedules/schedule-sweeper.js';
import { type Answer, type Loose, startApp, type TestApp } from '../support/app.js';
import { post, seed } from './support.js';

let api: TestApp;
let names = 0;
let now = new Date('2026-03-16T12:00:00Z');
beforeAll(async () => {
  api = await startApp();
  await seed(api, 12);
}, 90_000);
beforeEach(() => {
  now = new Date('2026-03-16T12:00:00Z');
  api.app.get(Clock).now = () => now;
});
afterAll(() => api.close());

const schedule = (kind: string, options: object): object => ({
  name: `schedule ${++names}`,
  timing: { every: 'day', at: '08:00', timeZone: 'America/New_York' },
  target: { kind, options },
});
const create = async (kind: string, options: object): Promise<Loose> =>
  post(api, '/schedules', schedule(kind, options), 201);
const refusal = async (kind: string, options: object): Promise<[number, string, string | undefined]> => {
  const { status, body }: Answer = await api.post('/schedules', schedule(kind, options));
  return [status, body.code, body.errors?.[0]?.pointer];
};
/** Runs a schedule by hand, and what its run brought. */
const ran = async ({ scheduleId }: Loose): Promise<Loose> => {
  await post(api, `/schedules/${scheduleId}/run`, {}, 202);
  await api.app.get(ScheduleSweeper).sweep();
  const { body } = await api.get(`/schedules/${scheduleId}/runs`);
  return body.items[0];
};
const follow = async (href: string): Promise<Answer> => api.get(href.replace('/api/v1/execution-reporting', ''));
const valueOf = (run: Loose, label: string): string => run.figures.find((one: Loose) => one.label === label)?.value;

describe('a scheduled report', () => {
  it('has the figures of the report that it links to, over the week before, in the zone of the schedule', async () => {
    const request = { type: 'summary', filter: { projects: ['web', 'api'] }, comparePrevious: true };
    const run = await ran(await create('report', { window: 'previous_week', request }));
    expect(run).toMatchObject({ status: 'succeeded', error: null });
    const report = await follow(run.links[0].href);
    expect(report.status).toBe(200);
    expect(report.body.timeRange).toMatchObject({
      from: '2026-03-09T04:00:00.000Z',
      to: '2026-03-16T04:00:00.000Z',
      timeZone: 'America/New_York',
    });
    const { totals } = report.body;
    expect(totals.executions).toBeGreaterThan(0);
    expect(valueOf(run, 'Executions')).toBe(totals.executions.toLocaleString('en-US'));
    expect(valueOf(run, 'Pass rate')).toBe(`${Number((totals.passRate.value * 100).toPrecision(3))} %`);
    expect(run.figures[1].change).toMatch(/^[+-][\d.]+ points$/);
    expect((await follow(run.links[1].href)).status).toBe(200);
    const again = await ran({ scheduleId: run.scheduleId });
    expect(again.links[0]).toEqual(run.links[0]);
  });

  it('is of a template as it is when it runs; when that is gone the run fails', async () => {
    const template = await post<Loose>(
      api,
      '/reports/templates',
      { name: 't', request: { type: 'summary', filter: { timeRange: { lastDays: 30 } } } },
      201,
    );
    const made = await create('report', { templateId: template.templateId });
    const run = await ran(made);
    const { body } = await follow(run.links[0].href);
    expect([body.name, body.timeRange.timeZone]).toEqual(['t', 'America/New_York']);
    await api.request('DELETE', `/reports/templates/${template.templateId}`);
    expect(await ran(made)).toMatchObject({ status: 'failed', error: { code: 'not_found' } });
  });

  it('says so when there was nothing', async () => {
    now = new Date('2027-03-16T12:00:00Z');
    const run = await ran(await create('report', { window: 'previous_day', request: { type: 'summary' } }));
    expect(run.summary).toBe('No test was executed in this time');
    expect(valueOf(run, 'Pass rate')).toBe('no data');
  });

  it('can be previewed, message and all', async () => {
    const body = { ...schedule('report', { request: { type: 'summary' } }), count: 1 };
    const preview = await post<Loose>(api, '/schedules/preview', body);
    expect(preview.message.text).toContain('Pass rate:');
  });
});

describe('a scheduled trend', () => {
  it('says where metrics go, and links to the same answer', async () => {
    const options = {
      metrics: ['pass_rate', 'executions'],
      filter: { projects: ['web'], timeRange: { lastDays: 20 } },
    };
    const run = await ran(await create('trend', options));
    expect(run.summary).toMatch(/^Pass rate (is|has|goes) /);
    expect(run.figures.map(({ label }: Loose) => label)).toEqual(['Pass rate', 'Executions']);
    const { status, body } = await follow(run.links[0].href);
    expect(status).toBe(200);
    expect(body.series.map(({ metric }: Loose) => metric)).toEqual(['pass_rate', 'executions']);
    expect(run.figures[0].value).toContain(body.series[0].direction.replaceAll('_', ' '));
  });
});

describe('a scheduled summary of quality', () => {
  it('has the score, and links to the same answer', async () => {
    const run = await ran(
      await create('quality_summary', { filter: { projects: ['web'], timeRange: { lastDays: 20 } } }),
    );
    const { status, body } = await follow(run.links[0].href);
    expect(status).toBe(200);
    const { value } = body.score;
    expect(valueOf(run, 'Quality score')).toBe(value === null ? 'no data' : value.toFixed(1));
    expect(run.summary).toContain(value === null ? 'Too little data' : value.toFixed(1));
  });
});

describe('options are refused', () => {
  const range = { from: '2026-03-01', to: '2026-03-02' };
  it.each<[string, object, string, string]>([
    ['report', {}, 'validation_failed', '/request'],
    ['report', { templateId: '0'.repeat(24), request: { type: 'summary' } }, 'validation_failed', '/request'],
    ['report', { templateId: 'x' }, 'validation_failed', '/templateId'],
    ['report', { request: { type: 'poem' } }, 'validation_failed', '/request/type'],
    ['report', { request: { type: 'summary' }, window: 'next_week' }, 'validation_failed', '/window'],
    ['report', { request: { type: 'summary' }, more: 1 }, 'validation_failed', '/more'],
    [
      'report',
      { request: { type: 'summary', filter: { timeRange: range } }, window: 'previous_day' },
      'invalid_time_range',
      '/request/filter/timeRange',
    ],
    ['trend', { metrics: ['nonsense'] }, 'unknown_metric', '/metric'],
    ['trend', { metrics: [] }, 'validation_failed', '/metrics'],
    ['trend', { interval: 'minute' }, 'validation_failed', '/interval'],
    ['trend', { forecast: 1000 }, 'validation_failed', '/forecast'],
    ['quality_summary', { filter: { suites: 'x' } }, 'validation_failed', '/filter/suites'],
    ['quality_summary', { filter: { timeRange: { lastDays: 0 } } }, 'validation_failed', '/filter/timeRange/lastDays'],
  ])('%s %j', async (kind, options, code, pointer) => {
    expect(await refusal(kind, options)).toEqual([422, code, `/target/options${pointer}`]);
  });

  it.each(['report', 'trend', 'quality_summary'])('%s of a project that is not there', async (kind) => {
    const filter = { projects: ['nowhere'] };
    const [status] = await refusal(kind, kind === 'report' ? { request: { type: 'summary', filter } } : { filter });
    expect(status).toBe(404);
  });
});
