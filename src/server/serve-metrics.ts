import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** Prometheus text at /metrics: figures of the process and of the routes, nothing of any tenant. */
export const serveMetrics = (fastify: FastifyInstance, registry: Registry): void => {
  fastify.get('/metrics', async (_request, reply) => {
    const text = await registry.metrics();
    return reply.type(registry.contentType).send(text);
  });
};
