import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../common/index.js';
import { parseJsonBody } from './json-body.js';

const problemOf = (text: string | Buffer): DomainError => {
  try {
    parseJsonBody(Buffer.from(text));
  } catch (error) {
    if (error instanceof DomainError) return error;
  }
  throw new Error('was taken');
};

describe('parseJsonBody', () => {
  it.each(['{}', '[]', '"a"', '12', '{"a":"[[[[\\"{{{"}', '\uFEFF{"a":1}', '{"constructor":"acme"}'])(
    'takes %s',
    (text) => {
      expect(parseJsonBody(Buffer.from(text))).toEqual(JSON.parse(text.replace('\uFEFF', '')));
    },
  );

  it.each(['', '{', '{"a":NaN}', 'undefined', '{"a":1}}'])('refuses %s as malformed', (text) => {
    expect(problemOf(text)).toMatchObject({ kind: 'malformed', code: 'malformed_json' });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(problemOf(Buffer.from([0x22, 0xff, 0x22])).code).toBe('malformed_json');
  });

  it('refuses what is nested too deep, whole or cut off, and takes the limit itself', () => {
    expect(problemOf('['.repeat(10_000) + ']'.repeat(10_000)).code).toBe('json_too_deep');
    expect(problemOf('{"a":'.repeat(100_000)).code).toBe('json_too_deep');
    expect(parseJsonBody(Buffer.from('['.repeat(64) + ']'.repeat(64)))).toHaveLength(1);
  });

  it('refuses more values than any document of the API has, and counts no commas of texts', () => {
    const most = 5_000_000;
    expect(problemOf(`[${'0,'.repeat(most)}0]`)).toMatchObject({ kind: 'too_large', code: 'json_too_large' });
    expect(parseJsonBody(Buffer.from(`["${','.repeat(most)}"]`))).toHaveLength(1);
  });

  it.each([
    ['{"__proto__":{"admin":true}}', '/__proto__'],
    ['{"a":[{"\\u005f\\u005fproto__":1}]}', '/a/0/__proto__'],
    ['{"constructor":{"prototype":{}}}', '/constructor'],
  ])('refuses %s with its pointer', (text, pointer) => {
    expect(problemOf(text)).toMatchObject({ code: 'forbidden_key', errors: [{ pointer }] });
  });
});
