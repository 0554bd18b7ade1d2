import { isUtf8 } from 'node:buffer';
import { LIMITS } from '../domain/limits.js';
import type { RowProblem } from './row-validator.js';

/** A result of 1 MB and what JSON may spend on escapes and spaces around it. */
export const LINE_BYTES = LIMITS.resultBytes + 64 * 1024;

/** A line that is not blank: its JSON value, or why there is none. `index` counts such lines from 0, `line` all from 1. */
export type NdjsonRow =
  | { readonly index: number; readonly line: number; readonly value: unknown; readonly problem?: undefined }
  | { readonly index: number; readonly line: number; readonly problem: RowProblem };

const NEWLINE = 0x0a;
const BOM = '\ufeff';

class LineReader {
  private index = 0;
  private line = 0;
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private isSkipping = false;

  constructor(private readonly limit: number) {}

  /** The rows that end within the chunk. */
  take(chunk: Buffer): NdjsonRow[] {
    const rows: NdjsonRow[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      this.keep(chunk.subarray(start, end));
      this.finish(rows);
      start = end + 1;
    }
    // a copy: the chunk may be a view of a buffer that its stream uses again
    this.keep(Buffer.from(chunk.subarray(start)));
    return rows;
  }

  /** The last line where no line feed follows it. */
  rest(): NdjsonRow[] {
    const rows: NdjsonRow[] = [];
    if (this.keptBytes > 0) this.finish(rows);
    return rows;
  }

  private keep(part: Buffer): void {
    this.keptBytes += part.length;
    this.isSkipping ||= this.keptBytes > this.limit;
    if (this.isSkipping) this.kept = [];
    else if (part.length > 0) this.kept.push(part);
  }

  private finish(rows: NdjsonRow[]): void {
    this.line += 1;
    const bytes = this.kept.length === 1 ? this.kept[0]! : Buffer.concat(this.kept);
    const isTooLong = this.isSkipping;
    this.kept = [];
    this.keptBytes = 0;
    this.isSkipping = false;
    if (isTooLong) rows.push(this.problem('too_large', `a line may have ${this.limit} bytes at most`));
    else if (isUtf8(bytes)) this.parse(bytes.toString('utf8'), rows);
    else rows.push(this.problem('invalid_utf8', 'the line is not valid UTF-8'));
  }

  private parse(raw: string, rows: NdjsonRow[]): void {
    const text = this.line === 1 && raw.startsWith(BOM) ? raw.slice(1) : raw;
    if (text.trim() === '') return;
    try {
      const value = JSON.parse(text) as unknown;
      rows.push({ index: this.index, line: this.line, value });
      this.index += 1;
    } catch (error) {
      rows.push(this.problem('invalid_json', (error as Error).message.slice(0, 200)));
    }
  }

  private problem(code: string, detail: string): NdjsonRow {
    const index = this.index;
    this.index += 1;
    return { index, line: this.line, problem: { index, pointer: '', code, detail: `line ${this.line}: ${detail}` } };
  }
}

/**
 * The rows of an NDJSON stream, one list per chunk of it, never empty. Takes CRLF, blank lines, a byte order mark and a last line
 * without an end; a line that is too long, not UTF-8 or not JSON is a problem of its own row. Holds one line at most.
 * @param limit bytes of a line
 */
export async function* ndjsonRows(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limit = LINE_BYTES,
): AsyncGenerator<readonly NdjsonRow[]> {
  const reader = new LineReader(limit);
  for await (const chunk of source) {
    const rows = reader.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    if (rows.length > 0) yield rows;
  }
  const rest = reader.rest();
  if (rest.length > 0) yield rest;
}
