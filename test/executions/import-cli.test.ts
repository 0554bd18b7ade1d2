import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp, TEST_SECRET, type TestApp } from '../support/app.js';
import { ensureBuilt, ROOT } from '../support/process.js';
import { hasSharedData, sharedFile } from '../support/shared-data.js';

const FIXTURES = join(ROOT, 'test/fixtures/formats');
const SUREFIRE = join(FIXTURES, 'junit/good/surefire-reruns.xml');

interface Exit {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

let api: TestApp;

/** Asynchronously, since the service that it talks to runs in this process. */
const importFiles = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Exit> => {
  const env = { ...process.env, ERS_TOKEN: await api.token({ roles: ['manager'] }), ERS_URL: api.origin, ...more };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['dist/executions/import.cli.js', ...args],
      { cwd: ROOT, env },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout: stdout.trim(), stderr }),
    );
  });
};

beforeAll(async () => {
  await ensureBuilt();
  api = await startApp();
  for (const key of ['shop', 'history']) await api.post('/projects', { key, name: key });
}, 300_000);
afterAll(() => api.close());

describe('npm run import', () => {
  it('sends a JUnit file, and changes nothing when it does so again', async () => {
    const first = await importFiles([SUREFIRE, '--project', 'shop', '--branch', 'main', '--tag', 'nightly']);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^runs 1, accepted 8, duplicates 0, rejected 0, run /),
    });
    const runId = first.stdout.split(' ').at(-1)!;
    const again = await importFiles([SUREFIRE, '--project', 'shop']);
    expect(again).toMatchObject({ code: 0, stdout: `runs 1, accepted 0, duplicates 8, rejected 0, run ${runId}` });
    const { body } = await api.get(`/runs/${runId}`);
    expect(body).toMatchObject({
      branch: 'main',
      tags: ['nightly'],
      status: 'finished',
      totals: { attempts: 8, flaky: 1 },
    });
  });

  it('makes one run of a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'import-'));
    for (const name of ['mocha.xml', 'go-junit-report.xml', 'pytest.xml'])
      copyFileSync(join(FIXTURES, 'junit/good', name), join(folder, name));
    writeFileSync(join(folder, 'notes.txt'), 'no report');
    const exit = await importFiles([folder, '--project', 'shop', '--external-id', 'folder']);
    expect(exit).toMatchObject({ code: 0, stdout: expect.stringMatching(/^runs 1, accepted 10, /) });
  });

  it('makes its own token where it may read the secret of the service, and only for this machine', async () => {
    const own = { ERS_TOKEN: '', JWT_SECRET: TEST_SECRET };
    expect(await importFiles([SUREFIRE, '--project', 'shop'], own)).toMatchObject({ code: 0 });
    const other = { ...own, ERS_URL: 'https://reports.example.test' };
    expect(await importFiles([SUREFIRE, '--project', 'shop'], other)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('needs a token'),
    });
  });

  it('fails for what it cannot read, and sends the rest', async () => {
    const truncated = join(FIXTURES, 'junit/invalid/truncated.xml');
    const exit = await importFiles([truncated, join(FIXTURES, 'ctrf/good/retries.json'), '--project', 'shop']);
    expect(exit).toMatchObject({ code: 1, stdout: expect.stringMatching(/^runs 1, accepted 9, .*failed 1/) });
    expect(exit.stderr).toMatch(/truncated\.xml: line \d+/);
  });

  it('fails for rows that are turned down', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'import-')), 'old.csv');
    writeFileSync(file, 'Name;Verdict;LastRun\na;0;1980-01-01 00:00:00\nb;0;2020-01-01 00:00:00\n');
    const exit = await importFiles([file, '--project', 'shop', '--started-at', '2020-01-01T00:00:00Z']);
    expect(exit).toMatchObject({ code: 1, stdout: expect.stringMatching(/accepted 1, duplicates 0, rejected 1/) });
    expect(exit.stderr).toContain('/results/0/startedAt: out_of_range');
  });

  it.each([
    ['a project that is not there', [SUREFIRE, '--project', 'Not A Slug'], /422/],
    ['a file that is not there', ['nowhere.xml', '--project', 'shop'], /ENOENT/],
    ['no project', [SUREFIRE], /--project/],
  ])('fails for %s', async (_, args, message) => {
    expect(await importFiles(args)).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
  });

  it('says when the service is not there', async () => {
    const exit = await importFiles([SUREFIRE, '--project', 'shop'], { ERS_URL: 'http://127.0.0.1:1' });
    expect(exit).toMatchObject({ code: 1, stderr: expect.stringContaining('http://127.0.0.1:1 cannot be reached') });
  });

  (hasSharedData ? it : it.skip)(
    'imports a history, one run per cycle',
    async () => {
      const file = sharedFile('iofrol.csv');
      const exit = await importFiles([file, '--project', 'history']);
      expect(exit).toMatchObject({ code: 0, stdout: 'runs 320, accepted 32260, duplicates 0, rejected 0' });
      const { body } = await api.get('/runs?project=history&limit=1');
      expect(body.items[0]).toMatchObject({
        externalId: expect.stringMatching(/^iofrol-cycle-\d+$/),
        status: 'finished',
      });
    },
    300_000,
  );
});
