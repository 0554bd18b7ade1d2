import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export interface FetchRequest {
  readonly folder: string;
  /** Where the binary has to stand in the end; it appears there whole or not at all. */
  readonly target: string;
  readonly version: string;
  readonly log: (line: string) => void;
}

const NO_REACH_MS = 9_000;
const PROGRESS_MS = 3_000;
const WHOLE_MS = 600_000;
/** mongodb-memory-server-core has no abort: a process of its own can be ended. */
const SCRIPT = `
const { MongoBinary } = require(process.argv[1]);
MongoBinary.getPath(JSON.parse(process.argv[2])).then(
  (path) => console.log('PATH ' + path),
  (error) => { console.error(error.message.split('\\n').slice(0, 2).join(' ')); process.exit(1); },
);`;

/**
 * Takes mongod from fastdl.mongodb.org; gives up when not a byte came within 10 s.
 * @returns undefined when `target` is there, else why not
 */
export const fetchOfficialArchive = async ({
  folder,
  target,
  version,
  log,
}: FetchRequest): Promise<string | undefined> => {
  const place = join(folder, `official-${randomUUID()}`);
  log(`mongod: asking MongoDB's own download site for ${version} (up to 10 s) ...`);
  try {
    await mkdir(place, { recursive: true });
    const outcome = await download(place, version, log);
    if (!outcome.path) return `MongoDB's download site: ${outcome.failure ?? 'no answer'}`;
    // a copy: it may be in a cache that is not ours, or on another disk
    await copyFile(outcome.path, join(place, 'mongod'));
    await rename(join(place, 'mongod'), target);
    return undefined;
  } catch (error) {
    return `MongoDB's download site: ${(error as Error).message}`;
  } finally {
    await rm(place, { recursive: true, force: true });
  }
};

const download = (
  place: string,
  version: string,
  log: (line: string) => void,
): Promise<{ path?: string; failure?: string }> =>
  new Promise((resolve) => {
    const library = createRequire(import.meta.url).resolve('mongodb-memory-server-core/lib/util/MongoBinary.js');
    const options = JSON.stringify({ downloadDir: place, version, checkMD5: true });
    const child = spawn(process.execPath, ['-e', SCRIPT, library, options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MONGOMS_MAX_RETRIES: '1', NODE_OPTIONS: '' },
    });
    let output = '';
    let failure: string | undefined;
    const giveUp = (why: string): void => {
      failure = why;
      child.kill('SIGKILL');
    };
    const reach = setTimeout(() => {
      void bytesIn(place).then((bytes) => (bytes > 0 ? undefined : giveUp('no answer within 10 s')));
    }, NO_REACH_MS);
    const progress = setInterval(() => {
      void bytesIn(place).then((bytes) => (bytes > 0 ? log(`mongod: ${Math.round(bytes / 1e6)} MB`) : undefined));
    }, PROGRESS_MS);
    const whole = setTimeout(() => giveUp('too slow'), WHOLE_MS);
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.once('error', (error) => (failure = error.message));
    child.once('close', () => {
      clearTimeout(reach);
      clearInterval(progress);
      clearTimeout(whole);
      const path = /^PATH (.+)$/m.exec(output)?.[1];
      resolve(path ? { path } : { failure: failure ?? output.trim().split('\n').at(-1) });
    });
  });

/** Of the archive: the lock file of the library beside it is no sign of an answer. */
const bytesIn = async (folder: string): Promise<number> => {
  const names = await readdir(folder).catch(() => []);
  const sizes = names
    .filter((name) => /\.(tgz|zip)/.test(name))
    .map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};
