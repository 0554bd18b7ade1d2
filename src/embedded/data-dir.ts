import { mkdir, readFile, realpath, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EmbeddedError } from './embedded-error.js';
import { identify } from './process-identity.js';

const LEAST_FREE_MB = 300;

interface LockFile {
  readonly pid: number;
  readonly started: string;
}

/**
 * Makes the folder (mode 0700), checks that it can hold data, and returns its real path.
 * @throws EmbeddedError `data_dir_not_writable`, `disk_full`
 */
export const prepareDataDir = async (dataDir: string): Promise<string> => {
  const wanted = resolve(dataDir);
  try {
    await mkdir(wanted, { recursive: true, mode: 0o700 });
    const real = await realpath(wanted);
    await writeFile(join(real, '.write-test'), 'x');
    await rm(join(real, '.write-test'));
    const { bavail, bsize } = await statfs(real);
    const freeMb = Math.floor((bavail * bsize) / 1e6);
    if (freeMb < LEAST_FREE_MB) throw full(real, `${freeMb} MB free, at least ${LEAST_FREE_MB} MB are needed`);
    return real;
  } catch (error) {
    if (error instanceof EmbeddedError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw full(wanted, 'nothing can be written');
    throw new EmbeddedError(
      'data_dir_not_writable',
      `The data folder ${wanted} cannot be used: ${message}.\nGive this user the right to write there, or set DATA_DIR to another folder.`,
      error,
    );
  }
};

const full = (dir: string, what: string): EmbeddedError =>
  new EmbeddedError(
    'disk_full',
    `The disk that holds ${dir} is full: ${what}.\nMake room there, or set DATA_DIR to a folder on another disk.`,
  );

/**
 * One service per data folder. The lock names a process and when it was started, so that the file of a killed service is
 * recognised even when its pid has been given to another process since.
 * @returns what releases it
 * @throws EmbeddedError `data_dir_in_use`
 */
export const lockDataDir = async (dir: string): Promise<() => Promise<void>> => {
  const file = join(dir, 'service.lock');
  const own: LockFile = { pid: process.pid, started: (await identify(process.pid))?.started ?? '' };
  const holder = await readJson<LockFile>(file);
  const alive = holder && (await identify(holder.pid));
  if (alive && alive.started === holder.started)
    throw new EmbeddedError(
      'data_dir_in_use',
      `The data folder ${dir} is in use by another instance of the service (process ${holder.pid}).\nStop that one, or set DATA_DIR (and PORT) to run a second one beside it.`,
    );
  await writeJson(file, own);
  return async () => {
    const now = await readJson<LockFile>(file);
    if (now?.pid === own.pid && now.started === own.started) await rm(file, { force: true });
  };
};

/** Whether a living service holds the folder. */
export const isDataDirInUse = async (dir: string): Promise<boolean> => {
  const holder = await readJson<LockFile>(join(dir, 'service.lock'));
  const alive = holder && (await identify(holder.pid));
  return alive !== undefined && alive.started === holder?.started;
};

/** undefined for a file that is missing or cut short. */
export const readJson = async <T>(file: string): Promise<T | undefined> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
};

export const writeJson = async (file: string, value: object): Promise<void> => {
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(value));
  await rename(temporary, file);
};
