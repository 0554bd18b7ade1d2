import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { AHEAD_MS, EARLIEST, LIMITS } from '../domain/limits.js';
import type { ResultInput } from '../domain/model.js';
import { ResultRowDto } from '../http/dto/result-row.dto.js';
import { isMapKey, isStorable, parseInstant } from '../http/dto/row-decorators.js';
import { schemaOf } from './dto-schema.js';

export interface RowProblem {
  /** Place of the row in the request, from 0. */
  readonly index: number;
  /** RFC 6901, within the row; '' is the row itself. */
  readonly pointer: string;
  /** Stable, snake_case: one of the values of CODES, `invalid_json`, `too_large` or `invalid`. */
  readonly code: string;
  readonly detail: string;
}

export type RowVerdict =
  { readonly ok: true; readonly value: ResultInput } | { readonly ok: false; readonly problems: readonly RowProblem[] };

/** A row with a thousand unknown fields is answered with this many problems. */
const MOST_PROBLEMS = 20;

const CODES: Readonly<Record<string, string>> = {
  additionalProperties: 'unknown_field',
  required: 'required',
  type: 'wrong_type',
  enum: 'not_allowed',
  mostUnits: 'too_long',
  leastUnits: 'too_short',
  minimum: 'out_of_range',
  maximum: 'out_of_range',
  maxItems: 'too_many',
  maxProperties: 'too_many',
  propertyNames: 'forbidden_key',
  rowText: 'forbidden_text',
  resultTime: 'out_of_range',
};

const escapePointer = (segment: string): string => segment.replaceAll('~', '~0').replaceAll('/', '~1');

const pointerOf = ({ instancePath, keyword, params }: ErrorObject): string => {
  const { additionalProperty, missingProperty, propertyName } = params as Readonly<Record<string, string | undefined>>;
  const member = { additionalProperties: additionalProperty, required: missingProperty, propertyNames: propertyName }[
    keyword
  ];
  return member === undefined ? instancePath : `${instancePath}/${escapePointer(member.slice(0, LIMITS.mapKey))}`;
};

const DETAILS: Readonly<Record<string, string>> = {
  additionalProperties: 'is not a field of a result',
  required: 'is missing',
  propertyNames: `is not allowed as a key: 1 to ${LIMITS.mapKey} characters, not beginning with $, no NUL`,
  rowText: 'must not be blank, and must not hold NUL or half a surrogate pair',
  resultTime: 'must be an ISO 8601 time with a zone, from 2000-01-01 to 24 hours ahead',
};

const detailOf = ({ keyword, message, params, schema }: ErrorObject): string => {
  const { allowedValues } = params as { allowedValues?: readonly (string | null)[] };
  if (keyword === 'mostUnits') return `must have at most ${String(schema)} characters`;
  if (keyword === 'leastUnits') return `must have at least ${String(schema)} characters`;
  if (allowedValues) return `must be one of: ${allowedValues.filter((value) => value !== null).join(', ')}`;
  return DETAILS[keyword] ?? message ?? 'is not valid';
};

const withoutNulls = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([key, member]) => [key, withoutNulls(member)]));
};

/** An optional field that is null was not sent. Most rows have none, so it is looked for first. */
const hasNull = (value: unknown): boolean => {
  if (typeof value !== 'object') return false;
  if (value === null) return true;
  for (const member of Object.values(value)) if (typeof member === 'object' && hasNull(member)) return true;
  return false;
};

/** Only steps, an error or long lists can bring a row near the limit: a plain row is not measured. */
const bytesOf = ({ steps, error, tags, parameters }: ResultInput): number =>
  steps || error || parameters || (tags && tags.length > 20)
    ? Buffer.byteLength(JSON.stringify([steps, error, tags, parameters]))
    : 0;

const compile = (allErrors: boolean, latest: () => number): ValidateFunction => {
  const ajv = new Ajv({ allErrors, verbose: allErrors });
  // ajv's own maxLength counts code points; class-validator, and what the limits mean, counts UTF-16 units
  const length = { type: 'string', schemaType: 'number', errors: false } as const;
  ajv.addKeyword({ keyword: 'mostUnits', ...length, validate: (most: number, text: string) => text.length <= most });
  ajv.addKeyword({ keyword: 'leastUnits', ...length, validate: (least: number, text: string) => text.length >= least });
  ajv.addKeyword({
    keyword: 'rowText',
    type: 'string',
    schemaType: 'string',
    errors: false,
    validate: (mode: string, text: string) => isStorable(text) && (mode === 'any' || text.trim().length > 0),
  });
  ajv.addKeyword({
    keyword: 'mapKey',
    type: 'string',
    schemaType: 'boolean',
    errors: false,
    validate: (_: boolean, key: string) => isMapKey(key),
  });
  ajv.addKeyword({
    keyword: 'resultTime',
    type: 'string',
    schemaType: 'boolean',
    errors: false,
    validate: (_: boolean, text: string) => {
      const at = parseInstant(text);
      return at >= EARLIEST && at <= latest();
    },
  });
  return ajv.compile(schemaOf(ResultRowDto));
};

let latestAt = 0;
const isValid = compile(false, () => latestAt);
const findProblems = compile(true, () => latestAt);

const problemsOf = (row: unknown, index: number): RowProblem[] => {
  findProblems(row);
  return (findProblems.errors ?? [])
    .filter(({ keyword }) => keyword !== 'mapKey') // propertyNames says the same and names the key
    .slice(0, MOST_PROBLEMS)
    .map((error) => ({
      index,
      pointer: pointerOf(error),
      code: CODES[error.keyword] ?? 'invalid',
      detail: detailOf(error),
    }));
};

/**
 * Checks one row by the rules of ResultRowDto, compiled; what is null in it counts as not sent.
 * @param row plain JSON, nested at most as deep as the body parser lets through
 * @param now epoch ms: startedAt may be 24 hours ahead of it
 * @returns the row itself (a copy where it held nulls), or every problem of it, 20 at most
 */
export const validateRow = (row: unknown, index: number, now: number): RowVerdict => {
  latestAt = now + AHEAD_MS;
  if (!isValid(row)) return { ok: false, problems: problemsOf(row, index) };
  const value = (hasNull(row) ? withoutNulls(row) : row) as ResultInput;
  if (bytesOf(value) <= LIMITS.resultBytes) return { ok: true, value };
  const detail = `a result may have ${LIMITS.resultBytes} bytes at most`;
  return { ok: false, problems: [{ index, pointer: '', code: 'too_large', detail }] };
};
