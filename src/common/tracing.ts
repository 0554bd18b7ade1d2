import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

// without an SDK (see server/tracing.ts) the API hands out a tracer that does nothing
const tracer = trace.getTracer('execution-reporting');

/** Runs work in a span of its own, below the one it was called in; what it throws is recorded and thrown on. */
export const traced = <T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> =>
  tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.recordException(error instanceof Error ? error : String(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });

type AsyncMethod<A extends unknown[], R> = TypedPropertyDescriptor<(...args: A) => Promise<R>>;

/** A method that is one of the main operations: each call is a span of this name. */
export const Traced =
  (name: string) =>
  <A extends unknown[], R>(_target: object, _key: string | symbol, descriptor: AsyncMethod<A, R>): void => {
    const method = descriptor.value;
    if (!method) return;
    descriptor.value = function (this: unknown, ...args: A): Promise<R> {
      return traced(name, {}, () => method.apply(this, args));
    };
  };

/** Of the span that is active; undefined without tracing. */
export const activeTraceId = (): string | undefined => trace.getActiveSpan()?.spanContext().traceId;
