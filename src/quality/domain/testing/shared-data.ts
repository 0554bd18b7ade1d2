import { readShared } from '../../../../test/support/shared-data.js';

export { hasSharedData } from '../../../../test/support/shared-data.js';

/** Rows of a semicolon-separated file of the shared data, by column name. */
export const readRows = (file: string): Record<string, string>[] => {
  const [head = '', ...lines] = readShared(file).toString('utf8').trim().split('\n');
  const names = head.trim().split(';');
  return lines.map((line) => {
    const cells = line.trim().split(';');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
};
