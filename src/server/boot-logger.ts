import type { LoggerService } from '@nestjs/common';
import { PinoNestLogger } from '../common/index.js';

/** Nest names every module and route at each start: of use to who debugs the wiring, noise to everybody else. */
const NOISY = new Set(['InstanceLoader', 'RouterExplorer', 'RoutesResolver', 'NestFactory', 'NestApplication']);

export const quietBoot = (logger: PinoNestLogger): LoggerService => ({
  error: logger.error,
  warn: logger.warn,
  debug: logger.debug,
  verbose: logger.verbose,
  fatal: logger.fatal,
  log: (message: unknown, ...rest: unknown[]) =>
    NOISY.has(String(rest.at(-1))) ? logger.debug(message, ...rest) : logger.log(message, ...rest),
});
