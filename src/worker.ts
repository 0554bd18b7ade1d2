import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { createPino, PinoNestLogger } from './common/index.js';
import { AppConfig } from './config/index.js';
import { quietBoot } from './server/boot-logger.js';
import { BEHIND_REQUESTS, takeLowPriority } from './server/low-priority.js';
import { withOwnKeys } from './server/own-keys.js';
import { onStopSignal, reportAndExit, RunningParts } from './server/process-end.js';
import { startTracing } from './server/tracing.js';
import { WorkerProcess } from './server/worker-process.js';

/** Days are read once, from the first to the last: to keep them is no use. */
const EXPORT_ENVIRONMENT = { ...process.env, DAY_CACHE_MB: '8', MALLOC_ARENA_MAX: '2' };
/** Streams need little memory: V8 is told to collect early in place of growing. */
const EXPORT_WORKER = {
  file: 'export-worker.js',
  title: 'the export worker',
  flags: ['--max-semi-space-size=4', '--max-old-space-size=112'],
};

/** The second role of the image: sealing, queues and sweeps, without HTTP and behind requests. Ends with the process that spawned it. */
const main = async (): Promise<void> => {
  takeLowPriority(BEHIND_REQUESTS);
  const parts = new RunningParts();
  const stop = onStopSignal(() => parts.stop());
  // with main.ts above us the channel to it closes when it is gone, however it went, even while we still start
  if (process.send !== undefined && !process.connected) process.exit(0);
  process.once('disconnect', stop);
  const config = withOwnKeys(AppConfig.load()).with({ role: 'worker' });
  const pino = createPino(config.logLevel);
  parts.add(await startTracing(config, pino));
  const logger = quietBoot(new PinoNestLogger(pino));
  const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), { logger, abortOnError: false });
  await app.init();
  parts.add({ stop: () => app.close() });
  const exportWorker = new WorkerProcess(
    EXPORT_ENVIRONMENT,
    (line) => process.stderr.write(`${line}\n`),
    EXPORT_WORKER,
  );
  parts.add(exportWorker);
  exportWorker.start();
  // the parent may have been killed meanwhile: `disconnect` says so, the failed send need not
  process.send?.('ready', undefined, undefined, () => undefined);
};

main().catch(reportAndExit);
