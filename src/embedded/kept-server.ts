import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError } from './embedded-error.js';
import { freePort } from './free-port.js';
import { type ServerSpec, SupervisedServer } from './supervised-server.js';

const PORT_TRIES = 4;
const READY_MS = 120_000;
const LONGEST_PAUSE_MS = 10_000;

export interface KeptServerOptions {
  readonly spec: (port: number) => ServerSpec;
  /** Resolves once the server answers on that port; rejects as long as it does not. */
  readonly probe: (port: number) => Promise<void>;
  readonly log: (line: string) => void;
}

/** A server that is started on a free port, and again on the same one when it dies while we still want it. */
export class KeptServer {
  readonly port: number;
  private readonly options: KeptServerOptions;
  private running: SupervisedServer;
  private wanted = true;

  private constructor(options: KeptServerOptions, port: number, running: SupervisedServer) {
    this.options = options;
    this.port = port;
    this.running = running;
    void this.watch();
  }

  /** @throws EmbeddedError `server_did_not_start` with the end of the server's own log */
  static async start(options: KeptServerOptions): Promise<KeptServer> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      const spec = options.spec(port);
      const running = await SupervisedServer.start(spec);
      const ready = await untilReady(running, () => options.probe(port));
      if (ready) return new KeptServer(options, port, running);
      await running.stop(spec.pidFile);
      const tail = await logTail(spec.logFile);
      if (/address already in use/i.test(tail) && attempt < PORT_TRIES) continue;
      throw new EmbeddedError('server_did_not_start', `${spec.name} did not start.\n${explain(tail, spec)}`);
    }
  }

  async stop(): Promise<void> {
    this.wanted = false;
    await this.running.stop(this.options.spec(this.port).pidFile);
  }

  private async watch(): Promise<void> {
    const spec = this.options.spec(this.port);
    let pauseMs = 100;
    for (;;) {
      const startedAt = Date.now();
      await this.running.exited;
      if (!this.stillWanted()) return;
      if (Date.now() - startedAt > 60_000) pauseMs = 100;
      this.options.log(`${spec.name} ended by itself; starting it again (its log: ${spec.logFile}.1)`);
      await sleep(pauseMs, undefined, { ref: false });
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      if (!this.stillWanted()) return;
      this.running = await SupervisedServer.start(spec);
      if (!this.stillWanted()) await this.running.stop(spec.pidFile);
    }
  }

  /** A method, for the compiler would hold the field unchanged over an await. */
  private stillWanted(): boolean {
    return this.wanted;
  }
}

const untilReady = async (running: SupervisedServer, probe: () => Promise<void>): Promise<boolean> => {
  let gone = false;
  void running.exited.then(() => (gone = true));
  const deadline = Date.now() + READY_MS;
  const isGone = (): boolean => gone;
  while (!isGone() && Date.now() < deadline) {
    const answered = await probe().then(
      () => true,
      () => false,
    );
    if (answered) return true;
    await sleep(50);
  }
  return false;
};

const logTail = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.slice(-20_000);
};

const explain = (tail: string, { logFile }: ServerSpec): string => {
  const known: readonly (readonly [RegExp, string])[] = [
    [/no space left|ENOSPC/i, 'The disk is full: make room, or set DATA_DIR to a folder on another disk.'],
    [
      /permission denied|operation not permitted|Access to .* denied/i,
      'A file in the data folder may not be read or written by this user: give it the right, or set DATA_DIR to another folder.',
    ],
    [
      /UPGRADE PROBLEM|featureCompatibilityVersion|Can't handle RDB format version|Wrong signature/i,
      'The data folder was written by another version of the server: use that version, or set DATA_DIR to a new folder.',
    ],
    [/DBPathInUse|unable to lock/i, 'Another server uses the data folder: stop it, or set DATA_DIR to another folder.'],
  ];
  const reason = known.find(([pattern]) => pattern.test(tail))?.[1];
  const lines = tail.trim().split('\n').slice(-3).join('\n');
  return `${reason ?? `The end of its log (${logFile}):`}\n${lines}`;
};
