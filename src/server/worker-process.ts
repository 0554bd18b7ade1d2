import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 60_000;
const STOP_MS = 15_000;

export interface ChildScript {
  /** Beside main.js. */
  readonly file: string;
  /** In messages for people. */
  readonly title: string;
  /** For node itself. */
  readonly flags: readonly string[];
}

const WORKER: ChildScript = { file: 'worker.js', title: 'the worker', flags: [] };

/** Keeps the worker (or another script) running as our child; it ends with us, for the channel between us closes. */
export class WorkerProcess {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private wanted = true;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: (line: string) => void,
    private readonly script: ChildScript = WORKER,
  ) {}

  start(): void {
    const startedAt = Date.now();
    const { file, flags } = this.script;
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const child = fork(path, { env: this.env, detached: true, execArgv: [...process.execArgv, ...flags] });
    this.child = child;
    child.once('exit', (status, signal) => {
      this.child = undefined;
      if (!this.wanted) return;
      if (Date.now() - startedAt > STEADY_MS) this.pauseMs = FIRST_PAUSE_MS;
      this.log(
        `${this.script.title} ended (${signal ?? status ?? 'unknown'}); starting it again in ${this.pauseMs} ms`,
      );
      this.restart = setTimeout(() => this.start(), this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
    });
  }

  /** Asks it to hand back its work and waits for that. */
  async stop(): Promise<void> {
    this.wanted = false;
    clearTimeout(this.restart);
    const child = this.child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(force);
  }
}
