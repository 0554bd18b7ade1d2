import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { createPino, PinoNestLogger } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { findRunning, startEmbedded } from '../embedded/index.js';
import { withOwnKeys } from './own-keys.js';
import { RunningParts } from './process-end.js';

const log = (line: string): boolean => process.stderr.write(`${line}\n`);

/**
 * Gives a command the whole service without HTTP: on the configured servers, on those of the service that runs on
 * DATA_DIR, or on its own while none does. Everything is closed when the work is done.
 */
export const withService = async <T>(work: (service: INestApplicationContext) => Promise<T>): Promise<T> => {
  const parts = new RunningParts();
  try {
    const given = AppConfig.load({ ...process.env, DEMO: 'off', LOG_LEVEL: process.env.LOG_LEVEL ?? 'error' });
    const [needMongo, needRedis] = [given.mongodbUri === undefined, given.redisUrl === undefined];
    const running = needMongo || needRedis ? await findRunning(given.dataDir) : undefined;
    const own =
      (needMongo || needRedis) && running === undefined
        ? await startEmbedded({ dataDir: given.dataDir, needMongo, needRedis, log })
        : undefined;
    parts.add(own);
    const { mongodbUri, redisUrl } = running ?? own ?? {};
    const config = withOwnKeys(given).with({
      role: 'api',
      ...(needMongo ? { mongodbUri } : {}),
      ...(needRedis ? { redisUrl } : {}),
    });
    const logger = new PinoNestLogger(createPino(config.logLevel));
    const service = await NestFactory.createApplicationContext(AppModule.forRoot(config), {
      logger,
      abortOnError: false,
    });
    parts.add({ stop: () => service.close() });
    return await work(service);
  } finally {
    await parts.stop();
  }
};
