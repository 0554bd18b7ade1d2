import { describe, expect, it } from '@jest/globals';
import { EXACT_ATTEMPTS } from '../exact-rows.js';
import type { ParsedFile } from '../format-reader.js';
import { readFile } from '../read-file.js';
import { fixtureNames, readFixture } from '../../../../test/support/format-fixtures.js';

const good = async (name: string): Promise<ParsedFile> => (await readFixture('ctrf', 'good', name))[0]!;
const brief = ({ results }: ParsedFile): string[] =>
  results.map(
    ({ suite = '', name, attempt, status, durationMs }) => `${suite} | ${name} #${attempt} ${status} ${durationMs}`,
  );

describe('good reports', () => {
  it('reads everything that has a place here', async () => {
    const file = await good('comprehensive.json');
    expect(brief(file)).toEqual([
      'Authentication/Login | logs in #1 passed 3500',
      'Checkout | checks out #1 failed 5100',
      'Checkout | checks out #2 passed 5200',
      'Slow/Pages | waits #1 timeout 30000',
      ' | loads #1 timeout 8000',
      ' | is off #1 skipped 0',
      ' | was stopped #1 cancelled 12',
    ]);
    expect(file.results[0]).toEqual({
      name: 'logs in',
      suite: 'Authentication/Login',
      file: 'tests/login.test.js',
      type: 'e2e',
      owner: 'identity',
      worker: 'worker-1',
      tags: ['smoke', 'critical'],
      parameters: { browser: 'chromium', role: 'admin', retries: '3', deep: '{"a":[1]}' },
      status: 'passed',
      attempt: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      durationMs: 3500,
      steps: [
        { name: 'opens the page', status: 'passed' },
        { name: 'submits', status: 'cancelled' },
      ],
    });
    expect(file.results[1]).toMatchObject({
      startedAt: '2026-01-01T00:00:03.500Z',
      error: { message: 'gateway said no', stack: expect.stringContaining('src/pay.js') },
    });
    expect(file.warnings).toEqual(['parameter left out: $where']);
  });

  it('takes the run from the environment', async () => {
    expect((await good('comprehensive.json')).run).toEqual({
      externalId: 'pipeline-981',
      name: 'PR 123',
      branch: 'feature/x',
      commit: 'a1b2c3d4',
      environment: 'staging',
      build: { id: 'b-456' },
      ci: { url: 'https://ci.example.test/456', job: 'e2e' },
      attributes: {
        tool: 'example-runner',
        toolVersion: '3.5.0',
        appName: 'shop',
        osPlatform: 'linux',
        region: 'eu',
        count: '3',
      },
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:00:20.000Z',
    });
  });

  it('knows both ways to list retries, and reports that only count them', async () => {
    const file = await good('retries.json');
    expect(brief(file)).toEqual([
      ' | lists those before #1 timeout 120',
      ' | lists those before #2 failed 130',
      ' | lists those before #3 passed 140',
      ' | only counts #1 failed undefined',
      ' | only counts #2 failed undefined',
      ' | only counts #3 passed 10',
      ' | never passed #1 failed undefined',
      ' | never passed #2 failed 10',
      ' | only allowed to #1 passed 10',
    ]);
    expect(file.run.startedAt).toBe('2026-01-01T00:00:00.000Z');
  });
});

describe('missing parts', () => {
  it('does with what is there', async () => {
    const [file] = await readFixture('ctrf', 'missing', 'bare.json');
    expect(brief(file!)).toEqual([' | bare #1 passed undefined', ' | nulls #1 skipped undefined']);
    expect(file!.run).toEqual({});
  });

  it('takes a report without tests', async () => {
    const [file] = await readFixture('ctrf', 'missing', 'no-tests.json');
    expect(file).toMatchObject({ results: [], run: { attributes: { tool: 't' } } });
  });
});

describe('invalid reports', () => {
  it.each(fixtureNames('ctrf', 'invalid'))('%s: 422', async (name) => {
    await expect(readFixture('ctrf', 'invalid', name)).rejects.toMatchObject({ kind: 'invalid', code: 'invalid_file' });
  });

  it.each([
    ['status.json', '/results/tests/1/status'],
    ['duration.json', '/results/tests/0/duration'],
    ['no-name.json', '/results/tests/0/name'],
    ['name-list.json', '/results/tests/0/name'],
    ['null-test.json', '/results/tests/0'],
    ['tests-object.json', '/results/tests'],
    ['no-tests-list.json', '/results/tests'],
  ])('%s: at %s', async (name, pointer) => {
    await expect(readFixture('ctrf', 'invalid', name)).rejects.toMatchObject({
      errors: [{ pointer, detail: expect.any(String), code: 'invalid_file' }],
    });
  });

  it('names line and column of broken JSON', async () => {
    await expect(readFixture('ctrf', 'invalid', 'truncated.json')).rejects.toMatchObject({
      extensions: { file: 'truncated.json', line: 2, column: expect.any(Number) },
    });
  });

  it('may bring more attempts of one test than a call takes arguments', async () => {
    const rows = new Array<object>(150_000).fill({ name: 'a', status: 'passed' });
    const test = { name: 'a', status: 'passed', extra: { [EXACT_ATTEMPTS]: rows } };
    const [file] = await readFile('a.json', Buffer.from(JSON.stringify({ results: { tests: [test] } })));
    expect(file?.results).toHaveLength(150_000);
  });

  it('is not touched by members that reach for a prototype', async () => {
    const text = `{"__proto__":{"results":{}},"results":{"tests":[{"name":"a","status":"passed","__proto__":{"suite":"x"},
      "parameters":{"__proto__":{"y":1},"constructor":"c","ok":"1"}}]}}`;
    const [file] = await readFile('a.json', Buffer.from(text));
    expect(file?.results).toEqual([{ name: 'a', status: 'passed', attempt: 1, parameters: { ok: '1' } }]);
    expect(({} as Record<string, unknown>).y).toBeUndefined();
  });
});
