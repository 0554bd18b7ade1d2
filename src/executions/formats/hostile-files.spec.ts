import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { DomainError } from '../../common/index.js';
import { LIMITS } from '../domain/limits.js';
import { FORMAT_IDS, type FormatId, type ParsedFile } from './format-reader.js';
import { readFile } from './read-file.js';
import { validateRow } from './row-validator.js';

type Bytes = Buffer | string;
const read = (bytes: Bytes, format: FormatId | 'auto' = 'auto'): Promise<ParsedFile[]> =>
  readFile('upload', Buffer.from(bytes as string), format);

const refused = async (bytes: Bytes, code: string, format: FormatId | 'auto' = 'auto'): Promise<void> => {
  const error: unknown = await read(bytes, format).then(
    () => new Error('was taken'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DomainError);
  expect(error).toMatchObject({ code });
};

describe('hostile XML', () => {
  it('nested 10,000 deep', () => refused('<testsuite>'.repeat(10_000), 'invalid_file'));
  it('nested 10,000 deep and closed', () =>
    refused('<testsuite>'.repeat(10_000) + '</testsuite>'.repeat(10_000), 'invalid_file'));
  it('a million attributes', () =>
    refused(`<testsuite ${Array.from({ length: 1_000_000 }, (_, i) => `a${i}=""`).join(' ')}/>`, 'invalid_file'));
  it('an entity of its own', () => refused('<!DOCTYPE a [<!ENTITY x "y">]><testsuite name="&x;"/>', 'invalid_file'));
  it('a DTD that never ends', () => refused(`<!DOCTYPE a [${'<!ENTITY x "y">'.repeat(100_000)}`, 'invalid_file'));
  it('a parameter entity', () =>
    refused('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x.dtd"> %x;]><testsuite/>', 'invalid_file'));
  it('an attribute of 10 MB is cut', async () => {
    const [file] = await read(`<testsuite><testcase name="${'x'.repeat(10_000_000)}"/></testsuite>`);
    expect(file?.results[0]?.name.length).toBeLessThanOrEqual(LIMITS.name);
  });
  it('output of 20 MB is passed over', async () => {
    const [file] = await read(
      `<testsuite><testcase name="a"><system-out>${'x'.repeat(20_000_000)}</system-out></testcase></testsuite>`,
    );
    expect(JSON.stringify(file).length).toBeLessThan(1_000);
  });
  it('names that reach for a prototype', async () => {
    const [file] = await read(
      '<testsuite __proto__="x" constructor="y"><constructor/><toString>t</toString><properties><property name="__proto__" value="z"/></properties><testcase name="a"><valueOf/><hasOwnProperty>x</hasOwnProperty></testcase></testsuite>',
    );
    expect(file).toMatchObject({ results: [{ name: 'a', status: 'passed' }], run: {} });
  });
});

describe('hostile JSON', () => {
  it('nested 10,000 deep', () => refused(`{"results":${'['.repeat(10_000)}`, 'invalid_file'));
  it('nested 10,000 deep and closed', () =>
    refused(`{"results":{"tests":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`, 'invalid_file'));
  it('numbers that are none', () =>
    refused('{"results":{"tests":[{"name":"a","status":"passed","duration":NaN}]}}', 'invalid_file'));
  it('a duration without end', () =>
    refused('{"results":{"tests":[{"name":"a","status":"passed","duration":1e999}]}}', 'invalid_file'));
  it('a million retries are bounded', async () => {
    const [file] = await read('{"results":{"tests":[{"name":"a","status":"failed","retries":1000000}]}}');
    expect(file?.results).toHaveLength(101);
    expect(file?.warnings).toEqual(['more than 100 retries']);
  });
});

describe('hostile bytes', () => {
  it('an empty file', () => refused('', 'invalid_file'));
  it('only spaces', () => refused('  \n ', 'unknown_format'));
  it('binary junk', () =>
    refused(Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7919) % 251)), 'unknown_format'));
  it('too large', () => refused(Buffer.alloc(LIMITS.fileBytes + 1, 0x20), 'file_too_large'));
  it('broken gzip', () => refused(gzipSync('<testsuite/>').subarray(0, 20), 'invalid_file'));
  it('an empty gzip', () => refused(gzipSync(''), 'invalid_file'));
  it('gzip within gzip', () => refused(gzipSync(gzipSync('<testsuite/>')), 'unknown_format'));

  it('a gzip bomb stays within the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(LIMITS.fileBytes + 10_000_000));
    const before = process.memoryUsage().rss;
    await refused(bomb, 'file_too_large');
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });

  it.each(['utf16le', 'utf-16be', 'utf8'] as const)('%s with a byte order mark', async (encoding) => {
    const text = '\ufeff<?xml version="1.0" encoding="UTF-16"?><testsuite name="ü"><testcase name="🧪"/></testsuite>';
    const bytes = encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, encoding);
    expect(await read(bytes)).toMatchObject([{ results: [{ suite: 'ü', name: '🧪' }] }]);
  });

  it('Latin-1 as declared', async () => {
    const bytes = Buffer.from(
      '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="ü"><testcase name="a"/></testsuite>',
      'latin1',
    );
    expect(await read(bytes)).toMatchObject([{ results: [{ suite: 'ü' }] }]);
  });

  it('takes what is not valid UTF-8 with replacement characters', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<testsuite name="'),
      Buffer.from([0xff]),
      Buffer.from('"><testcase name="a"/></testsuite>'),
    ]);
    expect(await read(bytes)).toMatchObject([{ results: [{ suite: '\ufffd' }] }]);
  });
});

const isFine = async (bytes: Buffer, format: FormatId | 'auto'): Promise<void> => {
  let files: ParsedFile[] = [];
  try {
    files = await readFile('upload', bytes, format);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
  }
  for (const { results } of files)
    for (const result of results) {
      const row = { ...result, startedAt: null }; // its range is the validator's matter
      expect(validateRow(row, 0, 0).ok).toBe(true);
    }
};

describe('whatever comes', () => {
  const format = fc.constantFrom<FormatId | 'auto'>('auto', ...FORMAT_IDS);

  it('bytes: a DomainError, or results that pass the row validator', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), format, (bytes, id) => isFine(Buffer.from(bytes), id)),
      { numRuns: 300 },
    ));

  it('JUnit with any texts', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const escape = (raw: string): string =>
      raw.toWellFormed().replace(/[<>&"'\p{Cc}\ufffe\uffff]/gu, (c) => (c < ' ' ? ' ' : `&#${c.codePointAt(0)!};`));
    return fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 8, maxLength: 8 }), (raw) => {
        const [a, b, c, d, e, f, g, h] = raw.map(escape);
        const xml = `<testsuite name="${a}" timestamp="${b}"><testcase name="${c}" classname="${d}" time="${e}" file="${f}"><failure message="${g}" type="${h}">${a}</failure></testcase></testsuite>`;
        return isFine(Buffer.from(xml), 'junit');
      }),
    );
  });

  it('CTRF with any values', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), fc.constant(undefined));
    const test = fc.record({
      name: fc.string({ unit: 'binary', minLength: 1 }),
      status: fc.constantFrom('passed', 'failed', 'other'),
      duration: value,
      start: value,
      suite: value,
      tags: value,
      parameters: value,
      steps: value,
      retries: value,
      message: value,
      browser: value,
    });
    return fc.assert(
      fc.asyncProperty(fc.array(test, { maxLength: 3 }), (tests) =>
        isFine(Buffer.from(JSON.stringify({ results: { tests } })), 'ctrf'),
      ),
      { numRuns: 300 },
    );
  });
});
