import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { hasSharedData, readShared } from '../support/shared-data.js';
import { startApp, type Answer, type TestApp } from '../support/app.js';
import { createProject } from './support.js';

let api: TestApp;
beforeAll(async () => {
  api = await startApp();
  await createProject(api, 'shop');
});
afterAll(() => api.close());

const junit = (suite: string, cases: readonly string[]): string =>
  `<testsuite name="${suite}" timestamp="2026-03-01T09:30:00Z">${cases
    .map((name) =>
      name.startsWith('!')
        ? `<testcase name="${name.slice(1)}" classname="${suite}" time="0.5"><failure message="no">at x</failure></testcase>`
        : `<testcase name="${name}" classname="${suite}" time="0.25"/>`,
    )
    .join('')}</testsuite>`;
const ctrf = JSON.stringify({
  results: {
    tool: { name: 'jest' },
    summary: {
      tests: 1,
      passed: 1,
      failed: 0,
      pending: 0,
      skipped: 0,
      other: 0,
      start: 1772357400000,
      stop: 1772357460000,
    },
    tests: [{ name: 'from ctrf', status: 'passed', duration: 12 }],
  },
});

type File = readonly [name: string, content: string | Buffer];
const upload = (
  files: readonly File[],
  fields: Readonly<Record<string, string>> = {},
  query = '?project=shop',
): Promise<Answer> => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, content] of files) form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name);
  return api.post(`/runs/import${query}`, form);
};

