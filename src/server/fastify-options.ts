import type { ArgumentsHost } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { asRequest, DomainError, ProblemFilter } from '../common/index.js';
import { parseJsonBody } from './json-body.js';

/** A JSON document; files and NDJSON come as streams with limits of their own. */
export const JSON_BODY_LIMIT = 32 * 1024 * 1024;
/** These bodies reach their controller as a stream: `request.body` is a Readable. */
const STREAMED = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/xml',
  'text/xml',
  'text/csv',
  'text/plain',
  'application/gzip',
  'application/x-gzip',
  'application/octet-stream',
];
const UNREADABLE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout'],
};
const REQUEST_ID = /^[\w.:-]{1,100}$/;

/** The caller's own id, if it is fit to be logged and sent back. */
const requestIdOf = (request: IncomingMessage): string => {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
};

/** The router answers a malformed URL before any hook: this is the way to the one filter that writes problems. */
const answerProblem = (
  error: { statusCode?: number; message: string },
  request: FastifyRequest,
  reply: FastifyReply,
): void => {
  void reply.header('x-request-id', request.id);
  const kind = error.statusCode === 414 ? 'too_large' : 'malformed';
  const problem = new DomainError(kind, 'malformed_url', error.message);
  const http = { getRequest: () => request, getResponse: () => reply };
  new ProblemFilter().catch(problem, { getType: () => 'http', switchToHttp: () => http } as unknown as ArgumentsHost);
};

/** What is not even HTTP: no request, no hook, only a socket to write to. */
const answerUnreadable = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code] = UNREADABLE[error.code ?? ''] ?? [400, 'malformed'];
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const problem = { type: `https://errors.execution-reporting.dev/${code}`, title, status, detail: title, code };
  const body = JSON.stringify({ ...problem, instance: '/', requestId: randomUUID() });
  const head = `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json; charset=utf-8`;
  socket.end(`${head}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`);
};

/** The adapter with request ids, our logger, strict JSON and problem documents for what fails before Nest is reached. */
export const createAdapter = (logger: FastifyBaseLogger): FastifyAdapter => {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    trustProxy: 'loopback,linklocal,uniquelocal',
    bodyLimit: JSON_BODY_LIMIT,
    forceCloseConnections: 'idle',
    requestTimeout: 0,
    routerOptions: { maxParamLength: 500 },
    frameworkErrors: answerProblem,
    clientErrorHandler: answerUnreadable,
  });
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser(['application/json', 'text/plain']);
  fastify.addContentTypeParser(/^application\/([\w.-]+\+)?json($|;)/, { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  fastify.addContentTypeParser(STREAMED, (_request, payload, done) => done(null, payload));
  // before the plugin that compresses sees the route: a file with ranges goes out as it is stored
  fastify.addHook('onRoute', (route) => {
    const { compress } = (route.config ?? {}) as { compress?: boolean };
    if (compress === false) Object.assign(route, { compress });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  // the last hook before the handler: a body is read in the events of its socket, which know nothing of the request
  fastify.addHook('preHandler', (_request, reply, done) => {
    reply.raw.once('close', asRequest(done));
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    // answered while stopping: a connection kept alive would keep the process waiting for it
    if (!fastify.server.listening) void reply.header('connection', 'close');
    done(null, payload);
  });
  return adapter;
};
