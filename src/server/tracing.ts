import { diag, DiagLogLevel } from '@opentelemetry/api';
import type { Logger } from 'pino';
import type { AppConfig } from '../config/index.js';

/** Sends spans until it is stopped; stopping sends what is left. */
export interface Tracing {
  stop(): Promise<void>;
}

/**
 * Starts OpenTelemetry where OTEL_EXPORTER_OTLP_ENDPOINT is set: spans go there by OTLP/HTTP, W3C trace context is read.
 * The other standard variables (headers, sampler, resource attributes, batching) are read by the SDK itself. Without
 * the endpoint nothing is loaded.
 */
export const startTracing = async (config: AppConfig, logger: Logger): Promise<Tracing | undefined> => {
  const { tracing, role } = config;
  if (!tracing.endpoint) return undefined;
  // loaded here and not above: 60 modules that nobody needs who does not trace
  const [{ NodeSDK }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const warn = (...args: unknown[]): void => logger.warn({ context: 'Tracing' }, args.map(String).join(' '));
  const silent = (): void => undefined;
  // a collector that is away is worth a line of the log and never an error of the service
  diag.setLogger({ error: warn, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
  const sdk = new NodeSDK({
    serviceName: role === 'worker' ? `${tracing.serviceName}-worker` : tracing.serviceName,
    traceExporter: new OTLPTraceExporter({ url: `${tracing.endpoint}/v1/traces` }),
    // figures are scraped from /metrics, logs are read from the output
    metricReaders: [],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return { stop: () => sdk.shutdown().catch(warn) };
};
