import { setTimeout as sleep } from 'node:timers/promises';

const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const TRIES = 50;

interface Reply {
  readonly id?: number;
  readonly result?: { readonly result?: { readonly value?: unknown } };
}

/** What a Node process really holds: its memory after a full collection, asked for through its inspector. */
export class LiveMemory {
  private calls = 0;
  private readonly waiting = new Map<number, (reply: Reply) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      this.waiting.get(reply.id ?? 0)?.(reply);
    });
  }

  /** @throws Error where port 9229 is another's */
  static async of(pid: number): Promise<LiveMemory> {
    process.kill(pid, 'SIGUSR1');
    for (let tries = 0; ; tries++) {
      const url = await debuggerUrl().catch(() => undefined);
      if (url !== undefined) {
        const socket = new WebSocket(url);
        await new Promise((resolve, reject) => {
          socket.addEventListener('open', resolve);
          socket.addEventListener('error', () => reject(new Error('the inspector cannot be reached')));
        });
        const memory = new LiveMemory(socket);
        if ((await memory.evaluate('process.pid')) !== pid)
          throw new Error('port 9229 is the inspector of another process');
        return memory;
      }
      if (tries === TRIES) throw new Error('the inspector did not start');
      await sleep(100);
    }
  }

  /** JavaScript heap and buffers, in MB. */
  async megabytes(): Promise<number> {
    await this.call('HeapProfiler.collectGarbage');
    const bytes = await this.evaluate('(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())');
    return Number(bytes) / 1e6;
  }

  close(): void {
    this.socket.close();
  }

  private async evaluate(expression: string): Promise<unknown> {
    return (await this.call('Runtime.evaluate', { expression, returnByValue: true })).result?.result?.value;
  }

  private call(method: string, params: object = {}): Promise<Reply> {
    const id = ++this.calls;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

const debuggerUrl = async (): Promise<string | undefined> => {
  const targets = (await (await fetch(INSPECTOR)).json()) as { webSocketDebuggerUrl?: string }[];
  return targets[0]?.webSocketDebuggerUrl;
};
