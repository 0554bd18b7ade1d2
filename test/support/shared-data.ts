import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `shared/data` beside the checkout or beside one of the folders that it lies in. */
const findFolder = (): string | undefined => {
  for (let at = process.cwd(); ; at = dirname(at)) {
    const folder = join(at, 'shared', 'data');
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return undefined;
  }
};

const folder = findFolder();

/** A checkout without these histories skips what needs them. */
export const hasSharedData = folder !== undefined;

/** @throws Error where there is no such file */
export const sharedFile = (name: string): string => {
  if (folder === undefined) throw new Error('There is no shared/data beside this checkout');
  return join(folder, name);
};

export const readShared = (name: string): Buffer => readFileSync(sharedFile(name));
