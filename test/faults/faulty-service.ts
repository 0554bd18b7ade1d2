/** The built service on a data folder of its own, to be killed: what all rounds of kills share. Node runs it as it is. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const API = 'api/v1/execution-reporting';
export const dataDir = mkdtempSync(join(tmpdir(), 'execution-reporting-faults-'));

let seed = 1;
export const reseed = (value: number): void => void (seed = value);

/** mulberry32 */
export const random = (): number => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
export const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Below the ports that systems hand out by themselves: on one of those somebody else may listen while our service still starts. */
const [FIRST_PORT, PORTS] = [20_000, 10_000];

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const server = createServer();
    server.once('error', () => void freePort().then(resolve, reject));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });

export interface Service {
  readonly child: ChildProcess;
  readonly url: string;
  readonly exited: Promise<void>;
}

export const start = async (failpoints: string): Promise<Service> => {
  const port = await freePort();
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      DEMO: 'off',
      LOG_LEVEL: 'error',
      RATE_LIMIT_FACTOR: '0',
      FAILPOINTS: failpoints,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}/${API}`;
  for (let attempt = 0; attempt < 720; attempt++) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode} instead of starting`);
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (answer?.status === 200) return { child, url, exited };
    await sleep(250);
  }
  throw new Error('the service did not get ready in three minutes');
};

/** The process that runs on our data directory under the given name, from /proc. */
export const findProcess = (name: string): number | undefined =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .find((pid) => {
      try {
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return (args[0] ?? '').split('/').at(-1)!.startsWith(name) && args.some((arg) => arg.startsWith(dataDir));
      } catch {
        return false;
      }
    });

export const token = (): string => {
  const made = spawnSync(
    process.execPath,
    ['dist/auth/token.cli.js', '--org', 'faults', '--sub', 'faults', '--roles', 'admin', '--expires', '1d'],
    { env: { ...process.env, DATA_DIR: dataDir }, encoding: 'utf8' },
  );
  return made.stdout.trim().split('\n').at(-1)!;
};

export interface Answer {
  readonly runId?: string;
  readonly accepted?: number;
  readonly totals?: Readonly<Record<string, unknown>>;
}

export const post = async (
  url: string,
  path: string,
  bearer: string,
  body: unknown,
): Promise<{ status: number; body: Answer }> => {
  const response = await fetch(`${url}/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(20_000),
  });
  const json: unknown = await response.json().catch(() => ({}));
  return { status: response.status, body: json as Answer };
};

export const verify = (): void => {
  const done = spawnSync(process.execPath, ['dist/verify.cli.js'], {
    env: { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`verify: ${done.stdout}${done.stderr}`);
};
