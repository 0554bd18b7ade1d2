import { hash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Types } from 'mongoose';
import { ExportFiles } from '../../src/exports/persistence/export-files.js';
import { Clock } from '../../src/common/index.js';
import { startApp, type TestApp } from '../support/app.js';
import { RANGE, seed } from '../reports/support.js';
import { create, database, type Export, exported, finished, linkOn, statusOf } from './support.js';

jest.setTimeout(400_000);

let api: TestApp;
let job: Export;
let bytes: Buffer;
let link: string;

const body = { source: { kind: 'results' }, format: 'csv', filter: { timeRange: RANGE } };

beforeAll(async () => {
  api = await startApp();
  await seed(api, 6);
  ({ job, bytes } = await exported(api, { ...body, name: 'Größe "1"\r\n/..\\x' }));
  link = linkOn(api, job.downloadUrl ?? '');
});
afterAll(() => api.close());

const fetchBytes = async (
  headers: Record<string, string> = {},
  url = link,
): Promise<{ status: number; bytes: Buffer; headers: Headers }> => {
  const response = await fetch(url, { headers });
  return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
};

const problemOf = async (
  url: string,
  init: RequestInit = {},
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(url, init);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

describe('a download', () => {
  it('has a strong tag, a safe name, and may not be kept or guessed at', async () => {
    const { status, headers, bytes: got } = await fetchBytes({ 'accept-encoding': 'gzip' });
    expect(status).toBe(200);
    expect(got.equals(bytes)).toBe(true);
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{40}"$/);
    expect(headers.get('content-length')).toBe(String(bytes.length));
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="Gro_e 1 .. x.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%201%20..%20x.csv`,
    );
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-99', 10, 99],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
    ['bytes=5-999999999', 5, undefined],
  ])('answers %s exactly', async (range, first, last) => {
    const { status, bytes: got, headers } = await fetchBytes({ range });
    const wanted = bytes.subarray(first, last === undefined ? undefined : last + 1);
    expect(status).toBe(206);
    expect(got.equals(wanted)).toBe(true);
    const from = first < 0 ? bytes.length + first : first;
    expect(headers.get('content-range')).toBe(`bytes ${from}-${from + wanted.length - 1}/${bytes.length}`);
  });

  it('goes on where it broke off, while the file is the same', async () => {
    const tag = (await fetchBytes()).headers.get('etag') ?? '';
    const half = Math.floor(bytes.length / 2);
    const rest = await fetchBytes({ range: `bytes=${half}-`, 'if-range': tag });
    expect(Buffer.concat([bytes.subarray(0, half), rest.bytes]).equals(bytes)).toBe(true);
    for (const other of ['"0000000000000000000000000000000000000000"', `W/${tag}`, 'Wed, 21 Oct 2026 07:28:00 GMT']) {
      const whole = await fetchBytes({ range: `bytes=${half}-`, 'if-range': other });
      expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
    }
    expect((await fetchBytes({ 'if-none-match': tag })).status).toBe(304);
  });

  it('refuses what lies behind the end, and passes over what is no range', async () => {
    const behind = await fetchBytes({ range: `bytes=${bytes.length}-` });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`]);
    expect((await fetchBytes({ range: 'bytes=-0' })).status).toBe(416);
    for (const range of ['bytes=9-1', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6', 'bytes='])
      expect((await fetchBytes({ range })).status).toBe(200);
  });

  it('is given to who may read exports, with a token or a key', async () => {
    const plain = `${api.url}/exports/${job.jobId}/download`;
    const viewer = { authorization: `Bearer ${await api.token({ roles: ['viewer'] })}` };
    expect((await fetchBytes(viewer, plain)).bytes.equals(bytes)).toBe(true);
    expect((await problemOf(plain)).status).toBe(401);
    const rival = { authorization: `Bearer ${await api.token({ org: 'rival' })}` };
    expect((await problemOf(plain, { headers: rival })).status).toBe(404);
    const confined = { authorization: `Bearer ${await api.token({ projects: ['web'] })}` };
    expect((await problemOf(plain, { headers: confined })).status).toBe(404);
    const key = await api.post('/api-keys', { name: 'ci', permissions: ['exports:read'] });
    expect(key.status).toBe(201);
    expect((await fetchBytes({ 'x-api-key': key.body.key }, plain)).status).toBe(200);
    expect((await problemOf(plain, { headers: { 'x-api-key': 'ers_wrong' } })).status).toBe(401);
  });
});

describe('a link', () => {
  const refused = async (url: string): Promise<void> => {
    const { status, body: problem } = await problemOf(url);
    expect(status).toBe(403);
    expect(problem).toMatchObject({ code: 'link_invalid', detail: 'This link is not valid or no longer valid' });
    expect(JSON.stringify({ ...problem, instance: '' })).not.toMatch(/Größe|results|demo|csv/);
  };

  it('is void when any of its fields was altered', async () => {
    for (const field of ['org', 'expires', 'key', 'signature']) {
      const value = new URL(link).searchParams.get(field)!;
      const flipped = value.slice(0, -1) + (value.endsWith('A') ? 'B' : 'A');
      for (const other of [flipped, `${value}0`, value.slice(0, -1), '']) {
        const url = new URL(link);
        url.searchParams.set(field, other);
        await refused(url.href);
      }
    }
    for (const field of ['org', 'expires', 'key', 'signature']) {
      const without = new URL(link);
      without.searchParams.delete(field);
      await refused(without.href);
      const twice = new URL(link);
      twice.searchParams.append(field, twice.searchParams.get(field)!);
      await refused(twice.href);
      const long = new URL(link);
      long.searchParams.set(field, 'x'.repeat(2_000));
      await refused(long.href);
    }
    // the last character of base64 has bits that say nothing: another spelling is another link
    const url = new URL(link);
    const signature = url.searchParams.get('signature')!;
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const sibling = alphabet[alphabet.indexOf(signature.at(-1)!) ^ 1]!;
    url.searchParams.set('signature', signature.slice(0, -1) + sibling);
    await refused(url.href);
  });

  it('is void for another export, another organization, and one that is not there', async () => {
    const other = await finished(api, (await create(api, body)).jobId);
    await refused(link.replace(job.jobId, other.jobId));
    await refused(link.replace(job.jobId, '0'.repeat(24)));
    await refused(link.replace(job.jobId, 'x'));
    const rival = new URL(link);
    rival.searchParams.set('org', 'rival');
    await refused(rival.href);
  });

  it('ends by itself, and a new one can be made', async () => {
    const clock = api.app.get(Clock);
    const now = clock.now.bind(clock);
    clock.now = () => new Date(now().getTime() + 16 * 60_000);
    try {
      await refused(link);
      const { status, body: made } = await api.post(`/exports/${job.jobId}/links`);
      expect(status).toBe(201);
      expect((await fetchBytes({}, linkOn(api, made.downloadUrl))).bytes.equals(bytes)).toBe(true);
    } finally {
      clock.now = now;
    }
    expect((await fetchBytes()).status).toBe(200);
  });

  it('is void when all links were revoked', async () => {
    const viewer = { token: await api.token({ roles: ['viewer'] }) };
    const stranger = { token: await api.token({ sub: 'stranger', roles: ['engineer'] }) };
    expect((await api.request('DELETE', `/exports/${job.jobId}/links`, undefined, viewer)).status).toBe(403);
    expect((await api.request('DELETE', `/exports/${job.jobId}/links`, undefined, stranger)).body.code).toBe(
      'not_your_export',
    );
    expect((await api.request('DELETE', `/exports/${job.jobId}/links`)).status).toBe(204);
    await refused(link);
    const fresh = await statusOf(api, job.jobId);
    expect((await fetchBytes({}, linkOn(api, fresh.downloadUrl ?? ''))).status).toBe(200);
  });
});

describe('a file of several chunks', () => {
  const MB = 1024 * 1024;
  const content = randomBytes(2_700_000);
  const last = content.length - 1;
  const fileId = new Types.ObjectId().toHexString();
  let files: ExportFiles;
  const bytesOf = async (from: number, to: number): Promise<Buffer> => {
    const parts: Buffer[] = [];
    for await (const part of files.read(fileId, from, to)) parts.push(part as Buffer);
    return Buffer.concat(parts);
  };
  beforeAll(async () => {
    files = api.app.get(ExportFiles);
    const parts = Array.from({ length: 27 }, (_, i) => content.subarray(i * 100_000, (i + 1) * 100_000));
    const written = await files.write(fileId, 'a', Readable.from(parts), new AbortController().signal);
    expect(written).toEqual({ length: content.length, sha256: hash('sha256', content, 'hex') });
  });

  it('gives any range byte by byte', async () => {
    const edges = [0, MB - 1, MB, MB + 1, 2 * MB - 1, 2 * MB, last].map((at) => fc.constant(at));
    const place = fc.oneof(...edges, fc.integer({ min: 0, max: last }));
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect((await bytesOf(from, to)).equals(content.subarray(from, to + 1))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('breaks off, and does not end, where a part is missing', async () => {
    await database(api)
      .collection('exports.chunks')
      .deleteOne({ files_id: new Types.ObjectId(fileId), n: 1 });
    expect((await bytesOf(0, MB - 1)).length).toBe(MB);
    await expect(bytesOf(0, last)).rejects.toThrow('ended at byte 1048576');
    await expect(bytesOf(2 * MB, last)).resolves.toHaveLength(last + 1 - 2 * MB);
    await files.remove(fileId);
    await expect(bytesOf(0, 0)).rejects.toThrow('ended at byte 0');
  });
});

describe('who may do what', () => {
  it('is asked by role, organization and project', async () => {
    const viewer = { token: await api.token({ roles: ['viewer'] }) };
    expect((await api.post('/exports', body, viewer)).status).toBe(403);
    expect((await api.post('/exports/estimate', body, viewer)).status).toBe(403);
    expect((await api.get('/exports/sources', viewer)).body.items.map((s: { kind: string }) => s.kind)).toEqual([
      ...['results', 'runs', 'tests', 'report', 'trend', 'dashboard', 'alerts', 'deliveries'],
    ]);
    const paths = [
      ['GET', 'status'],
      ['POST', 'cancel'],
      ['POST', 'retry'],
      ['POST', 'links'],
      ['DELETE', 'links'],
    ] as const;
    for (const claims of [{ org: 'rival' }, { projects: ['web'] }]) {
      const options = { token: await api.token(claims) };
      for (const [method, path] of paths) {
        const answer = await api.request(method, `/exports/${job.jobId}/${path}`, undefined, options);
        expect([path, answer.status]).toEqual([path, 404]);
      }
      expect((await api.request('DELETE', `/exports/${job.jobId}`, undefined, options)).status).toBe(404);
      expect((await api.get('/exports', options)).body.items).toEqual([]);
    }
    const confined = { token: await api.token({ projects: ['web'] }) };
    const foreign = { ...body, filter: { projects: ['api'], timeRange: RANGE } };
    expect((await api.post('/exports', foreign, confined)).status).toBe(404);
    for (const [method, path] of paths) {
      const answer = await api.request(method, `/exports/${job.jobId}/${path}`, undefined, { token: null });
      expect([path, answer.status]).toEqual([path, 401]);
    }
    for (const path of ['', '/sources']) expect((await api.get(`/exports${path}`, { token: null })).status).toBe(401);
  });

  it.each([
    ['/source', { source: undefined }],
    ['/source/kind', { source: { kind: 'secrets' } }],
    ['/source/runIds/0', { source: { kind: 'runs', runIds: ['x'] } }],
    ['/source/attempts', { source: { kind: 'results', attempts: 'some' } }],
    ['/source', { source: { kind: 'report' } }],
    ['/format', { format: 'exe' }],
    ['/columns/1', { columns: ['name', 'password'] }],
    ['/columns/1', { columns: ['name', 'name'] }],
    ['/filter/projects', { filter: { projects: ['A B'] } }],
    ['/filter/timeRange/from', { filter: { timeRange: { from: '2026-02-01', to: '2026-01-01' } } }],
    ['/timeZone', { timeZone: '+01:00' }],
    ['/locale', { locale: 'not a locale' }],
    ['/maxRecords', { maxRecords: 0 }],
    ['/priority', { priority: 'now' }],
    ['/source/dashboardId', { source: { kind: 'dashboard' } }],
    ['/source/dashboardId', { source: { kind: 'dashboard', dashboardId: 'x' } }],
    ['/source/states/0', { source: { kind: 'alerts', states: ['delivered'] } }],
    ['/source/states/0', { source: { kind: 'deliveries', states: ['firing'] } }],
    ['/source/severities/0', { source: { kind: 'alerts', severities: ['awful'] } }],
    ['/source/history', { source: { kind: 'alerts', history: 'yes' } }],
    ['/filter/suites', { source: { kind: 'alerts' }, filter: { suites: ['a'], timeRange: RANGE } }],
    ['/name', { name: ' ' }],
    ['/extra', { extra: 1 }],
  ])('refuses %s: %j', async (pointer, more) => {
    const { status, body: problem } = await api.post('/exports', { ...body, ...more });
    expect(status).toBe(422);
    const pointers = problem.errors.map((error: { pointer: string }) => error.pointer);
    expect(pointers.some((found: string) => found === pointer || pointer.startsWith(`${found}/`))).toBe(true);
  });
});
