import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, pino, type Logger as PinoLogger } from 'pino';
import { activeTraceId } from './tracing.js';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Paths that may carry a credential; pino prints `[Redacted]` in their place. */
const REDACTED = [
  'req.headers.authorization',
  'req.headers.cookie',
  'req.headers["x-api-key"]',
  '*.password',
  '*.secret',
  '*.token',
];

/** Lines written within a span carry its trace id. */
const mixin = (): object => {
  const traceId = activeTraceId();
  return traceId === undefined ? {} : { traceId };
};

export const createPino = (level: LogLevel, destination?: DestinationStream): PinoLogger =>
  destination ? pino({ level, redact: REDACTED, mixin }, destination) : pino({ level, redact: REDACTED, mixin });

/** Nest's logger interface over pino: `logger.error(objectOrText, ...more, context)`. */
export class PinoNestLogger implements LoggerService {
  constructor(private readonly pino: PinoLogger) {}

  log = (message: unknown, ...rest: unknown[]): void => this.write('info', message, rest);
  error = (message: unknown, ...rest: unknown[]): void => this.write('error', message, rest);
  warn = (message: unknown, ...rest: unknown[]): void => this.write('warn', message, rest);
  debug = (message: unknown, ...rest: unknown[]): void => this.write('debug', message, rest);
  verbose = (message: unknown, ...rest: unknown[]): void => this.write('trace', message, rest);
  fatal = (message: unknown, ...rest: unknown[]): void => this.write('fatal', message, rest);

  private write(level: Exclude<LogLevel, 'silent'>, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const fields = typeof message === 'object' && message !== null ? message : {};
    const text =
      typeof message === 'object'
        ? rest.slice(0, -1).map(String).join(' ')
        : typeof message === 'string'
          ? message
          : JSON.stringify(message);
    this.pino[level]({ ...fields, context }, text);
  }
}
