import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp } from './app.factory.js';
import { AppConfig } from './config/index.js';
import { startEmbedded } from './embedded/index.js';
import { reportAndExit } from './server/process-end.js';
import { buildOpenApi } from './server/openapi.js';
import { withOwnKeys } from './server/own-keys.js';

/** Writes the document of the application as it is wired: `npm run openapi` keeps docs/openapi.json. */
const main = async (file: string): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'execution-reporting-openapi-'));
  const log = (line: string): boolean => process.stderr.write(`${line}\n`);
  const servers = await startEmbedded({ dataDir, needMongo: true, needRedis: true, log });
  try {
    const { mongodbUri, redisUrl } = servers;
    const config = withOwnKeys(AppConfig.load({ DATA_DIR: dataDir, LOG_LEVEL: 'warn', DEMO: 'off' }));
    const app = await createApp(config.with({ mongodbUri, redisUrl }));
    await writeFile(file, `${JSON.stringify(buildOpenApi(app), null, 2)}\n`);
    await app.close();
  } finally {
    await servers.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
};

main(process.argv[2] ?? 'docs/openapi.json').then(() => process.exit(0), reportAndExit);
