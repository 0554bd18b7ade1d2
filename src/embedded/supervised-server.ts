import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writeJson } from './data-dir.js';
import { identify } from './process-identity.js';

/**
 * The server's parent is this little shell, in a session of its own so that Ctrl-C at the terminal reaches the service
 * only. It holds the reading end of a pipe (fd 3) whose writing end only we hold: when we are gone, however we went,
 * `read` ends and the server is taken down. It ends as the last one: whoever has waited for it finds nothing of the server.
 */
const WATCHED = `
"$@" 3<&- >&2 &
server=$!
echo "$server"
( trap 'exit 0' TERM
  read -r _ <&3; kill -TERM "$server"; n=0
  while kill -0 "$server" 2>/dev/null && [ $n -lt 300 ]; do n=$((n+1)); sleep 0.1; done
  kill -KILL "$server" ) 2>/dev/null >/dev/null &
watch=$!
exec >&-
wait "$server"; status=$?
kill -TERM "$watch" 2>/dev/null
wait "$watch" 2>/dev/null
exit $status`;

const STOP_MS = 30_000;

interface PidFile {
  readonly pid: number;
  readonly started: string;
}

export interface ServerSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly logFile: string;
  readonly pidFile: string;
  /** A part of the command line that only a server of ours has. */
  readonly marker: string;
}

/** One running server process, taken down with us whatever ends us. */
export class SupervisedServer {
  /** Resolves with the exit status when the process is gone. */
  readonly exited: Promise<number | null>;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (status) => resolve(status));
      child.once('error', () => resolve(null));
    });
    // neither the pipe nor the process may keep our own event loop alive; `stop` and `exited` have their own handles
    child.unref();
  }

  static async start(spec: ServerSpec): Promise<SupervisedServer> {
    await endLeftover(spec);
    await rename(spec.logFile, `${spec.logFile}.1`).catch(() => undefined);
    const log = openSync(spec.logFile, 'a', 0o600);
    const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', ...spec.command], {
      detached: true,
      stdio: ['ignore', 'pipe', log, 'pipe'],
      cwd: '/',
    });
    closeSync(log);
    const server = new SupervisedServer(child);
    const pipe = child.stdio[3] as Socket | null | undefined;
    pipe?.on('error', () => undefined);
    pipe?.unref();
    const pid = await firstLine(child);
    const identity = pid === undefined ? undefined : await identify(pid);
    if (pid !== undefined && identity) await writeJson(spec.pidFile, { pid, started: identity.started });
    return server;
  }

  /** Closes the pipe, which ends the server, and waits for it. */
  async stop(pidFile: string): Promise<void> {
    this.child.ref();
    (this.child.stdio[3] as Socket | null | undefined)?.destroy();
    const patience = new AbortController();
    await Promise.race([
      this.exited,
      sleep(STOP_MS + 5_000, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    await rm(pidFile, { force: true });
  }
}

const firstLine = async (child: ChildProcess): Promise<number | undefined> => {
  if (!child.stdout) return undefined;
  const data = (await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit'),
    once(child, 'error'),
  ])) as unknown[];
  child.stdout.destroy();
  const pid = Number.parseInt(String(data[0]), 10);
  return Buffer.isBuffer(data[0]) && pid > 0 ? pid : undefined;
};

/**
 * A server of a service that was killed a moment ago may still be going down: wait for it, then ask it to, then make it.
 * Only a process whose pid, start time and command line all say that it is ours is touched.
 */
const endLeftover = async ({ pidFile, marker, name }: ServerSpec): Promise<void> => {
  const left = await readJson<PidFile>(pidFile);
  if (!left) return;
  const isOurs = async (): Promise<boolean> => {
    const found = await identify(left.pid);
    return found?.started === left.started && found.command.includes(marker);
  };
  for (const [signal, patienceMs] of [
    [undefined, 5_000],
    ['SIGTERM', 15_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!(await isOurs())) break;
    if (signal) process.kill(left.pid, signal);
    for (let waited = 0; waited < patienceMs && (await isOurs()); waited += 100) await sleep(100);
  }
  if (await isOurs()) throw new Error(`the ${name} of an earlier start (process ${left.pid}) does not go away`);
  await rm(pidFile, { force: true });
};
