import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import readXlsxFile from 'read-excel-file/node';
import type { Row } from '../domain/cell.js';
import { xlsxWriter } from './xlsx-writer.js';

async function* rows(): AsyncGenerator<readonly Row[]> {
  yield await Promise.resolve([['a']]);
}

const sheetsOf = async (name: string): Promise<string[]> => {
  const columns = [{ key: 'test', title: 'Test', type: 'text', description: '' } as const];
  const written = xlsxWriter(rows(), { columns, timeZone: 'UTC', name, facts: {} });
  return (await readXlsxFile(await buffer(Readable.from(written)))).map(({ sheet }) => sheet);
};

describe('the name of a sheet', () => {
  it.each([
    ['Weekly results', 'Weekly results'],
    ['History', 'History export'],
    [' hISTORY/ ', 'hISTORY export'],
    ["\u0001'History'", 'History export'],
    ['History of alerts', 'History of alerts'],
    ["'quoted'", 'quoted'],
    ['a[b]:c*d?e/f\\g\r\n\th', 'a b c d e f g h'],
    ['[]', 'Export'],
    ['', 'Export'],
    ['x'.repeat(200), 'x'.repeat(29)],
    [`${'x'.repeat(28)}😀`, 'x'.repeat(28)],
  ])('of %j is %j', async (name, sheet) => {
    expect(await sheetsOf(name)).toEqual([sheet]);
  });

  it('is one that Excel takes, whatever the export is called', async () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom('history', 'H', "'", '/', ' ', '[', '😀', '\0', 'x'.repeat(15)),
        maxLength: 6,
      }),
    );
    await fc.assert(
      fc.asyncProperty(name, async (text) => {
        const [sheet = ''] = await sheetsOf(text);
        expect(sheet).toMatch(/^[^[\]:*?/\\]{1,31}$/);
        expect(sheet).not.toMatch(/^'|'$|^history$/i);
        expect(sheet.isWellFormed()).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
