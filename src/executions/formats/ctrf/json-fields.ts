import { invalidFile } from '../file-errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the members of one object of a JSON file; what has the wrong type is refused with its pointer. Null is absent. */
export class JsonFields {
  constructor(
    private readonly fileName: string,
    readonly pointer: string,
    private readonly object: JsonObject,
  ) {}

  /** @throws DomainError `invalid_file` when the value is no object */
  static of(fileName: string, pointer: string, value: unknown): JsonFields {
    if (!isObject(value)) throw invalidFile(fileName, 'must be an object', { pointer });
    return new JsonFields(fileName, pointer, value);
  }

  string(name: string): string | undefined {
    return this.typed(name, 'a string', (value): value is string => typeof value === 'string');
  }

  boolean(name: string): boolean | undefined {
    return this.typed(name, 'true or false', (value): value is boolean => typeof value === 'boolean');
  }

  /** Finite; some reporters write numbers as text. */
  number(name: string): number | undefined {
    const value = this.member(name);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (number === undefined) return undefined;
    if (typeof number !== 'number' || !Number.isFinite(number)) throw this.wrong(name, 'must be a number');
    return number;
  }

  /** A string, or a number as text. */
  label(name: string): string | undefined {
    const value = this.member(name);
    return typeof value === 'number' ? String(value) : this.string(name);
  }

  strings(name: string): string[] {
    const isStrings = (value: unknown): value is string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.typed(name, 'a list of strings', isStrings) ?? [];
  }

  list(name: string): readonly unknown[] | undefined {
    return this.typed(name, 'a list', (value): value is unknown[] => Array.isArray(value));
  }

  objects(name: string): JsonFields[] {
    const { fileName, pointer } = this;
    return (this.list(name) ?? []).map((item, i) => JsonFields.of(fileName, `${pointer}/${name}/${i}`, item));
  }

  /** A member that is an object; an empty one where it is absent. */
  fields(name: string): JsonFields {
    return JsonFields.of(this.fileName, `${this.pointer}/${name}`, this.member(name) ?? {});
  }

  entries(): [string, unknown][] {
    return Object.entries(this.object);
  }

  /** The error to throw for a member that is there and wrong. */
  wrong(name: string, detail: string): Error {
    return invalidFile(this.fileName, detail, { pointer: `${this.pointer}/${name}` });
  }

  private typed<T>(name: string, what: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.member(name);
    if (value === undefined) return undefined;
    if (!is(value)) throw this.wrong(name, `must be ${what}`);
    return value;
  }

  /** Own members only: a report that brings a `__proto__` of its own changes nothing. */
  member(name: string): unknown {
    return Object.hasOwn(this.object, name) ? (this.object[name] ?? undefined) : undefined;
  }
}
