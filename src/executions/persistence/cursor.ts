import { decodeCursor, DomainError } from '../../common/index.js';

interface KeyTypes {
  readonly number: number;
  readonly string: string;
}

/**
 * The sort keys of a cursor, each of its type: a cursor comes from the client, and may hold anything.
 * @throws DomainError 422 `invalid_cursor`
 */
export const cursorKeys = <const T extends readonly (keyof KeyTypes)[]>(
  cursor: string,
  ...types: T
): { [I in keyof T]: KeyTypes[T[I]] } => {
  const keys = decodeCursor(cursor, types.length);
  if (keys.every((key, index) => typeof key === types[index]))
    return keys as unknown as { [I in keyof T]: KeyTypes[T[I]] };
  throw new DomainError('invalid', 'invalid_cursor', 'The cursor is not one that this list gave out', {
    errors: [{ pointer: '/cursor', detail: 'must be the nextCursor of the page before' }],
  });
};
