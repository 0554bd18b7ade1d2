import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync, inflateRaw } from 'node:zlib';
import type { ReportBody } from '../domain/report-body.js';

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

/** Magic, deflate, no flags, no time, no level, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/**
 * The figures of a report as the bytes that are sent: the JSON of its members from the first comma on
 * (`,"totals":...}`), plain and deflated, so that a report that is asked for again is neither serialised nor compressed
 * again. The members before them (id, age, `cached`) differ by answer and are short.
 */
export class PackedBody {
  /** Only while it is in use: thousands of rows of each report in memory would be the collector's work. */
  private parsed: WeakRef<ReportBody> | undefined;

  private constructor(
    private readonly tail: Buffer,
    /** Raw deflate of `tail`: what is stored. */
    readonly deflated: Buffer,
  ) {}

  static async pack(body: ReportBody): Promise<PackedBody> {
    const tail = Buffer.from(`,${JSON.stringify(body).slice(1)}`);
    const packed = new PackedBody(tail, await compress(tail, { level: constants.Z_BEST_SPEED }));
    packed.parsed = new WeakRef(body);
    return packed;
  }

  static async unpack(deflated: Buffer): Promise<PackedBody> {
    return new PackedBody(await decompress(deflated), deflated);
  }

  get body(): ReportBody {
    const known = this.parsed?.deref();
    if (known) return known;
    const body = JSON.parse(`{${this.tail.toString('utf8', 1)}`) as ReportBody;
    this.parsed = new WeakRef(body);
    return body;
  }

  /** What keeping it takes of memory. */
  get bytes(): number {
    return this.tail.length + this.deflated.length;
  }

  /** The whole answer as JSON. @param head JSON of an object with at least one member */
  json(head: string): Buffer {
    return Buffer.concat([Buffer.from(head.slice(0, -1)), this.tail]);
  }

  /** The same as one gzip member: a block for the head, then the blocks that are there already (RFC 1951, 1952). */
  gzip(head: string): Buffer {
    const begin = Buffer.from(head.slice(0, -1));
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(crc32(this.tail, crc32(begin)), 0);
    trailer.writeUInt32LE((begin.length + this.tail.length) % 2 ** 32, 4);
    const first = deflateRawSync(begin, { finishFlush: constants.Z_SYNC_FLUSH });
    return Buffer.concat([GZIP_HEADER, first, this.deflated, trailer]);
  }
}
