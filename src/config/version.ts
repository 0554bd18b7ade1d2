import { readFileSync } from 'node:fs';

/** The nearest package.json above this file: compiled code lies at more than one depth. */
const readVersion = (folder: URL): string => {
  try {
    return (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as { version: string }).version;
  } catch (error) {
    const parent = new URL('../', folder);
    if (parent.href === folder.href) throw error;
    return readVersion(parent);
  }
};

/** Of the service, as in package.json. */
export const VERSION = readVersion(new URL('./', import.meta.url));
