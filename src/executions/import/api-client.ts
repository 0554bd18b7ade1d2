import { setTimeout } from 'node:timers/promises';

const MOST_TRIES = 8;
/** A service that never answered is most likely not there at all. */
const FIRST_TRIES = 3;
const LONGEST_WAIT_MS = 30_000;
const RETRIED = new Set([429, 502, 503, 504]);

/** The service's own problem document, or as much of one as came. */
export interface Problem {
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    const { status, code = 'error', detail = '', errors = [] } = problem;
    const fields = errors.slice(0, 5).map((error) => `\n    ${error.pointer} ${error.detail}`);
    super(`${status} ${code}: ${detail}${fields.join('')}`);
    this.name = 'ApiError';
  }
}

/** Sends to the HTTP API; what may pass by itself (rate limit, restart, lost connection) is tried again. */
export class ApiClient {
  private hasAnswered = false;

  constructor(
    private readonly baseUrl: string,
    private readonly token: string,
  ) {}

  /**
   * @param json the body, as text
   * @throws ApiError when the service refuses, Error when it cannot be reached
   */
  async post<T>(path: string, json: string, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.send(path, json, headers).catch((error: unknown) => {
        if (attempt >= (this.hasAnswered ? MOST_TRIES : FIRST_TRIES)) throw unreachable(this.baseUrl, error);
        return undefined;
      });
      this.hasAnswered ||= response !== undefined;
      if (response?.ok) return (await response.json()) as T;
      if (response && (!RETRIED.has(response.status) || attempt === MOST_TRIES)) throw await refusal(response);
      await response?.body?.cancel();
      await setTimeout(waitMs(attempt, response?.headers.get('retry-after')));
    }
  }

  private send(path: string, body: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const own = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' };
    return fetch(`${this.baseUrl}${path}`, { method: 'POST', headers: { ...own, ...headers }, body });
  }
}

const waitMs = (attempt: number, retryAfter: string | null | undefined): number => {
  const asked = Number(retryAfter ?? Number.NaN) * 1_000;
  return Math.min(LONGEST_WAIT_MS, asked >= 0 ? asked : 100 * 2 ** attempt);
};

const refusal = async (response: Response): Promise<ApiError> => {
  const problem = (await response.json().catch(() => ({ detail: response.statusText }))) as Partial<Problem>;
  return new ApiError({ ...problem, status: response.status });
};

const unreachable = (baseUrl: string, error: unknown): Error => {
  const { message, cause } = error as Error;
  return new Error(`${baseUrl} cannot be reached: ${cause instanceof Error ? cause.message : message}`, {
    cause: error,
  });
};
