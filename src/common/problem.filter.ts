import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { DomainError, type ErrorKind, type FieldProblem } from './errors.js';
import { maskedPath, withoutCredentials } from './masked-path.js';
import { isDatabaseAway } from './mongo.js';

const STATUS: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_media: 415,
  invalid: 422,
  precondition_required: 428,
  rate_limited: 429,
  unavailable: 503,
};

/** Codes for errors that come from Nest or Fastify and not from our own domain. */
const FRAMEWORK_CODES: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  503: 'unavailable',
};

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly FieldProblem[];
  readonly requestId: string;
}

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldProblem[];
  readonly retryAfterSeconds?: number;
  readonly extensions: Readonly<Record<string, unknown>>;
}

const DATABASE_AWAY = new DomainError('unavailable', 'database_away', 'The database is away; send it again', {
  retryAfterSeconds: 5,
});

const describe = (error: unknown): Failure => {
  if (error instanceof DomainError) {
    const { code, message, errors, retryAfterSeconds, extensions, kind } = error;
    return { status: STATUS[kind], code, detail: message, errors, retryAfterSeconds, extensions };
  }
  if (isDatabaseAway(error)) return describe(DATABASE_AWAY);
  const status = frameworkStatus(error);
  if (status !== undefined && status < 500)
    return {
      status,
      code: FRAMEWORK_CODES[status] ?? 'bad_request',
      detail: (error as Error).message,
      errors: [],
      extensions: {},
    };
  return {
    status: status === 503 ? 503 : 500,
    code: status === 503 ? 'unavailable' : 'internal',
    detail: 'The service could not answer; the log holds the cause under this request id',
    errors: [],
    extensions: {},
  };
};

const frameworkStatus = (error: unknown): number | undefined => {
  if (error instanceof HttpException) return error.getStatus();
  // Fastify's own errors (body too large, unsupported media type, malformed JSON) carry a number
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : undefined;
};

/** What went wrong as a problem document, for a transport that has neither a path nor a request. */
export const problemOf = (error: unknown): Omit<Problem, 'instance' | 'requestId'> => {
  const { extensions, status, code, detail, errors, retryAfterSeconds } = describe(error);
  return {
    ...extensions,
    type: `https://errors.execution-reporting.dev/${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors.length > 0 ? { errors } : {}),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
};

/** Turns whatever was thrown into one `application/problem+json`. A 500 is opaque, and logged with its request id. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error as Error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const failure = describe(error);
    if (failure.status >= 500) this.logger.error({ err: error, requestId: request.id }, 'request failed');
    if (reply.sent) return;
    if (failure.retryAfterSeconds !== undefined)
      void reply.header('retry-after', String(Math.max(1, Math.ceil(failure.retryAfterSeconds))));
    if (failure.status === 401) void reply.header('www-authenticate', 'Bearer');
    const problem: Problem = {
      ...failure.extensions,
      type: `https://errors.execution-reporting.dev/${failure.code}`,
      title: STATUS_CODES[failure.status] ?? 'Error',
      status: failure.status,
      // the router's own messages quote the address
      detail: withoutCredentials(failure.detail),
      instance: maskedPath(request.url),
      code: failure.code,
      ...(failure.errors.length > 0 ? { errors: failure.errors } : {}),
      requestId: request.id,
    };
    void reply.status(failure.status).type('application/problem+json; charset=utf-8').send(problem);
  }
}
