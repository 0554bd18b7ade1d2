import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBuilt, launch, processesWith, startService } from '../support/process.js';

/** For two starts and a few waits, on a machine that is busy with other things. */
const PATIENCE_MS = 600_000;

const until = async (condition: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  // a server that is taken down has half a minute to write what it holds
  const deadline = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still not: ${what}`);
    await sleep(100);
  }
};

const tokenIn = (output: string): string => /TOKEN=(\S+)/.exec(output)?.[1] ?? '';

describe('npm start with nothing configured', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'execution-reporting-main-'));
  beforeAll(() => ensureBuilt(), PATIENCE_MS);
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const settings = { DATA_DIR: dataDir, DEMO: 'off' };
  const withAuthorization = (output: string): RequestInit => ({
    headers: { authorization: `Bearer ${tokenIn(output)}`, 'content-type': 'application/json' },
  });

  it(
    'starts, takes its own token, survives SIGKILL without an orphan and with its data, and stops cleanly',
    async () => {
      const first = await startService(settings);
      const made = await fetch(`${first.url}/api-keys`, {
        ...withAuthorization(first.output()),
        method: 'POST',
        body: JSON.stringify({ name: 'kept over the kill', permissions: ['reports:read'] }),
      });
      expect({ status: made.status, body: made.ok ? '' : await made.text() }).toEqual({ status: 201, body: '' });
      expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
      await first.end('SIGKILL');
      await until(() => processesWith(dataDir).length === 0, 'servers gone');

      const second = await startService(settings);
      const keys = await fetch(`${second.url}/api-keys`, withAuthorization(first.output()));
      expect(await keys.text()).toContain('kept over the kill');
      expect(await second.end('SIGTERM')).toBe(0);
      expect(processesWith(dataDir)).toEqual([]);
    },
    PATIENCE_MS,
  );

  it(
    'runs the worker as its child, starts it again when it dies, and takes it along',
    async () => {
      const service = await startService(settings);
      const workers = (): number[] =>
        processesWith('dist/worker.js').filter((pid) => statusOf(pid).includes(`PPid:\t${service.child.pid ?? 0}\n`));
      await until(() => workers().length === 1, 'a worker');
      const [killed = 0] = workers();
      process.kill(killed, 'SIGKILL');
      await until(() => workers().length === 1 && workers()[0] !== killed, 'another worker');
      const [worker = 0] = workers();
      await sleep(3_000);
      await service.end('SIGKILL');
      await until(() => !processesWith('dist/worker.js').includes(worker), 'the worker gone');
    },
    PATIENCE_MS,
  );

  it(
    'finishes the request it is reading when it is told to stop',
    async () => {
      const service = await startService(settings);
      const body = JSON.stringify({ name: 'slow', permissions: ['reports:read'] });
      const port = Number(new URL(service.origin).port);
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
      socket.write(
        `POST ${new URL(service.url).pathname}/api-keys HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: Bearer ${tokenIn(service.output())}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
      );
      expect((await answers.next()).value).toBe('HTTP/1.1 100 Continue');
      service.child.kill('SIGTERM');
      await until(async () => !(await isListening(port)), 'closed to others');
      socket.write(body.slice(10));
      expect((await answers.next()).value).toBe('');
      const { value: answer } = await answers.next();
      socket.destroy();
      expect(answer).toMatch(/^HTTP\/1\.1 201/);
      expect(await service.exit).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    'refuses a data folder that another instance uses, and says what to do',
    async () => {
      const service = await startService(settings);
      const { exit, output } = launch({ ...settings, PORT: '0' });
      expect(await exit).toBe(1);
      expect(output()).toMatch(/in use by another instance.*process \d+.*\n.*DATA_DIR/);
      expect((await fetch(`${service.url}/health`)).status).toBe(200);
      await service.end('SIGTERM');
    },
    PATIENCE_MS,
  );

  it(
    'names the next step for a busy port, and leaves nothing running',
    async () => {
      const busy = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => busy.once('listening', resolve));
      const address = busy.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const { exit, output } = launch({ ...settings, PORT: String(port) });
      expect(await exit).toBe(1);
      expect(output()).toContain(`Port ${port} is in use by another program`);
      expect(output()).toContain('PORT=');
      busy.close();
      await until(() => processesWith(dataDir).length === 0, 'servers gone');
    },
    PATIENCE_MS,
  );

  it('names the key and the rule of a wrong setting, never its value', async () => {
    const { exit, output } = launch({ ...settings, JWT_SECRET: 'hunter2' });
    expect(await exit).toBe(1);
    expect(output()).toContain('JWT_SECRET: must have at least 32 characters');
    expect(output()).not.toContain('hunter2');
  });

  it('names the next step for a data folder that cannot be made', async () => {
    const blocked = join(dataDir, 'a-file');
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(blocked, '');
    const { exit, output } = launch({ DATA_DIR: join(blocked, 'data') });
    expect(await exit).toBe(1);
    expect(output()).toMatch(/data folder .* cannot be used[^]*DATA_DIR/);
  });
});

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(port, '127.0.0.1', () => resolve(true));
    probe.once('error', () => resolve(false));
    probe.once('connect', () => probe.destroy());
  });

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
};
