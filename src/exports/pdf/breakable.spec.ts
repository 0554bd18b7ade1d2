import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { breakable } from './breakable.js';

const piecesOf = (text: string): string[] => breakable(text).split(/[ \u200b]/);

describe('breakable', () => {
  it('breaks after the separators of a path, and leaves short words alone', () => {
    expect(piecesOf('src/checkout/cart/add-to-cart.test.ts fails')).toEqual([
      ...['src/', 'checkout/', 'cart/', 'add-', 'to-', 'cart.', 'test.', 'ts', 'fails'],
    ]);
    expect(breakable('')).toBe('');
  });

  it.each(['-'.repeat(80), `a${'-'.repeat(80)}`, '/'.repeat(40), '='.repeat(80), `${'_'.repeat(30)}x`])(
    'breaks a line of %s',
    (line) => {
      expect(Math.max(...piecesOf(line).map(({ length }) => length))).toBeLessThanOrEqual(24);
    },
  );

  it('says all of a text, whatever is in it, in pieces that fit a cell', () => {
    const unit = fc.constantFrom('a', '-', '.', '/', ':', '_', ' ', '=', '表', '😀', '\t', '\n', 'abcdefgh');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 100 }), (text) => {
        expect(breakable(text, 1_000).replaceAll('\u200b', '')).toBe(text.replaceAll(/\s/g, ' '));
        expect(breakable(text, 1_000)).not.toMatch(/[^ \u200b]{25}/u);
      }),
    );
  });
});
