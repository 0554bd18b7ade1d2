import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { signToken } from '../src/auth/index.js';
import { startEmbedded } from '../src/embedded/index.js';

const SECRET = 'a secret that only this benchmark knows of 0123456789';
const IDENTITY = 'execution-reporting';
const BASE_PATH = '/api/v1/execution-reporting';
const START_TIMEOUT_MS = 60_000;

/** As `npm start` does it. */
const FLAGS = ['--v8-pool-size=1'];

export interface Service {
  /** With the base path, without a slash at the end. */
  readonly url: string;
  readonly mongodbUri: string;
  /** Of the API process. */
  readonly pid: number;
  token(organization: string): Promise<string>;
  /** For commands of the repo that are to work on the same data. */
  readonly environment: NodeJS.ProcessEnv;
  /** Resident memory of the API process in MB. */
  memoryMb(): Promise<number>;
  /** The same of its worker; 0 while there is none. */
  workerMemoryMb(): Promise<number>;
  /** Of the process that writes exports; 0 while there is none. */
  exportWorkerMemoryMb(): Promise<number>;
  stop(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
};

/** Path of a compiled file, from this one's place. */
export const compiled = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const waitUntilReady = async (url: string, child: ChildProcess): Promise<void> => {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The service ended with code ${child.exitCode} before it was ready`);
    const ready = await fetch(`${url}/health/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('The service was not ready within a minute');
};

const residentMb = async (pid: number): Promise<number> => {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
};

/** The child of a process that runs a file of `dist`, undefined while there is none. */
const childRunning = async (parent: number, file: string): Promise<number | undefined> => {
  const { readFile } = await import('node:fs/promises');
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8').catch(() => '');
  for (const child of children.trim().split(/\s+/).filter(Boolean)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(`/${file}`)) return Number(child);
  }
  return undefined;
};

/** Resident memory at the end of a chain of child processes; 0 while there is none. */
const descendantMb = async (pid: number, ...files: readonly string[]): Promise<number> => {
  let at: number | undefined = pid;
  for (const file of files) at = at === undefined ? undefined : await childRunning(at, file);
  return at === undefined ? 0 : residentMb(at);
};

export interface Node {
  readonly url: string;
  stop(): Promise<void>;
}

/** Another API process on the servers of the first. */
export const startNode = async ({ environment }: Service): Promise<Node> => {
  const port = await freePort();
  const child = spawn(process.execPath, [...FLAGS, compiled('../src/main.js')], {
    env: { ...environment, PORT: String(port), WORKER: 'none' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}${BASE_PATH}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  await waitUntilReady(url, child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { url, stop };
};

/** Starts real servers on a data folder, and the service as it is in production (API and its worker) on them. */
export const startService = async (dataDir: string, cacheGb: number): Promise<Service> => {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const servers = await startEmbedded({ dataDir, cacheGb, needMongo: true, needRedis: true, log });
  const { mongodbUri, redisUrl } = servers;
  if (mongodbUri === undefined || redisUrl === undefined) throw new Error('no servers');
  const port = await freePort();
  const environment = {
    ...process.env,
    PORT: String(port),
    HOST: '127.0.0.1',
    DATA_DIR: `${dataDir}/service`,
    MONGODB_URI: mongodbUri,
    REDIS_URL: redisUrl,
    JWT_SECRET: SECRET,
    JWT_ISSUER: IDENTITY,
    JWT_AUDIENCE: IDENTITY,
    WORKER: 'spawn',
    DEMO: 'off',
    RATE_LIMIT_FACTOR: '0',
    LOG_LEVEL: 'warn',
    // scenarios receive webhooks on this machine
    WEBHOOK_ALLOW_PRIVATE: 'true',
  };
  const child = spawn(process.execPath, [...FLAGS, compiled('../src/main.js')], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await servers.stop();
  };
  const url = `http://127.0.0.1:${port}${BASE_PATH}`;
  await waitUntilReady(url, child).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const signing = { secret: SECRET, issuer: IDENTITY, audience: IDENTITY, expiresInSeconds: 86_400 };
  return {
    url,
    mongodbUri,
    pid: child.pid ?? 0,
    environment,
    token: (organization) => signToken({ sub: 'bench', org: organization, roles: ['admin'] }, signing),
    memoryMb: () => residentMb(child.pid ?? 0),
    workerMemoryMb: () => descendantMb(child.pid ?? 0, 'worker.js'),
    exportWorkerMemoryMb: () => descendantMb(child.pid ?? 0, 'worker.js', 'export-worker.js'),
    stop,
  };
};
