import { join, resolve } from 'node:path';
import { isDataDirInUse, readJson, writeJson } from './data-dir.js';

export interface RunningServers {
  readonly mongodbUri?: string;
  readonly redisUrl?: string;
}

const fileIn = (dataDir: string): string => join(resolve(dataDir), 'servers.json');

/** Notes where the servers of a data folder listen, for the commands that are run beside the service. */
export const noteRunning = (dataDir: string, servers: RunningServers): Promise<void> =>
  writeJson(fileIn(dataDir), servers);

/** The servers of the service that runs on this data folder; undefined when none does. */
export const findRunning = async (dataDir: string): Promise<RunningServers | undefined> =>
  (await isDataDirInUse(resolve(dataDir))) ? readJson<RunningServers>(fileIn(dataDir)) : undefined;
