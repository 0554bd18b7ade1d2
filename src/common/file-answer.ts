import type { Readable } from 'node:stream';
import { applyDecorators, StreamableFile } from '@nestjs/common';
import { ApiHeader, ApiResponse } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { type ByteRange, ifRangeHolds, rangeOf } from './byte-range.js';
import { contentDisposition } from './content-disposition.js';

/** Bytes that are all there, wherever they are kept. */
export interface StoredBytes {
  readonly length: number;
  /** Strong: of the bytes. With its quotes. */
  readonly etag: string;
  /** Never asked for the range of no bytes. */
  readonly read: (range: ByteRange) => Readable;
}

/** A file to be saved. */
export interface StoredFile extends StoredBytes {
  readonly name: string;
  readonly contentType: string;
}

/** All of it: an empty file has no range that could be read. */
export const wholeOf = ({ length }: StoredBytes): ByteRange | undefined =>
  length === 0 ? undefined : { first: 0, last: length - 1 };

type Part =
  | { readonly status: 200; readonly range: ByteRange | undefined }
  | { readonly status: 206; readonly range: ByteRange }
  | { readonly status: 304 | 416 };

export type RequestHeaders = Readonly<Record<string, string | undefined>>;

/** Which bytes answer the conditions of a request (RFC 9110). */
const partOf = (file: StoredFile, headers: RequestHeaders): Part => {
  const tags = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes('*') || tags.includes(file.etag)) return { status: 304 };
  const range = ifRangeHolds(headers['if-range'], file.etag) ? rangeOf(headers.range, file.length) : 'whole';
  if (range === 'none') return { status: 416 };
  return range === 'whole' ? { status: 200, range: wholeOf(file) } : { status: 206, range };
};

/** Answers with a file, or the part of it that is asked for. The route must not compress: ranges are of the bytes as stored. */
export const answerFile = (
  reply: FastifyReply,
  file: StoredFile,
  headers: RequestHeaders,
): StreamableFile | undefined => {
  const part = partOf(file, headers);
  void reply.status(part.status).headers({
    etag: file.etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  });
  if (part.status === 416) void reply.header('content-range', `bytes */${file.length}`);
  if (!('range' in part)) return undefined;
  void reply.header('content-disposition', contentDisposition(file.name));
  if (part.status === 206)
    void reply.header('content-range', `bytes ${part.range.first}-${part.range.last}/${file.length}`);
  return bytesOf(file, part.range);
};

const bytesOf = (file: StoredFile, range: ByteRange | undefined): StreamableFile => {
  const type = file.contentType;
  if (!range) return new StreamableFile(Buffer.alloc(0), { type });
  return new StreamableFile(file.read(range), { type, length: range.last - range.first + 1 });
};

const BYTES = { '*/*': { schema: { type: 'string', format: 'binary' } } };

/** Documents what `answerFile` takes and answers. */
export const ApiFileAnswer = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'Range', required: false, description: '`bytes=first-last`: one range' }),
    ApiHeader({ name: 'If-Range', required: false, description: 'The ETag that the range belongs to' }),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of what is there already' }),
    ApiResponse({
      status: 200,
      description: 'The whole file',
      content: BYTES,
      headers: {
        ETag: { description: 'Of the bytes, strong', schema: { type: 'string' } },
        'Content-Disposition': { description: 'The name of the file', schema: { type: 'string' } },
      },
    }),
    ApiResponse({ status: 206, description: 'The range', content: BYTES }),
    ApiResponse({ status: 304, description: 'If-None-Match names it' }),
    ApiResponse({ status: 416, description: 'The range lies behind the end: see Content-Range' }),
  );
