import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentDisposition } from './content-disposition.js';

describe('contentDisposition', () => {
  it.each([
    ['a b.csv', 'attachment; filename="a b.csv"'],
    ['Größe "1".csv', `attachment; filename="Gro_e _1_.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.csv`],
    ['100%.csv', `attachment; filename="100_.csv"; filename*=UTF-8''100%25.csv`],
    [`it's (1)*.csv`, `attachment; filename="it's (1)*.csv"`],
    ['表.csv', `attachment; filename="_.csv"; filename*=UTF-8''%E8%A1%A8.csv`],
    ['', 'attachment; filename=""'],
  ])('of %j', (name, header) => {
    expect(contentDisposition(name)).toBe(header);
  });

  it('is one line of ASCII whatever the name, and tells the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const header = contentDisposition(name);
        expect(header).toMatch(/^attachment; filename="[ !#$&-[\]-~]*"(; filename\*=UTF-8''[\w!#$&+.^`|~%-]*)?$/);
        const [, plain = '', extended] = /filename="(.*?)"(?:; filename\*=UTF-8''(.*))?$/.exec(header) ?? [];
        expect(extended === undefined ? plain : decodeURIComponent(extended)).toBe(name.toWellFormed());
      }),
    );
  });
});
