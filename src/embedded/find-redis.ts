import { aptInstall } from './apt-get.js';
import { EmbeddedError, waysOut } from './embedded-error.js';
import { majorOf, versionOf } from './run-command.js';

export interface FoundServer {
  readonly binary: string;
  readonly version: string;
}

const VERSION = /v=(\d+\.\d+\.\d+)/;
/** Ubuntu 22.04 carries 6.0: all that the service asks of Redis is there, so an older one is taken with a warning. */
const OLDEST_TAKEN = 6;

/**
 * Finds a redis-server: `REDIS_SERVER_BINARY`, PATH, then the distribution's package.
 * @throws EmbeddedError `redis_not_found`, `redis_unusable`
 */
export const findRedis = async (
  env: Readonly<NodeJS.ProcessEnv>,
  log: (line: string) => void,
): Promise<FoundServer> => {
  const given = env.REDIS_SERVER_BINARY;
  if (given) {
    const { version, output } = await versionOf(given, VERSION);
    if (version !== undefined) return { binary: given, version };
    throw new EmbeddedError(
      'redis_unusable',
      `REDIS_SERVER_BINARY does not run: ${output.trim()}\n${waysOut('Redis')}`,
    );
  }
  const onPath = await onThePath(log);
  if (onPath) return onPath;
  log('no redis-server on PATH');
  const failure = await aptInstall('redis-server', log);
  const installed = failure === undefined ? await onThePath(log) : undefined;
  if (installed) return installed;
  throw new EmbeddedError(
    'redis_not_found',
    `No usable redis-server, and it could not be installed${failure ? ` (${failure})` : ''}.\n${waysOut('Redis')}`,
  );
};

const onThePath = async (log: (line: string) => void): Promise<FoundServer | undefined> => {
  const { version } = await versionOf('redis-server', VERSION);
  if (version === undefined) return undefined;
  if (majorOf(version) < OLDEST_TAKEN) {
    log(`redis-server ${version} on PATH is too old`);
    return undefined;
  }
  if (majorOf(version) < 7)
    log(`redis-server ${version}: works, but Redis 7 or later is what the service is tested with`);
  return { binary: 'redis-server', version };
};