describe('POST /runs/import', () => {
  it('makes one run of several files, packed or not, with the fields of the form', async () => {
    const files: File[] = [
      ['a.xml', junit('a', ['one', '!two'])],
      ['b.xml.gz', gzipSync(junit('b', ['three']))],
      ['c.json', ctrf],
    ];
    const fields = {
      branch: 'main',
      'build.id': 'b-7',
      'build.shard': '2',
      tags: 'nightly, slow',
      metrics: '{"coverage.lines": 80}',
      'resources.cpuPercent': '55',
      workers: '4',
    };
    const { status, body } = await upload(files, fields);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accepted: 4,
      duplicates: 0,
      rejected: [],
      runs: [{ runId: body.runId, accepted: 4 }],
    });
    expect(body.files.map(({ file, format, results }: Record<string, unknown>) => [file, format, results])).toEqual([
      ['a.xml', 'junit', 2],
      ['b.xml.gz', 'junit', 1],
      ['c.json', 'ctrf', 1],
    ]);
    expect((await api.get(`/runs/${body.runId}`)).body).toMatchObject({
      branch: 'main',
      build: { id: 'b-7', shard: 2 },
      tags: ['nightly', 'slow'],
      metrics: { 'coverage.lines': 80 },
      resources: { cpuPercent: 55 },
      workers: 4,
      status: 'finished',
      startedAt: '2026-03-01T09:30:00.000Z',
      totals: { attempts: 4, passed: 3, failed: 1 },
    });
    const again = await upload(files.toReversed(), fields);
    expect(again.body).toMatchObject({ runId: body.runId, accepted: 0, duplicates: 4 });
  });

  it('keeps the good files and tells what is wrong with the bad', async () => {
    const { status, body } = await upload([
      ['good.xml', junit('g', ['one'])],
      ['bad.xml', '<testsuite><testcase name="x">'],
      ['what.bin', 'hello'],
    ]);
    expect(status).toBe(200);
    expect(body.accepted).toBe(1);
    expect(body.files[0]).not.toHaveProperty('problem');
    expect(body.files[1].problem).toMatchObject({ status: 422, code: 'invalid_file', line: 1 });
    expect(body.files[2].problem).toMatchObject({ status: 422, code: 'unknown_format' });
  });

  it('answers 422 when all are bad', async () => {
    const one = await upload([['bad.xml', '<testsuite><testcase name="x">']]);
    expect([one.status, one.body.code]).toEqual([422, 'invalid_file']);
    const two = await upload([
      ['bad.xml', '<testsuite>'],
      ['what.bin', 'hello'],
    ]);
    expect([two.status, two.body.code]).toEqual([422, 'invalid_files']);
    expect(two.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/files/0', '/files/1']);
  });

  it('refuses forms that are wrong', async () => {
    const good: File = ['good.xml', junit('g', ['one'])];
    expect((await upload([])).body.code).toBe('no_file');
    expect((await upload([good], {}, '')).body).toMatchObject({ status: 422, errors: [{ pointer: '/project' }] });
    expect((await upload([good], {}, '?project=nope')).status).toBe(200);
    expect((await upload([good], { kind: 'x' })).body.errors[0].pointer).toBe('/kind');
    expect((await upload([good], { metrics: '{' })).body.errors[0].pointer).toBe('/metrics');
    expect((await upload([good], { workers: 'many' })).body.errors[0].pointer).toBe('/workers');
    expect((await upload([good], { unknown: 'x' })).body.errors[0].pointer).toBe('/unknown');
    expect((await upload([good], {}, '?project=shop&format=pdf')).body.errors[0].pointer).toBe('/format');
    expect((await api.post('/runs/import?project=shop', { file: 'x' })).status).toBe(415);
  });

  it('refuses a form whose files together have more results than a run holds, and stores nothing of it', async () => {
    const history = (file: number): File => {
      const rows = Array.from({ length: 400_000 }, (_, row) => `${file}-${row};0\n`).join('');
      return [`${file}.csv.gz`, gzipSync(`Name;Verdict\n${rows}`)];
    };
    const { status, body } = await upload([history(1), history(2), history(3)], { externalId: 'too many' });
    expect([status, body.code]).toEqual([413, 'form_too_large']);
    const { items } = (await api.get('/runs?project=shop&limit=200')).body;
    expect(items.some(({ externalId }: { externalId: string }) => externalId === 'too many')).toBe(false);
  }, 240_000);

  it('refuses a form that unpacks to too much, and lets large ones wait for one another', async () => {
    const bomb: File = ['zeros.gz', gzipSync(Buffer.alloc(100_000_000))];
    const { status, body } = await upload([bomb, bomb, bomb]);
    expect([status, body.code]).toEqual([413, 'form_too_large']);
    const two = await Promise.all([upload([bomb]), upload([bomb])]);
    expect(two.map((answer) => answer.body.code)).toEqual(['unknown_format', 'unknown_format']);
  }, 240_000);

  it('lets the sender of a form that it refuses get rid of the rest', async () => {
    const headers = {
      authorization: `Bearer ${await api.token()}`,
      'content-type': 'multipart/form-data; boundary=x',
    };
    const sending = request(`${api.url}/runs/import?project=shop`, { method: 'POST', headers });
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write('--x\r\ncontent-disposition: form-data; name="other"; filename="a"\r\n\r\n');
    const sent = new Promise<void>((resolve) => sending.end(Buffer.alloc(50_000_000), () => resolve()));
    const [response] = await answered;
    expect(response.statusCode).toBe(422);
    response.resume();
    await sent;
  }, 180_000);

  it('refuses times that cannot be', async () => {
    const late = junit('g', ['one']).replace('2026-03-01', '2199-03-01');
    expect((await upload([['late.xml', late]])).body.code).toBe('invalid_file');
  });

  it('rejects what stands in two files with other content, with its place', async () => {
    const { body } = await upload([
      ['1.xml', junit('same', ['one', 'two'])],
      ['2.xml', junit('same', ['two', '!one'])],
    ]);
    expect(body).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(body.rejected).toEqual([
      expect.objectContaining({ index: 1, pointer: '/files/1/results/1', code: 'conflict' }),
    ]);
  });

  (hasSharedData ? it : it.skip)(
    'makes one run per cycle of a CSV history',
    async () => {
      const history = readShared('dune_debian11.csv');
      const { status, body } = await upload([['dune_debian11.csv', history]]);
      expect(status).toBe(200);
      expect(body).toMatchObject({ accepted: 35_140, duplicates: 0, rejectedCount: 0 });
      const sums = { attempts: 0, executions: 0 };
      for (const { runId } of body.runs) {
        const { totals } = (await api.get(`/runs/${runId}`)).body;
        sums.attempts += Number(totals.attempts);
        sums.executions += Number(totals.executions);
      }
      expect(sums).toEqual({ attempts: 35_140, executions: 25_867 });
      const again = await upload([['dune_debian11.csv', history]]);
      expect(again.body).toMatchObject({ accepted: 0, duplicates: 35_140 });
    },
    300_000,
  );
});
