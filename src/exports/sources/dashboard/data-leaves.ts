/** One figure or text of an answer, and where in it it stands: `rows[3].cell.passRate.value`. */
export interface Leaf {
  readonly path: string;
  readonly value: number | null;
  readonly text: string | null;
}

/** Addresses say nothing outside of the service. */
const PASSED_OVER = new Set(['href']);

const leaf = (path: string, value: unknown): Leaf[] => {
  if (typeof value === 'number') return [{ path, value, text: null }];
  if (value instanceof Date) return [{ path, value: null, text: value.toISOString() }];
  if (typeof value === 'string' || typeof value === 'boolean') return [{ path, value: null, text: String(value) }];
  return value === null ? [{ path, value: null, text: null }] : [];
};

/**
 * Everything that an answer says, in its order; null for what it says is not there. Empty for an empty object or list.
 * @param value plain data, as JSON has it
 */
export const leavesOf = (value: unknown, path = ''): Leaf[] => {
  if (Array.isArray(value)) return value.flatMap((member: unknown, i) => leavesOf(member, `${path}[${i}]`));
  if (typeof value !== 'object' || value === null || value instanceof Date) return leaf(path, value);
  return Object.entries(value).flatMap(([key, member]) =>
    PASSED_OVER.has(key) ? [] : leavesOf(member, path === '' ? key : `${path}.${key}`),
  );
};
