import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const STEADY_MS = 60_000;
const STOP_MS = 15_000;

/** Keeps the worker running as our child; it ends with us, for the channel between us closes. */
export class WorkerProcess {
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private pauseMs = FIRST_PAUSE_MS;
  private wanted = true;

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly log: (line: string) => void,
  ) {}

  start(): void {
    const startedAt = Date.now();
    const child = fork(fileURLToPath(new URL('../worker.js', import.meta.url)), { env: this.env, detached: true });
    this.child = child;
    child.once('exit', (status, signal) => {
      this.child = undefined;
      if (!this.wanted) return;
      if (Date.now() - startedAt > STEADY_MS) this.pauseMs = FIRST_PAUSE_MS;
      this.log(`the worker ended (${signal ?? status ?? 'unknown'}); starting it again in ${this.pauseMs} ms`);
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
