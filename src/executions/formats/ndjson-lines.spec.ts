import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type NdjsonRow, ndjsonRows } from './ndjson-lines.js';
import { readFile } from './read-file.js';

const rowsOf = async (chunks: Iterable<Uint8Array>, limit?: number): Promise<NdjsonRow[]> => {
  const all: NdjsonRow[] = [];
  for await (const rows of ndjsonRows(chunks, limit)) all.push(...rows);
  return all;
};
const rowsOfText = (text: string, limit?: number): Promise<NdjsonRow[]> => rowsOf([Buffer.from(text)], limit);
const codes = (rows: readonly NdjsonRow[]): (string | undefined)[] => rows.map(({ problem }) => problem?.code);

describe('ndjsonRows', () => {
  it('gives the value of each line that is not blank', async () => {
    expect(await rowsOfText('\ufeff{"a":1}\r\n\r\n  \n[2]\n"three"')).toEqual([
      { index: 0, line: 1, value: { a: 1 } },
      { index: 1, line: 4, value: [2] },
      { index: 2, line: 5, value: 'three' },
    ]);
  });

  it.each(['', '\n', '\r\n\n', ' '])('has no rows for %j', async (text) => expect(await rowsOfText(text)).toEqual([]));

  it('makes a broken line a problem of its own row', async () => {
    const rows = await rowsOfText('{"a":1}\n{"a":\n{"b":2}\n');
    expect(codes(rows)).toEqual([undefined, 'invalid_json', undefined]);
    expect(rows[1]).toMatchObject({
      index: 1,
      line: 2,
      problem: { index: 1, pointer: '', detail: expect.stringMatching(/^line 2: /) },
    });
    expect(rows[2]).toMatchObject({ index: 2, value: { b: 2 } });
  });

  it('does not take bytes that are no UTF-8', async () => {
    expect(codes(await rowsOf([Buffer.from([0x22, 0xff, 0x22, 0x0a, 0x31])]))).toEqual(['invalid_utf8', undefined]);
  });

  it('passes over a line that is too long, without keeping it', async () => {
    const chunks = Array.from({ length: 500 }, () => Buffer.alloc(100_000, 'x'));
    const before = process.memoryUsage().arrayBuffers;
    const rows = await rowsOf([Buffer.from('1\n'), ...chunks, Buffer.from('\n2')]);
    expect(codes(rows)).toEqual([undefined, 'too_large', undefined]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(80_000_000);
    expect(codes(await rowsOfText('"1234"\n"12345"\n', 6))).toEqual([undefined, 'too_large']);
  });

  it('gives the same rows wherever the stream is cut', async () => {
    const line = fc.oneof(
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.constantFrom('', ' ', '{', 'é🧪', '"é🧪"', '1\r'),
    );
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), cuts, async (lines, places) => {
        const bytes = Buffer.from(lines.join('\n'));
        const at = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(await rowsOf(chunks)).toEqual(await rowsOf([bytes]));
      }),
    );
  });
});

describe('NDJSON as a file', () => {
  const read = (text: string, name = 'x.ndjson'): ReturnType<typeof readFile> => readFile(name, Buffer.from(text));

  it('is known by its name or its lines, and numbers attempts', async () => {
    const text = '{"name":"a","status":"failed"}\n{"name":"a","status":"passed"}\n';
    for (const name of ['x.jsonl', 'unknown'])
      expect(await read(text, name)).toMatchObject([{ format: 'ndjson', results: [{ attempt: 1 }, { attempt: 2 }] }]);
  });

  it('is turned down as a whole, with its wrong lines', async () => {
    await expect(read('{"name":"a","status":"failed"}\n{"name":"a"}\n{')).rejects.toMatchObject({
      code: 'invalid_file',
      errors: [
        { pointer: '/1/status', code: 'required' },
        { pointer: '/2', code: 'invalid_json' },
      ],
    });
  });
});
