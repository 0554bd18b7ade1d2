import { isUtf8 } from 'node:buffer';
import { DomainError } from '../common/index.js';

/** Deeper than any document of the API; everything that walks a body recursively may rely on it. */
const DEEPEST = 64;
/** Several times what a body of results of the largest size has: parsed, the smallest values take twenty times their bytes. */
const MOST_VALUES = 5_000_000;
const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const COMMA = 0x2c;
/** `__proto__` and `constructor`, escapes included: only then is a body searched key by key. */
const SUSPICIOUS = /__proto__|constructor|prototype|\\u00/;
const FORBIDDEN = new Set(['__proto__', 'prototype']);

const malformed = (code: string, detail: string, pointer?: string): DomainError =>
  new DomainError('malformed', code, detail, pointer === undefined ? {} : { errors: [{ pointer, detail }] });

/**
 * Reads a JSON body.
 * @throws DomainError 400 `malformed_json`, `json_too_deep`, `forbidden_key`; 413 `json_too_large`
 */
export const parseJsonBody = (body: Buffer): unknown => {
  if (body.length === 0) throw malformed('malformed_json', 'The body is empty: a JSON document is expected');
  if (!isUtf8(body)) throw malformed('malformed_json', 'The body is not valid UTF-8');
  assertBounded(body);
  const text = body.toString('utf8').replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed('malformed_json', `The body is not valid JSON: ${(error as Error).message}`);
  }
  const found = SUSPICIOUS.test(text) ? forbiddenKey(value, '') : undefined;
  if (found !== undefined) throw malformed('forbidden_key', 'This key is not allowed', found);
  return value;
};

/**
 * Counts brackets and commas outside of strings, before the parser spends memory on them.
 * @throws DomainError 400 `json_too_deep`, 413 `json_too_large`
 */
const assertBounded = (body: Buffer): void => {
  let [depth, commas] = [0, 0];
  let inString = false;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA) commas += 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > DEEPEST) throw malformed('json_too_deep', `JSON may be nested ${DEEPEST} levels deep at most`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  if (commas >= MOST_VALUES) throw new DomainError('too_large', 'json_too_large', TOO_MANY);
};

const TOO_MANY = `JSON may have ${MOST_VALUES.toLocaleString('en')} values at most`;

/** The pointer of the first key that could reach an object's prototype when somebody copies the body. */
const forbiddenKey = (value: unknown, pointer: string): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const reaches = key === 'constructor' && typeof member === 'object' && member !== null && 'prototype' in member;
    if (FORBIDDEN.has(key) || reaches) return at;
    const below = forbiddenKey(member, at);
    if (below !== undefined) return below;
  }
  return undefined;
};
