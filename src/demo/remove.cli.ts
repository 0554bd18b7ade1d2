import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { AppConfig } from '../config/index.js';
import { EmbeddedError, startEmbedded } from '../embedded/index.js';
import { DemoRemover } from './demo-remover.js';

const log = (line: string): boolean => process.stderr.write(`${line}\n`);

/** `npm run demo:remove`: on MONGODB_URI, or on the service's own MongoDB while the service is stopped. */
const main = async (): Promise<void> => {
  const given = AppConfig.load({ LOG_LEVEL: 'error', ...process.env, DEMO: 'off' });
  const needMongo = given.mongodbUri === undefined;
  const servers = needMongo
    ? await startEmbedded({ dataDir: given.dataDir, needMongo, needRedis: false, log })
    : undefined;
  try {
    const config = given.with({ mongodbUri: servers?.mongodbUri, role: 'api' });
    const app = await NestFactory.createApplicationContext(AppModule.forRoot(config), { logger: ['error'] });
    const removed = await app.get(DemoRemover, { strict: false }).remove();
    log(removed === 0 ? 'There is no demo to remove.' : `The demo is gone: ${removed} runs.`);
    await app.close();
  } finally {
    await servers?.stop();
  }
};

const explain = (error: unknown): string => {
  if (error instanceof EmbeddedError && error.code === 'data_dir_in_use')
    return `${error.message}\nThe demo can be removed while the service is stopped, or with MONGODB_URI set to a MongoDB of your own.`;
  return error instanceof Error ? error.message : String(error);
};

main().then(
  () => process.exit(0),
  (error: unknown) => {
    log(explain(error));
    process.exit(1);
  },
);
