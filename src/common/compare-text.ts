/** By UTF-16 code units, as MongoDB sorts plain ASCII: the same order on every machine, whatever its locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
