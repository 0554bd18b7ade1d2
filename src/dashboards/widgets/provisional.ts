/** Beside the data and not in it: what a widget answers is its public contract. */
const PROVISIONAL = new WeakSet<object>();

/** Marks data that will be other data without a newer commit: it is shown, and not kept. */
export const provisional = <T extends object>(data: T): T => {
  PROVISIONAL.add(data);
  return data;
};

export const isProvisional = (data: object): boolean => PROVISIONAL.has(data);
