import fastifyCompress from '@fastify/compress';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import { getConnectionToken } from '@nestjs/mongoose';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Connection } from 'mongoose';
import { AppModule } from './app.module.js';
import { createPino, createValidationPipe, PinoNestLogger, ProblemFilter } from './common/index.js';
import type { AppConfig } from './config/index.js';
import { RealtimeAdapter, RealtimeFigures } from './realtime/index.js';
import { quietBoot } from './server/boot-logger.js';
import { createAdapter } from './server/fastify-options.js';
import { createMetricsRegistry, observeRequests } from './server/http-observer.js';
import { traceRequests } from './server/http-spans.js';
import { buildIndexes } from './server/indexes.js';
import { buildOpenApi, serveDocs } from './server/openapi.js';
import { observeSockets } from './server/realtime-metrics.js';
import { serveAsyncApi } from './server/serve-async-api.js';
import { serveMetrics } from './server/serve-metrics.js';

export const API_PREFIX = 'api/v1/execution-reporting';
const MEGABYTE = 1024 * 1024;
const FILE_LIMIT = 100 * MEGABYTE;
const COMPRESS_FROM_BYTES = 4096;

/** The API, configured and initialised, not yet listening. Closing it closes its connections. */
export const createApp = async (config: AppConfig): Promise<NestFastifyApplication> => {
  const pino = createPino(config.logLevel);
  const adapter = createAdapter(pino);
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(config), adapter, {
    bodyParser: false,
    logger: quietBoot(new PinoNestLogger(pino)),
    abortOnError: false,
  });
  app.setGlobalPrefix(API_PREFIX);
  app.useGlobalPipes(createValidationPipe());
  app.useGlobalFilters(new ProblemFilter());
  await registerPlugins(app, config);
  app.useWebSocketAdapter(new RealtimeAdapter(app, config));
  const registry = createMetricsRegistry();
  if (config.tracing.endpoint) traceRequests(adapter.getInstance());
  observeRequests(adapter.getInstance(), registry);
  observeSockets(app.get(RealtimeFigures), registry);
  serveMetrics(adapter.getInstance(), registry);
  serveAsyncApi(app, adapter.getInstance());
  serveDocs(app, buildOpenApi(app));
  await app.init();
  // unique indexes guard the data from the first request on, so they are there before it
  await buildIndexes(app.get<Connection>(getConnectionToken()));
  return app;
};

const registerPlugins = async (app: NestFastifyApplication, config: AppConfig): Promise<void> => {
  app.enableCors({
    origin: config.corsOrigins.length > 0 ? [...config.corsOrigins] : false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'etag',
      'location',
      'retry-after',
      'x-request-id',
      'ratelimit-limit',
      'ratelimit-remaining',
      'ratelimit-reset',
    ],
  });
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      // over plain http the upgrade would break Swagger UI's own scripts
      directives: { upgradeInsecureRequests: null },
    },
  });
  // bodies are decompressed where they are read, under a limit of their own: this plugin would have none
  await app.register(fastifyCompress, {
    globalDecompression: false,
    encodings: ['gzip', 'identity'],
    threshold: COMPRESS_FROM_BYTES,
  });
  await app.register(fastifyMultipart, {
    limits: { fileSize: FILE_LIMIT, files: 100, fields: 100, fieldSize: MEGABYTE },
  });
};
