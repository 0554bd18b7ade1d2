/** Without the members that are undefined: what a file does not say is left out, not stored as undefined. */
export const defined = <T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries<unknown>(members).filter(([, value]) => value !== undefined)) as Partial<T>;
