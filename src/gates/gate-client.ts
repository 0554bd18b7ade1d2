/** What the command line asks. Exactly one of `run` and `build`. */
export interface GateRequest {
  readonly run?: string;
  readonly build?: string;
  readonly project?: string;
  readonly gate?: string;
  readonly baseBranch?: string;
  readonly url: string;
  readonly token?: string;
  readonly wait: number;
}

export interface GateReply {
  readonly text: string;
  /** 0 pass, 1 fail, 2 insufficient_data, 3 could not ask. */
  readonly code: number;
}

export const EXIT_COULD_NOT_ASK = 3;
const CODES: Readonly<Record<string, number>> = { pass: 0, fail: 1, insufficient_data: 2 };
const API_ROOT = '/api/v1/execution-reporting';
/** The service waits so long in one call. */
const WAIT_PER_CALL = 60;
/** Beyond what the service waits: a call that hangs is no answer. */
const PATIENCE_MS = 30_000;

const couldNot = (why: string): GateReply => ({ text: `could not ask the gate: ${why}\n`, code: EXIT_COULD_NOT_ASK });

/** `http://host:3000`, with or without a slash at its end or the path of the API. */
const rootOf = (url: string): string => {
  const trimmed = url.replace(/\/+$/, '');
  return trimmed.endsWith(API_ROOT) ? trimmed : `${trimmed}${API_ROOT}`;
};

const addressOf = ({ run, build, project, gate, baseBranch, url }: GateRequest, waitSeconds: number): URL => {
  const path = run === undefined ? `builds/${encodeURIComponent(build ?? '')}` : `runs/${encodeURIComponent(run)}`;
  const address = new URL(`${rootOf(url)}/${path}/gate`);
  const given = { gate, baseBranch, waitSeconds: String(waitSeconds), ...(run === undefined && { project }) };
  for (const [name, value] of Object.entries(given)) if (value !== undefined) address.searchParams.set(name, value);
  return address;
};

const problemOf = async (response: Response): Promise<string> => {
  const body = await response.text();
  try {
    const { detail, code } = JSON.parse(body) as { readonly detail?: unknown; readonly code?: unknown };
    if (typeof detail === 'string') return `${detail} (${response.status} ${String(code)})`;
  } catch {
    // not a problem document: its status has to do
  }
  return `${response.status} ${response.statusText}`;
};

/** One call; with `waitSeconds` it takes as long. */
const askOnce = async (request: GateRequest, waitSeconds: number, call: typeof fetch): Promise<GateReply> => {
  const headers = { accept: 'text/plain', authorization: `Bearer ${request.token ?? ''}` };
  const signal = AbortSignal.timeout(waitSeconds * 1000 + PATIENCE_MS);
  const response = await call(addressOf(request, waitSeconds), { headers, signal });
  if (!response.ok) return couldNot(await problemOf(response));
  const code = CODES[response.headers.get('x-gate-verdict') ?? ''];
  if (code === undefined) return couldNot(`${request.url} is not this service`);
  return { text: await response.text(), code };
};

/** Asks until there is a verdict or the time to wait is over. Never throws. */
export const askGate = async (request: GateRequest, call: typeof fetch): Promise<GateReply> => {
  if ((request.run === undefined) === (request.build === undefined)) return couldNot('give either --run or --build');
  const until = performance.now() + request.wait * 1000;
  try {
    for (;;) {
      const left = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      const reply = await askOnce(request, Math.min(left, WAIT_PER_CALL), call);
      if (reply.code !== CODES.insufficient_data || left <= WAIT_PER_CALL) return reply;
    }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return couldNot(`${error instanceof Error ? error.message : String(error)}${cause}`);
  }
};
