/** One place in the input that is wrong: `pointer` is an RFC 6901 JSON pointer (a query parameter is `/name`). */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
  readonly code?: string;
}

/** What kind of failure it is; only `problem.filter.ts` knows which HTTP status that means. */
export type ErrorKind =
  | 'invalid' // 422: well-formed and wrong
  | 'malformed' // 400: cannot be read at all
  | 'unauthenticated' // 401
  | 'forbidden' // 403
  | 'not_found' // 404: not there, or not yours
  | 'conflict' // 409
  | 'stale' // 412
  | 'precondition_required' // 428
  | 'too_large' // 413
  | 'unsupported_media' // 415
  | 'rate_limited' // 429
  | 'unavailable'; // 503

export interface DomainErrorOptions {
  readonly errors?: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  /** Further members of the problem document; never anything secret. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An expected failure with a stable `code` (snake_case, part of the public contract). */
export class DomainError extends Error {
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  readonly extensions: Readonly<Record<string, unknown>>;

  constructor(
    readonly kind: ErrorKind,
    readonly code: string,
    message: string,
    options: DomainErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'DomainError';
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.extensions = options.extensions ?? {};
  }
}

export const notFound = (what: string): DomainError => new DomainError('not_found', 'not_found', `${what} not found`);

export const invalid = (code: string, detail: string, errors: readonly FieldProblem[] = []): DomainError =>
  new DomainError('invalid', code, detail, { errors });
