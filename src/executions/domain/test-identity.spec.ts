import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { resultIdOf, testIdOf } from './test-identity.js';

const PROJECT = '65f0c0ffee65f0c0ffee65f0';

describe('testIdOf', () => {
  it('is 24 hex digits of SHA-256 over project, suite, name and canonical parameters', () => {
    const text = `${PROJECT}\0shop/cart\0adds\0{"browser":"firefox","os":"linux"}`;
    const expected = createHash('sha256').update(text).digest('hex').slice(0, 24);
    const parameters = { os: 'linux', browser: 'firefox' };
    expect(testIdOf(PROJECT, { suite: 'shop/cart', name: 'adds', parameters })).toBe(expected);
  });

  it('takes no suite for the suite "" and no parameters for {}', () => {
    expect(testIdOf(PROJECT, { name: 'adds' })).toBe(testIdOf(PROJECT, { name: 'adds', suite: '', parameters: {} }));
  });

  it('tells apart what differs in project, suite, name or parameters', () => {
    const ids = [
      testIdOf(PROJECT, { name: 'adds' }),
      testIdOf('0'.repeat(24), { name: 'adds' }),
      testIdOf(PROJECT, { name: 'adds', suite: 's' }),
      testIdOf(PROJECT, { name: 'sadds' }),
      testIdOf(PROJECT, { name: 'adds', parameters: { browser: 'chrome' } }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not depend on the order of the parameters', () => {
    const parameters = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    fc.assert(
      fc.property(parameters, (given) => {
        const turned = Object.fromEntries(Object.entries(given).reverse());
        expect(testIdOf(PROJECT, { name: 'n', parameters: turned })).toBe(
          testIdOf(PROJECT, { name: 'n', parameters: given }),
        );
      }),
    );
  });
});

describe('resultIdOf', () => {
  it('begins with the start of the run in seconds and is the same for the same attempt', () => {
    const id = resultIdOf(1_700_000_000.75, 'run', 'test', 1);
    expect(id).toHaveLength(16);
    expect(id.readUInt32BE(0)).toBe(1_700_000_000);
    expect(id.subarray(4)).toEqual(createHash('sha256').update('run\0test\x001').digest().subarray(0, 12));
    expect(id.equals(resultIdOf(1_700_000_000, 'run', 'test', 2))).toBe(false);
  });

  it('sorts by time', () => {
    const seconds = fc.nat({ max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(seconds, seconds, (a, b) => {
        const order = Buffer.compare(resultIdOf(a, 'x', 't', 1), resultIdOf(b, 'y', 't', 1));
        if (a !== b) expect(order).toBe(Math.sign(a - b));
      }),
    );
  });

  it('refuses a time that does not fit', () => expect(() => resultIdOf(-1, 'r', 't', 1)).toThrow(/out of range/));
});

describe('canonicalJson', () => {
  it('is JSON of the same value', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value))),
      ),
    ));

  it('leaves out undefined members and sorts the rest', () =>
    expect(canonicalJson({ b: 1, a: [{ d: null, c: undefined }] })).toBe('{"a":[{"d":null}],"b":1}'));
});
