import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ReportTemplateDto } from '../../src/reports/http/template.dto.js';
import { startApp, type TestApp } from '../support/app.js';
import { post, RANGE, type Report, seed } from './support.js';

let api: TestApp;

beforeAll(async () => {
  api = await startApp();
  await seed(api, 3);
}, 60_000);
afterAll(() => api.close());

const request = { type: 'quality_metrics', filter: { branches: ['main'], timeRange: RANGE }, groupBy: ['suite'] };
const save = (name: string, more: object = {}): Promise<ReportTemplateDto> =>
  post(api, '/reports/templates', { name, request: { ...request, ...more } }, 201);

describe('report templates', () => {
  it('are created, read, listed by name, replaced and deleted', async () => {
    const made = await save('b');
    expect(made).toMatchObject({ name: 'b', request, createdBy: 'tester' });
    await save('a');
    const page = await api.get('/reports/templates?limit=1');
    expect(page.body.items.map((item: { name: string }) => item.name)).toEqual(['a']);
    const rest = await api.get(`/reports/templates?cursor=${page.body.nextCursor}`);
    expect(rest.body.items.map((item: { name: string }) => item.name)).toEqual(['b']);
    const path = `/reports/templates/${made.templateId}`;
    const body = { name: 'c', description: 'new', request: { type: 'summary' } };
    const replaced = await api.request('PUT', path, body);
    expect(replaced).toMatchObject({ status: 200, body: { ...body, templateId: made.templateId } });
    expect((await api.get(path)).body.request).toEqual({ type: 'summary', filter: {} });
    expect((await api.request('PUT', path, { name: 'd', request: body.request })).body.description).toBeUndefined();
    expect((await api.request('DELETE', path)).status).toBe(204);
    expect((await api.get(path)).status).toBe(404);
    expect((await api.request('DELETE', path)).status).toBe(404);
    expect((await api.request('PUT', path, body)).status).toBe(404);
  });

  it('have names that are taken once', async () => {
    await save('taken');
    const again = await api.post('/reports/templates', { name: 'taken', request });
    expect([again.status, again.body.code]).toEqual([409, 'template_exists']);
  });

  it('generate, and the request can say otherwise', async () => {
    const { templateId } = await save('weekly');
    const report = await post<Report>(api, '/reports/generate', { templateId });
    expect(report).toMatchObject({
      type: 'quality_metrics',
      name: 'weekly',
      groupBy: ['suite'],
      filter: { branches: ['main'] },
    });
    expect(report.timeRange.from).toBe('2026-03-01T05:00:00.000Z');
    const other = await post<Report>(api, '/reports/generate', {
      templateId,
      type: 'summary',
      name: 'mine',
      groupBy: ['owner'],
      filter: { timeRange: { lastDays: 7 } },
    });
    expect(other).toMatchObject({ type: 'summary', name: 'mine', groupBy: ['owner'], filter: { branches: ['main'] } });
    expect(Date.parse(other.timeRange.to) - Date.parse(other.timeRange.from)).toBe(7 * 86_400_000);
    const missing = await api.post('/reports/generate', { templateId: '0'.repeat(24) });
    expect(missing.status).toBe(404);
  });

  it('belong to who may write reports, and to one organization', async () => {
    const { templateId } = await save('ours', { filter: { projects: ['web'] } });
    const viewer = { token: await api.token({ roles: ['viewer'] }) };
    expect((await api.post('/reports/templates', { name: 'x', request }, viewer)).status).toBe(403);
    expect((await api.request('PUT', `/reports/templates/${templateId}`, { name: 'x', request }, viewer)).status).toBe(
      403,
    );
    expect((await api.request('DELETE', `/reports/templates/${templateId}`, undefined, viewer)).status).toBe(403);
    expect((await api.get(`/reports/templates/${templateId}`, viewer)).status).toBe(200);
    for (const claims of [{ org: 'rival' }, { projects: ['api'] }]) {
      const options = { token: await api.token(claims) };
      expect((await api.get(`/reports/templates/${templateId}`, options)).status).toBe(404);
      expect(
        (await api.request('PUT', `/reports/templates/${templateId}`, { name: 'x', request }, options)).status,
      ).toBe(404);
      expect((await api.request('DELETE', `/reports/templates/${templateId}`, undefined, options)).status).toBe(404);
      expect((await api.post('/reports/generate', { templateId }, options)).status).toBe(404);
    }
    const confined = { token: await api.token({ projects: ['api'] }) };
    const foreign = { name: 'y', request: { type: 'summary', filter: { projects: ['web'] } } };
    expect((await api.post('/reports/templates', foreign, confined)).status).toBe(404);
    expect((await api.get('/reports/templates', { token: null })).status).toBe(401);
  });

  it.each([
    ['/name', { name: '' }],
    ['/name', { name: 'x'.repeat(201) }],
    ['/description', { description: 7 }],
    ['/request', { request: undefined }],
    ['/request', { request: [] }],
    ['/request/type', { request: {} }],
    ['/request/groupBy', { request: { type: 'summary', groupBy: ['x'] } }],
    ['/request/filter/timeRange/from', { request: { type: 'summary', filter: { timeRange: { from: 1 } } } }],
    ['/extra', { extra: true }],
  ])('are refused at %s: %j', async (pointer, more) => {
    const { status, body } = await api.post('/reports/templates', { name: 'bad', request, ...more });
    expect(status).toBe(422);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });
});
