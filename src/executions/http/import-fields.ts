import { DomainError } from '../../common/index.js';

/** Fields of a run that are no text: sent as JSON, or their members as `build.id`, `metrics.coverage.lines`. */
const OBJECTS = new Set(['build', 'ci', 'attributes', 'metrics', 'resources']);
const NUMBERS = /^(workers|build\.shards?|metrics\..+|resources\..+)$/;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const wrong = (field: string, detail: string): DomainError =>
  new DomainError('invalid', 'validation_failed', 'Some fields are not valid', {
    errors: [{ pointer: `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`, detail }],
  });

const json = (field: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(field, 'must be JSON');
  }
};

const valueOf = (field: string, text: string): unknown => {
  if (!NUMBERS.test(field)) return text;
  return text.trim() === '' ? Number.NaN : Number(text);
};

const tagsOf = (text: string): unknown =>
  text.trimStart().startsWith('[')
    ? json('tags', text)
    : text
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean);

/**
 * The fields of a form as the JSON body of POST /runs would have them. Empty ones were not filled in; `tags` may be
 * repeated or comma-separated.
 * @throws DomainError 422 for JSON that is none
 */
export const bodyOfFields = (fields: readonly (readonly [string, string])[]): Record<string, unknown> => {
  const body: Record<string, unknown> = {};
  for (const [field, text] of fields) {
    const dot = field.indexOf('.');
    const parent = field.slice(0, Math.max(0, dot));
    if (FORBIDDEN.has(field) || FORBIDDEN.has(field.slice(dot + 1))) throw wrong(field, 'is not allowed');
    if (text === '') continue;
    if (field === 'tags') body.tags = [body.tags ?? [], tagsOf(text)].flat();
    else if (OBJECTS.has(field)) body[field] = json(field, text);
    else if (OBJECTS.has(parent))
      body[parent] = { ...(body[parent] as object), [field.slice(dot + 1)]: valueOf(field, text) };
    else body[field] = valueOf(field, text);
  }
  return body;
};
