import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = process.cwd();
const MARK = join(ROOT, 'dist', '.built-at');
const LOCK = join(ROOT, 'dist', '.lock');
const BUILD_MS = 120_000;

/** Compiles `src` to `dist` unless that is up to date; test files in several workers wait for one another. */
export const ensureBuilt = async (): Promise<void> => {
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  const deadline = Date.now() + BUILD_MS;
  for (;;) {
    try {
      mkdirSync(LOCK);
      break;
    } catch {
      // a run that was killed leaves its lock behind
      if (ageOf(LOCK) > BUILD_MS) rmSync(LOCK, { recursive: true, force: true });
      if (Date.now() > deadline) throw new Error(`${LOCK} stays: remove it`);
      await sleep(100);
    }
  }
  try {
    if (newest(join(ROOT, 'src')) <= modified(MARK)) return;
    const startedAt = new Date();
    execFileSync(process.execPath, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build'], {
      cwd: ROOT,
      stdio: 'pipe',
    });
    writeFileSync(MARK, startedAt.toISOString());
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
};

const ageOf = (path: string): number => {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
};

const modified = (mark: string): number => {
  try {
    return Date.parse(readFileSync(mark, 'utf8'));
  } catch {
    return -1;
  }
};

const newest = (folder: string): number =>
  Math.max(
    ...readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );

export interface ServiceProcess {
  /** With the API's prefix. */
  readonly url: string;
  readonly origin: string;
  readonly child: ChildProcess;
  /** Resolves with the exit code when it has ended. */
  readonly exit: Promise<number | null>;
  /** stdout and stderr so far. */
  output(): string;
  /** Sends the signal and waits for the end; resolves with the exit code (null after a SIGKILL). */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** Below the ports that systems hand out by themselves: on one of those somebody else may listen while our service still starts. */
const [FIRST_PORT, PORTS] = [20_000, 10_000];

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const probe = createServer();
    probe.once('error', () => void freePort().then(resolve, reject));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
  });

/**
 * Starts `node dist/main.js` (call `ensureBuilt()` first) with only the given environment beside PATH and HOME, and waits
 * until it answers its health check and has printed the welcome.
 */
export const startService = async (
  env: Readonly<Record<string, string>>,
  patienceMs = 120_000,
): Promise<ServiceProcess> => {
  const port = env.PORT ?? String(await freePort());
  const { child, output, exit } = launch({ PORT: port, ...env });
  const origin = `http://127.0.0.1:${port}`;
  const url = `${origin}/api/v1/execution-reporting`;
  const deadline = Date.now() + patienceMs;
  const answers = (): Promise<boolean> =>
    fetch(`${url}/health`).then(
      (response) => response.ok,
      () => false,
    );
  while (!(output().includes('/docs') && (await answers()))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the service did not start:\n${output()}`);
    }
    await sleep(50);
  }
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exit;
  };
  return { url, origin, child, exit, output, end };
};

/** Starts `node dist/main.js` without waiting for anything but its end. */
export const launch = (
  env: Readonly<Record<string, string>>,
): { child: ChildProcess; output: () => string; exit: Promise<number | null> } => {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(ROOT, 'dist/main.js')], {
    cwd: ROOT,
    env: { PATH, HOME, LOG_LEVEL: 'warn', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => text, exit };
};

/** Pids of the processes whose command line holds that text. */
export const processesWith = (text: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false;
      }
    });
