import { ValidateBy, type ValidationOptions } from 'class-validator';
import { AHEAD_MS, EARLIEST, LIMITS } from '../../domain/limits.js';

/** NUL breaks C strings and BSON keys; a lone surrogate cannot be stored as UTF-8. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** Keys of a client's own map: not empty, no operator (`$where`), nothing that reaches a prototype; dots are fine. */
export const isMapKey = (key: string): boolean =>
  key.length > 0 && key.length <= LIMITS.mapKey && !key.startsWith('$') && !FORBIDDEN_KEYS.has(key) && isStorable(key);

const INSTANT = /^\d{4}-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Epoch ms of an ISO 8601 time with a zone; NaN for anything else, a 30th of February included. */
export const parseInstant = (text: string): number => {
  const [, month, day] = INSTANT.exec(text) ?? [];
  if (month === undefined || day === undefined) return Number.NaN;
  if (day > '28' && Number(day) > new Date(Date.UTC(Number(text.slice(0, 4)), Number(month), 0)).getUTCDate())
    return Number.NaN;
  return Date.parse(text);
};

export const isResultTime = (value: unknown, now: number): boolean => {
  if (typeof value !== 'string') return false;
  const at = parseInstant(value);
  return at >= EARLIEST && at <= now + AHEAD_MS;
};

/** The constraints stand in the metadata, where `dto-schema.ts` reads them to compile the same rule. */
const rule = (
  name: string,
  constraints: readonly unknown[],
  validate: (value: unknown) => boolean,
  message: string,
  options?: ValidationOptions,
): PropertyDecorator =>
  ValidateBy(
    {
      name,
      constraints: [...constraints],
      validator: { validate, defaultMessage: () => `${options?.each ? 'each item ' : ''}${message}` },
    },
    options,
  );

/** A string of at most `max` characters without NUL and lone surrogates; with `min` 1 not blank either. */
export const IsRowText = (max: number, min = 0, options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isRowText',
    [max, min],
    (value) =>
      typeof value === 'string' &&
      value.length <= max &&
      isStorable(value) &&
      (min === 0 || value.trim().length >= min),
    `must be a text of ${min} to ${max} characters without NUL${min > 0 ? ', not blank' : ''}`,
    options,
  );

/** ISO 8601 with a zone, from 2000-01-01 to 24 hours ahead. */
export const IsResultTime = (): PropertyDecorator =>
  rule(
    'isResultTime',
    [],
    (value) => isResultTime(value, Date.now()),
    'must be an ISO 8601 time with a zone, from 2000-01-01 to 24 hours ahead',
  );

const entriesOf = (value: unknown): [string, unknown][] | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : undefined;

const isMapOf = (value: unknown, maxEntries: number, isMember: (member: unknown) => boolean): boolean => {
  const entries = entriesOf(value);
  return (
    entries !== undefined &&
    entries.length <= maxEntries &&
    entries.every(([key, member]) => isMapKey(key) && isMember(member))
  );
};

/** An object of texts, of at most `maxEntries` keys. */
export const IsTextMap = (maxEntries: number): PropertyDecorator =>
  rule(
    'isTextMap',
    [maxEntries, LIMITS.mapValue],
    (value) =>
      isMapOf(
        value,
        maxEntries,
        (member) => typeof member === 'string' && member.length <= LIMITS.mapValue && isStorable(member),
      ),
    `must be an object of at most ${maxEntries} texts; keys do not begin with $`,
  );

/** An object of finite numbers, of at most `maxEntries` keys. */
export const IsNumberMap = (maxEntries: number): PropertyDecorator =>
  rule(
    'isNumberMap',
    [maxEntries],
    (value) => isMapOf(value, maxEntries, (member) => typeof member === 'number' && Number.isFinite(member)),
    `must be an object of at most ${maxEntries} numbers; keys do not begin with $`,
  );
