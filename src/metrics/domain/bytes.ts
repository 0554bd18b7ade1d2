/** Growing byte buffer with LEB128 varints (up to 2^53) and UTF-8 strings: what the packed documents are made of. */
export class ByteWriter {
  private buffer = Buffer.allocUnsafe(1024);
  private size = 0;

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.size++] = value;
  }

  /** @param value an integer in 0..2^53-1 */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.size++] = (rest & 0x7f) | 0x80;
      rest = rest > 0x7fffffff ? Math.floor(rest / 128) : rest >>> 7;
    }
    this.buffer[this.size++] = rest;
  }

  /** @param value an integer in -2^52..2^52, zigzag coded */
  signed(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.varint(length);
    this.reserve(length);
    this.size += this.buffer.write(value, this.size);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.size);
    this.size += value.length;
  }

  finish(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.size));
  }

  private reserve(more: number): void {
    if (this.size + more <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.size + more));
    this.buffer.copy(grown, 0, 0, this.size);
    this.buffer = grown;
  }
}

/** Reads what ByteWriter wrote; a read past the end throws, so a cut document is noticed. */
export class ByteReader {
  private position = 0;
  private readonly buffer: Buffer;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.buffer = Buffer.from(buffer, byteOffset, byteLength);
  }

  byte(): number {
    if (this.position >= this.buffer.length) throw new RangeError('packed document is cut short');
    return this.buffer[this.position++]!;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let factor = 128;
    do {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(): string {
    const length = this.varint();
    this.skip(length);
    return this.buffer.toString('utf8', this.position - length, this.position);
  }

  bytes(length: number): Uint8Array {
    this.skip(length);
    return this.buffer.subarray(this.position - length, this.position);
  }

  private skip(length: number): void {
    const end = this.position + length;
    if (end > this.buffer.length) throw new RangeError('packed document is cut short');
    this.position = end;
  }
}
