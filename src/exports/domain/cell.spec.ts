import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inert } from './cell.js';

const STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];
const SPACES = ['', ' ', '\u00a0', '\u3000', '\u200b', '\ufeff'];

describe('inert', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['  @SUM(A1)', "'  @SUM(A1)"],
    ['\u00a0＝1', "'\u00a0＝1"],
    ['\tx', "'\tx"],
    ['-', "'-"],
    ['', ''],
    ['a=1', 'a=1'],
    ["'=1", "'=1"],
    ['1-2', '1-2'],
  ])('makes of %j %j', (text, safe) => {
    expect(inert(text)).toBe(safe);
  });

  it('lets nothing begin as a formula does, and changes nothing else', () => {
    const text = fc
      .tuple(fc.constantFrom(...SPACES), fc.constantFrom('', ...STARTS), fc.string())
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const safe = inert(given);
        const begin = safe.replace(/^[\p{Zs}\u200b\u2060\ufeff]+/u, '').charAt(0);
        expect(STARTS).not.toContain(begin);
        expect([given, `'${given}`]).toContain(safe);
        expect(inert(safe)).toBe(safe);
      }),
    );
  });
});
