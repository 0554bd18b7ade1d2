/**
 * The shape of a DTO or schema class without the class: what mappers return and repositories write, since nobody
 * constructs response classes (they only describe the answer in the OpenAPI document).
 */
export type Plain<T> = T extends Date | Buffer | ((...args: never[]) => unknown)
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;
