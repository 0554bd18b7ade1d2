import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeTraceId, createPino, traced } from '../../src/common/index.js';
import { AppConfig } from '../../src/config/index.js';
import { startTracing, type Tracing } from '../../src/server/tracing.js';
import { type Loose, startApp, type TestApp } from '../support/app.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const lines: Loose[] = [];
const logger = createPino('info', { write: (line) => void lines.push(JSON.parse(line)) });
const received: { path: string; spans: Loose[]; service: string }[] = [];
let collector: Server;
let tracing: Tracing | undefined;
let api: TestApp;

const valueOf = ({ value }: Loose): unknown => value.stringValue ?? Number(value.intValue);
const attributesOf = (span: Loose): Loose =>
  Object.fromEntries(span.attributes.map((one: Loose) => [one.key, valueOf(one)]));
const spans = (): Loose[] => received.flatMap((request) => request.spans);

beforeAll(async () => {
  collector = createServer((request, response) => {
    json(request).then(
      (body: Loose) => {
        const [resource] = body.resourceSpans;
        received.push({
          path: request.url ?? '',
          spans: resource.scopeSpans.flatMap((scope: Loose) => scope.spans),
          service: attributesOf(resource.resource)['service.name'],
        });
        response.setHeader('content-type', 'application/json').end('{}');
      },
      () => response.writeHead(400).end(),
    );
  });
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
  const config = AppConfig.load({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, LOG_LEVEL: 'silent' });
  process.env.OTEL_BSP_SCHEDULE_DELAY = '100';
  tracing = await startTracing(config, logger);
  api = await startApp({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
});
afterAll(async () => {
  await api.close();
  await new Promise((closed) => collector.close(closed));
});

describe('tracing', () => {
  it('is off, and loads nothing, without an endpoint', async () => {
    expect(await startTracing(AppConfig.load({}), logger)).toBeUndefined();
    expect(() => AppConfig.load({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toThrow('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  it('sends a span per request below the caller, and those of the main operations below it', async () => {
    const headers = { traceparent: `00-${TRACE}-${PARENT}-01`, 'x-request-id': 'request-1' };
    const results = [{ name: 'pays', status: 'passed', durationMs: 5 }];
    const posted = await api.post('/runs', { project: 'web', externalId: 'r', results }, { headers });
    expect(posted.status).toBe(201);
    await api.post('/reports/generate', { type: 'summary' }, { headers });
    const missing = await api.get('/runs/000000000000000000000000', { headers: { 'x-request-id': 'request-2' } });
    expect(missing.status).toBe(404);
    await traced('inner', {}, () => {
      logger.info('from within');
      return Promise.resolve();
    });
    await traced('fails', {}, () => Promise.reject(new Error('broken'))).catch(() => undefined);
    // a request is answered a moment before its span ends
    const isSent = (name: string): boolean => spans().some((span) => span.name === name);
    while (!isSent('GET /api/v1/execution-reporting/runs/:runId')) await sleep(50);
    await tracing?.stop();

    expect(received.map(({ path }) => path)).toEqual(received.map(() => '/v1/traces'));
    expect(received[0]?.service).toBe('execution-reporting');
    const named = (name: string): Loose[] => spans().filter((span) => span.name === name);
    const [request] = named('POST /api/v1/execution-reporting/runs');
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: PARENT, kind: 2 });
    expect(attributesOf(request)).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/api/v1/execution-reporting/runs',
      'http.response.status_code': 201,
      'request.id': 'request-1',
    });
    expect(named('ingest.batch')).toMatchObject([{ traceId: TRACE, parentSpanId: request.spanId }]);
    const [report] = named('POST /api/v1/execution-reporting/reports/generate');
    expect(named('metrics.query').map(({ parentSpanId }) => parentSpanId)).toContain(report.spanId);
    const [read] = named('GET /api/v1/execution-reporting/runs/:runId');
    expect(read.traceId).not.toBe(TRACE);
    expect(read.parentSpanId ?? '').toBe('');
    expect(named('fails')).toMatchObject([{ status: { code: 2 }, events: [{ name: 'exception' }] }]);
    const [inner] = named('inner');
    expect(lines.find(({ msg }) => msg === 'from within')).toMatchObject({ traceId: inner.traceId });
    expect(activeTraceId()).toBeUndefined();
    expect(JSON.stringify(received)).not.toContain('000000000000000000000000"');
  });
});
