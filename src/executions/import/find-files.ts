import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const REPORT = /\.(?:xml|json|csv|ndjson|jsonl)(?:\.gz)?$/i;

/**
 * The files that are meant: a folder stands for the reports in it, at any depth, by name.
 * @throws Error for a path that is not there
 */
export const findFiles = async (paths: readonly string[]): Promise<string[]> => {
  const found = await Promise.all(
    paths.map(async (path) => {
      if (!(await stat(path)).isDirectory()) return [path];
      const entries = await readdir(path, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile() && REPORT.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
    }),
  );
  return [...new Set(found.flat())];
};
