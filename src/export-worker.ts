import { NestFactory } from '@nestjs/core';
import { createPino, PinoNestLogger } from './common/index.js';
import { AppConfig } from './config/index.js';
import { ExportProcessModule } from './export-worker.module.js';
import { quietBoot } from './server/boot-logger.js';
import { BEHIND_EVERYTHING, takeLowPriority } from './server/low-priority.js';
import { withOwnKeys } from './server/own-keys.js';
import { onStopSignal, reportAndExit, RunningParts } from './server/process-end.js';
import { startTracing } from './server/tracing.js';

/**
 * Writes exports that stream their rows, and nothing else: a process of its own, so that its memory has a bound of its
 * own and that a file of millions of rows stops neither sealing nor alerts. The worker runs it as its child, and it ends
 * with it.
 */
const main = async (): Promise<void> => {
  takeLowPriority(BEHIND_EVERYTHING);
  const parts = new RunningParts();
  const stop = onStopSignal(() => parts.stop());
  if (process.send !== undefined && !process.connected) process.exit(0);
  process.once('disconnect', stop);
  const config = withOwnKeys(AppConfig.load());
  const pino = createPino(config.logLevel);
  parts.add(await startTracing(config.with({ role: 'worker' }), pino));
  // the loops of the other rooms run in the worker; here only the queue of exports is worked on
  const module = ExportProcessModule.forRoot(config.with({ role: 'api' }));
  const logger = quietBoot(new PinoNestLogger(pino));
  const app = await NestFactory.createApplicationContext(module, { logger, abortOnError: false });
  await app.init();
  parts.add({ stop: () => app.close() });
  process.send?.('ready', undefined, undefined, () => undefined);
};

main().catch(reportAndExit);
