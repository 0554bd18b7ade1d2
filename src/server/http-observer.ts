import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { maskedPath } from '../common/index.js';
import { traceIdOf } from './http-spans.js';

const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One registry per application, so that two of them can live in one process (tests). */
export const createMetricsRegistry = (): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
};

/** Logs each answered request under its id, without what in its address is secret, and counts it by route. */
export const observeRequests = (fastify: FastifyInstance, registry: Registry): void => {
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request, by method, route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    durations.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    const ms = Math.round(reply.elapsedTime * 10) / 10;
    const traceId = traceIdOf(request);
    request.log.info(
      {
        method: request.method,
        path: maskedPath(request.url),
        status,
        ms,
        ...(traceId !== undefined && { traceId }),
      },
      'answered',
    );
    done();
  });
};
