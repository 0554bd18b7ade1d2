import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SHORTEST = 32;

const read = (path: string): string | undefined => {
  try {
    const secret = readFileSync(path, 'utf8').trim();
    return secret.length >= SHORTEST ? secret : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

/**
 * A secret of an installation that configured none: kept in `<dataDir>/<file>`, readable by its owner only, made at the
 * first call. Two processes that start at once end up with the same one.
 */
export const loadOrCreateSecret = (dataDir: string, file: 'jwt-secret' | 'secret-keys'): string => {
  const path = join(dataDir, file);
  const kept = read(path);
  if (kept !== undefined) return kept;
  mkdirSync(dataDir, { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  try {
    // link fails where the file exists already: unlike rename, it never replaces another process's secret
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  const secret = read(path);
  if (secret === undefined) throw new Error(`${path} holds no usable secret: remove it to have a new one made`);
  return secret;
};
