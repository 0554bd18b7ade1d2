import { invalid } from '../../common/index.js';
import type { Column } from './cell.js';

/**
 * The columns asked for, in the order asked for; those of the source by default.
 * @throws DomainError 422 `unknown_column` for one that the source does not have or that stands there twice
 */
export const chooseColumns = <T extends Column>(
  all: readonly T[],
  wanted: readonly string[] | undefined,
  byDefault: readonly string[],
): T[] => {
  const byKey = new Map(all.map((column) => [column.key, column]));
  const keys = wanted && wanted.length > 0 ? wanted : byDefault;
  return keys.map((key, index) => {
    const column = byKey.get(key);
    if (column && keys.indexOf(key) === index) return column;
    const detail = column ? 'stands there twice' : `must be one of: ${all.map((known) => known.key).join(', ')}`;
    throw invalid('unknown_column', `Column ${JSON.stringify(key)} cannot be exported`, [
      { pointer: `/columns/${index}`, detail },
    ]);
  });
};
