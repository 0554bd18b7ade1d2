import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer<T> {
  readonly status: number;
  readonly etag: string | null;
  readonly body: T;
  /** From the request to the last byte of the body; parsing it is the client's own affair. */
  readonly ms: number;
}

export interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that are no error besides 2xx. */
  readonly allow?: readonly number[];
}

interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/**
 * One HTTP client of the service, as one organization. It shares two processors with the service, so it is a plain one:
 * `fetch` takes as long for a body of half a megabyte as the service does.
 */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, scheduling: 'lifo' });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @throws Error with the body for any other status than 2xx and those allowed */
  async call<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const started = performance.now();
    const { method = options.body === undefined ? 'GET' : 'POST', body, headers = {}, allow = [] } = options;
    const target = path.startsWith('/api/') ? new URL(path, this.url) : new URL(`${this.url}${path}`);
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const { status, headers: received, bytes } = await this.send(target, method, headers, sent);
    const ms = performance.now() - started;
    if ((status < 200 || status > 299) && !allow.includes(status))
      throw new Error(`${method} ${path}: ${status} ${bytes.toString().slice(0, 500)}`);
    const isText = received['content-encoding'] === undefined && bytes.length > 0;
    return { status, etag: received.etag ?? null, body: (isText ? JSON.parse(bytes.toString()) : undefined) as T, ms };
  }

  private send(target: URL, method: string, headers: CallOptions['headers'], body?: string): Promise<Received> {
    return new Promise((resolve, reject) => {
      const sending = request(target, {
        method,
        agent: this.agent,
        headers: {
          authorization: `Bearer ${this.token}`,
          // on loopback nobody compresses; a row of the table says what it costs
          'accept-encoding': 'identity',
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
          ...headers,
        },
      });
      sending.on('error', reject);
      sending.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) });
        });
      });
      sending.end(body);
    });
  }
}
