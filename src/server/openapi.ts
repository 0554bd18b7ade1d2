import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { API_KEY_SCHEME, BEARER_SCHEME } from '../auth/index.js';
import { compareText } from '../common/index.js';
import { VERSION } from '../config/index.js';
import { NOTIFICATION_WEBHOOKS } from '../notifications/index.js';
import { PROBLEM_RESPONSES, withProblems } from './openapi-problems.js';
import { OPENAPI_TAGS } from './openapi-tags.js';
import { ASYNC_API_PATH } from './serve-async-api.js';

const ABOUT = `Takes in the results of test runs and turns them into reports, trends, quality figures and decisions for CI.

**To try it here:** press *Authorize* and paste the token that the start printed (or one of \`npm run token\`).
Times are ISO 8601 in UTC, durations in milliseconds, rates in 0..1. Errors are \`application/problem+json\` (RFC 9457)
with a stable \`code\`. \`x-target-ms\` on an operation is the p95 it is built to reach.`;

type PathItem = OpenAPIObject['paths'][string];

/** The OpenAPI 3.1 document of everything that is reachable. */
export const buildOpenApi = (app: INestApplication): OpenAPIObject => {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Execution reporting')
    .setDescription(ABOUT)
    .setVersion(VERSION)
    .setLicense('Proprietary', 'https://spdx.org/licenses/')
    .addServer('/', 'This service')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'Token of a user' },
      BEARER_SCHEME,
    )
    .addApiKey({ type: 'apiKey', in: 'header', name: 'x-api-key', description: 'API key of a CI job' }, API_KEY_SCHEME)
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  const paths = Object.entries({ ...document.paths, '/metrics': METRICS_PATH, [ASYNC_API_PATH]: ASYNC_API });
  return {
    ...document,
    tags: [...OPENAPI_TAGS],
    paths: Object.fromEntries(
      paths.sort(([a], [b]) => compareText(a, b)).map(([path, item]) => [path, eachOperation(item, withImplied)]),
    ),
    components: { ...document.components, responses: PROBLEM_RESPONSES },
    webhooks: NOTIFICATION_WEBHOOKS,
  };
};

/** In the order in which they are shown. */
const METHODS = ['post', 'get', 'put', 'patch', 'delete'] as const;

type Operation = NonNullable<PathItem['get']>;

const eachOperation = (item: PathItem, change: (operation: Operation) => Operation): PathItem =>
  Object.fromEntries(
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [[method, change(operation)]] : [];
    }),
  );

/** An operation that names no security is open to everybody, and says so. */
const withImplied = (operation: Operation): Operation => ({
  ...withProblems(operation),
  security: operation.security ?? [],
});

/** Served beside the controllers, by server/serve-metrics.ts. */
const METRICS_PATH: PathItem = {
  get: {
    operationId: 'Metrics_scrape',
    ...{ 'x-target-ms': 50 },
    tags: ['Health'],
    summary: 'Figures for Prometheus',
    description:
      'Public. Memory, CPU and event loop of this process, durations of requests by route, and its sockets: connected, rooms, deltas sent, stalled clients dropped.',
    security: [],
    responses: {
      200: {
        description: 'Prometheus text format',
        content: { 'text/plain': { schema: { type: 'string' }, example: 'process_cpu_seconds_total 12.5' } },
      },
    },
  },
};

/** Served by server/serve-async-api.ts. */
const ASYNC_API: PathItem = {
  get: {
    operationId: 'Realtime_asyncApi',
    ...{ 'x-target-ms': 50 },
    tags: ['Realtime'],
    summary: 'The AsyncAPI document of the sockets',
    description: 'Public. AsyncAPI 3: every message of the socket.io namespace `/realtime`, and every kind of room.',
    security: [],
    responses: {
      200: {
        description: 'AsyncAPI 3.0.0',
        content: { 'application/json': { schema: { type: 'object' }, example: { asyncapi: '3.0.0' } } },
      },
    },
  },
};

/** Serves Swagger UI at /docs and the document at /docs-json. */
export const serveDocs = (app: INestApplication, document: OpenAPIObject): void => {
  SwaggerModule.setup('docs', app, document, {
    useGlobalPrefix: false,
    jsonDocumentUrl: 'docs-json',
    raw: ['json'],
    customSiteTitle: 'Execution reporting API',
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      filter: true,
      docExpansion: 'list',
    },
  });
};
