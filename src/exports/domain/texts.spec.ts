import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseColumns } from './columns.js';
import { dateFormatter, isLocale, wallClock } from './date-format.js';
import { figureText, keyFigure } from './figure-text.js';
import { fileNameOf } from './file-name.js';

describe('fileNameOf', () => {
  it.each([
    ['Failures of last week', 'Failures of last week.csv'],
    ['../../etc/passwd', 'etc passwd.csv'],
    ['a\r\nb:c*?"<>|d', 'a b c d.csv'],
    ['  .hidden', 'hidden.csv'],
    ['größe 表', 'größe 表.csv'],
    ['???', 'export.csv'],
    ['', 'export.csv'],
  ])('of %j', (name, file) => {
    expect(fileNameOf(name, 'csv')).toBe(file);
  });

  it('is never a path, and short', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const file = fileNameOf(name, 'csv');
        expect(file).toMatch(/^[^./\\][^/\\]*\.csv$/);
        expect(file.length).toBeLessThanOrEqual(124);
        expect(file.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('dates', () => {
  const at = new Date('2026-03-29T00:59:59.500Z');

  it('have the offset of their zone, also where clocks change', () => {
    expect(dateFormatter('UTC')(at)).toBe('2026-03-29T00:59:59.500Z');
    const berlin = dateFormatter('Europe/Berlin');
    expect(berlin(at)).toBe('2026-03-29T01:59:59.500+01:00');
    expect(berlin(new Date(at.getTime() + 500))).toBe('2026-03-29T03:00:00.000+02:00');
    expect(dateFormatter('Asia/Kolkata', 'en-GB')(at)).toBe('29/03/2026, 06:29:59');
  });

  it('read as the clock on the wall where a format knows no zones', () => {
    expect(wallClock('UTC')(at)).toBe(at);
    expect(wallClock('Europe/Berlin')(at)).toEqual(new Date('2026-03-29T01:59:59.500Z'));
  });

  it('take language tags', () => {
    expect(['de-DE', 'en', 'zh-Hant-TW', 'not a locale', '', 7, 'x'.repeat(50)].map(isLocale)).toEqual([
      ...[true, true, true, false, false, false, false],
    ]);
  });
});

describe('figures', () => {
  it.each([
    [null, 'ratio', '–'],
    [Number.NaN, 'count', '–'],
    [0.9649, 'ratio', '96.5 %'],
    [1_234_567.4, 'count', '1,234,567'],
    [950, 'ms', '950 ms'],
    [1_500, 'ms', '1.5 s'],
    [90_000, 'ms', '1.5 min'],
    [7_200_000, 'ms', '2 h'],
    [0.12345, 'number', '0.123'],
  ] as const)('%d as %s', (value, unit, text) => {
    expect(figureText(value, unit)).toBe(text);
  });

  it('tell a change, and whether it is a good one', () => {
    expect(keyFigure('P', 'ratio', 0.95, 0.9, 'up')).toMatchObject({ change: '+5.0 pp', better: true });
    expect(keyFigure('F', 'count', 9, 4, 'down')).toMatchObject({ change: '+5', better: false });
    expect(keyFigure('E', 'count', 4, 9, 'none')).toMatchObject({ change: '−5', better: null });
    expect(keyFigure('P', 'ratio', 0.90001, 0.9, 'up')).toMatchObject({ change: 'unchanged', better: null });
    expect(keyFigure('P', 'ratio', 0.9, null, 'up')).toEqual({ label: 'P', value: '90.0 %' });
  });
});

describe('chooseColumns', () => {
  const all = ['a', 'b', 'c'].map((key) => ({ key, title: key, type: 'text', description: key }) as const);
  const keysOf = (wanted?: string[]): string[] => chooseColumns(all, wanted, ['b']).map(({ key }) => key);

  it('keeps the order asked for; nothing asked for is the default', () => {
    expect([keysOf(['c', 'a']), keysOf(), keysOf([])]).toEqual([['c', 'a'], ['b'], ['b']]);
  });

  it.each([
    [['a', 'x'], '/columns/1'],
    [['a', 'b', 'a'], '/columns/2'],
  ])('refuses %j', (wanted, pointer) => {
    expect(() => keysOf(wanted)).toThrow(
      expect.objectContaining({ code: 'unknown_column', errors: [expect.objectContaining({ pointer })] }),
    );
  });
});
