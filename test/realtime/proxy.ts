import { createServer, connect, type Server, type Socket } from 'node:net';

/** A way to a server that a test can break and mend. It keeps its port meanwhile: somebody else could take it. */
export class Proxy {
  private server: Server | undefined;
  private isCut = false;
  private readonly sockets = new Set<Socket>();
  port = 0;

  constructor(private readonly target: URL) {}

  /** The target's URL, through here. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  async open(): Promise<void> {
    this.isCut = false;
    if (this.server) return;
    const server = createServer((incoming) => {
      if (this.isCut) {
        incoming.destroy();
        return;
      }
      const outgoing = connect(Number(this.target.port), this.target.hostname);
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        this.sockets.add(from);
        from.pipe(to);
        from.on('error', () => undefined);
        from.once('close', () => {
          this.sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address) this.port = address.port;
  }

  /** Ends what goes through, and whatever comes until it is opened again. */
  async cut(): Promise<void> {
    this.isCut = true;
    const ended = [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(ended);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    await this.cut();
    await closed;
  }
}
