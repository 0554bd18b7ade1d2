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

/** One HTTP client of the service, as one organization. */
export class Client {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** @throws Error with the body for any other status than 2xx and those allowed */
  async call<T>(path: string, options: CallOptions = {}): Promise<Answer<T>> {
    const started = performance.now();
    const { method = options.body === undefined ? 'GET' : 'POST', body, headers = {}, allow = [] } = options;
    const target = path.startsWith('/api/') ? new URL(path, this.url).href : `${this.url}${path}`;
    const response = await fetch(target, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        // on loopback nobody compresses; a row of the table says what it costs
        'accept-encoding': 'identity',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const ms = performance.now() - started;
    if (!response.ok && !allow.includes(response.status))
      throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    const parsed = (text === '' ? undefined : JSON.parse(text)) as T;
    return {
      status: response.status,
      etag: response.headers.get('etag'),
      body: parsed,
      ms,
    };
  }
}
