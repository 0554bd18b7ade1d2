const PATIENCE_MS = 40_000;

/**
 * Runs `stop` once, on SIGTERM or SIGINT or when the returned function is called, and ends the process after it. A second
 * signal, or a stop that takes too long, ends it at once.
 */
export const onStopSignal = (stop: () => Promise<void>): (() => void) => {
  let stopping = false;
  const begin = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    stop().then(() => process.exit(0), reportAndExit);
  };
  process.on('SIGTERM', begin);
  process.on('SIGINT', begin);
  return () => {
    if (!stopping) begin();
  };
};

/** Stops what was started, the last first: the worker before the API, the servers at the end. */
export class RunningParts {
  private readonly parts: { stop(): Promise<void> }[] = [];

  add(part: { stop(): Promise<void> } | undefined): void {
    if (part) this.parts.unshift(part);
  }

  async stop(): Promise<void> {
    for (const part of this.parts) await part.stop();
  }
}

/** What a person can act on is said plainly; anything else comes with its stack. */
export const reportAndExit = (error: unknown): never => {
  process.stderr.write(`\n${explain(error)}\n`);
  process.exit(1);
};

const PLAIN = new Set(['ConfigError', 'EmbeddedError', 'StartError']);

const explain = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE')
    return `Port ${port ?? ''} is in use by another program: stop that one, or choose another port with PORT=...`;
  if (code === 'EACCES' && port !== undefined)
    return `This user may not listen on port ${port}: choose one above 1023 with PORT=...`;
  return PLAIN.has(error.name) ? error.message : (error.stack ?? error.message);
};
