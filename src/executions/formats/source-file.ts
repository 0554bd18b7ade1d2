import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DomainError } from '../../common/index.js';
import { LIMITS } from '../domain/limits.js';
import { fileTooLarge, invalidFile } from './file-errors.js';

const SLICE = 64 * 1024;
const HEAD = 4_096;
const UNZIP_CHUNK = 256 * 1024;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** @param onBytes is waited for before more is unpacked: a bomb never takes more memory than it lets in */
const inflate = async (
  name: string,
  bytes: Uint8Array,
  onBytes: (count: number) => Promise<void>,
): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  let length = 0;
  const unzip = createGunzip({ chunkSize: UNZIP_CHUNK });
  unzip.end(bytes);
  try {
    for await (const chunk of unzip as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LIMITS.fileBytes) throw fileTooLarge(name, `unpacked it has more than ${LIMITS.fileBytes} bytes`);
      await onBytes(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw invalidFile(name, `not a whole gzip file (${(error as Error).message})`);
  }
  return Buffer.concat(chunks);
};

const MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** A byte order mark decides, then what an XML declaration says, else UTF-8. */
const encodingOf = (bytes: Uint8Array): string => {
  const marked = MARKS.find(([, mark]) => mark.every((byte, i) => bytes[i] === byte));
  if (marked) return marked[0];
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1');
  const declared = /^\s*<\?xml[^>]{0,150}?\bencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start)?.[1]?.toLowerCase();
  // the declaration itself could be read as bytes, so it is no UTF-16 whatever it says
  return declared === undefined || declared.startsWith('utf-16') ? 'utf-8' : declared;
};

const decoderOf = (bytes: Uint8Array): TextDecoder => {
  try {
    return new TextDecoder(encodingOf(bytes));
  } catch {
    return new TextDecoder('utf-8');
  }
};

/** The unpacked bytes of a file, read as text. What is not valid in its encoding becomes U+FFFD. */
export class SourceFile {
  private constructor(
    readonly name: string,
    readonly bytes: Uint8Array,
  ) {}

  /**
   * Unpacks gzip, in a thread, once.
   * @param onBytes is told of the unpacked bytes before they are kept, and may stop it by throwing a DomainError
   * @throws DomainError `file_too_large` over 100 MB, packed or unpacked; `invalid_file` when it is empty or broken gzip
   */
  static async open(
    name: string,
    bytes: Uint8Array,
    onBytes: (count: number) => Promise<void> = () => Promise.resolve(),
  ): Promise<SourceFile> {
    if (bytes.length > LIMITS.fileBytes) throw fileTooLarge(name, `it has more than ${LIMITS.fileBytes} bytes`);
    const isPacked = isGzip(bytes);
    if (!isPacked) await onBytes(bytes.length);
    const unpacked = isPacked ? await inflate(name, bytes, onBytes) : bytes;
    if (unpacked.length === 0) throw invalidFile(name, 'the file is empty');
    return new SourceFile(name, unpacked);
  }

  /** The name without folders, `.gz` and the ending. */
  get stem(): string {
    const base = this.name.split(/[\\/]/).at(-1) ?? '';
    return base.replace(/\.gz$/i, '').replace(/\.[A-Za-z0-9]{1,10}$/, '') || 'file';
  }

  get head(): string {
    return decoderOf(this.bytes)
      .decode(this.bytes.subarray(0, HEAD * 2))
      .slice(0, HEAD);
  }

  text(): string {
    return decoderOf(this.bytes).decode(this.bytes);
  }

  /** The text in pieces of 64 KB, for parsers that work as it comes. */
  *slices(): Generator<string> {
    const decoder = decoderOf(this.bytes);
    for (let at = 0; at < this.bytes.length; at += SLICE)
      yield decoder.decode(this.bytes.subarray(at, at + SLICE), { stream: true });
    yield decoder.decode();
  }
}
