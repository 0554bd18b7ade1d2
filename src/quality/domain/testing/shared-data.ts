import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lies beside the repository; a checkout without it skips what needs it. */
const folder = join(process.cwd(), '..', 'shared', 'data');
export const hasSharedData = existsSync(folder);

/** Rows of a semicolon-separated file of the shared data, by column name. */
export const readRows = (file: string): Record<string, string>[] => {
  const [head = '', ...lines] = readFileSync(join(folder, file), 'utf8').trim().split('\n');
  const names = head.trim().split(';');
  return lines.map((line) => {
    const cells = line.trim().split(';');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
};
