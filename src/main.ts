import { API_PREFIX, createApp } from './app.factory.js';
import { signToken } from './auth/index.js';
import { createPino } from './common/index.js';
import { AppConfig } from './config/index.js';
import { type EmbeddedServers, startEmbedded } from './embedded/index.js';
import { withOwnKeys } from './server/own-keys.js';
import { onStopSignal, reportAndExit, RunningParts } from './server/process-end.js';
import { startTracing } from './server/tracing.js';
import { welcome } from './server/welcome.js';
import { WorkerProcess } from './server/worker-process.js';

const WEEK_SECONDS = 7 * 24 * 3600;
const log = (line: string): boolean => process.stderr.write(`${line}\n`);

/** `npm start`: own MongoDB and Redis unless URIs are set, the worker as a child, the API, and a word of welcome. */
const main = async (): Promise<void> => {
  const given = AppConfig.load();
  const parts = new RunningParts();
  onStopSignal(() => parts.stop());
  const servers = await startServers(given);
  parts.add(servers);
  const config = withOwnKeys(given).with({ mongodbUri: servers?.mongodbUri, redisUrl: servers?.redisUrl });
  parts.add(await startTracing(config, createPino(config.logLevel)));
  const app = await createApp(config);
  parts.add({ stop: () => app.close() });
  await app.listen(config.port, config.host);
  if ((config.worker ?? (given.mongodbUri === undefined ? 'spawn' : 'none')) === 'spawn') {
    const worker = new WorkerProcess(workerEnvironment(config, servers?.mongodbUri !== undefined), log);
    parts.add(worker);
    worker.start();
  }
  const origin = originOf(await app.getUrl());
  process.stdout.write(welcome({ origin, apiPrefix: API_PREFIX, token: await demoToken(config) }));
};

const startServers = async (given: AppConfig): Promise<EmbeddedServers | undefined> => {
  const [needMongo, needRedis] = [given.mongodbUri === undefined, given.redisUrl === undefined];
  if (!needMongo && !needRedis) return undefined;
  return startEmbedded({ dataDir: given.dataDir, needMongo, needRedis, log });
};

/** The worker cannot tell our own MongoDB from a configured one, so what `DEMO=auto` means is decided here. */
const workerEnvironment = (
  { mongodbUri, redisUrl, jwt, secretKeys, demo }: AppConfig,
  ownMongo: boolean,
): NodeJS.ProcessEnv => ({
  ...process.env,
  MONGODB_URI: mongodbUri,
  REDIS_URL: redisUrl,
  DEMO: demo === 'auto' && ownMongo ? 'on' : demo,
  SECRET_KEYS: secretKeys.join(','),
  ...(jwt.secret === undefined ? {} : { JWT_SECRET: jwt.secret }),
});

const demoToken = async ({ jwt }: AppConfig): Promise<string | undefined> => {
  const { secret, issuer, audience } = jwt;
  if (secret === undefined) return undefined;
  const claims = { sub: 'developer', name: 'Developer', org: 'demo', roles: ['admin'] } as const;
  return signToken(claims, { secret, issuer, audience, expiresInSeconds: WEEK_SECONDS });
};

const originOf = (url: string): string => url.replace(/\/\/(\[::1?\]|0\.0\.0\.0|127\.0\.0\.1)/, '//localhost');

main().catch(reportAndExit);
