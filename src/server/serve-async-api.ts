import type { INestApplication } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { type AsyncApiNode, buildAsyncApi } from '../realtime/index.js';

export const ASYNC_API_PATH = '/docs/asyncapi.json';

/** The AsyncAPI document of the sockets, built when it is first asked for: by then every feature has its rooms. */
export const serveAsyncApi = (app: INestApplication, fastify: FastifyInstance): void => {
  let document: AsyncApiNode | undefined;
  fastify.get(ASYNC_API_PATH, (_request, reply) => reply.send((document ??= buildAsyncApi(app))));
};
