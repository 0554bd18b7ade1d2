import type { FastifyRequest } from 'fastify';
import { Readable, type Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DomainError } from '../../common/index.js';

const NDJSON = /^application\/(x-ndjson|ndjson|jsonl)($|;| )/i;

export const isNdjson = (request: FastifyRequest): boolean => NDJSON.test(request.headers['content-type'] ?? '');

/** zlib's errors are the client's: what it sent is no gzip, or ends too early. */
const asProblem = (error: Error): Error =>
  (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true
    ? new DomainError('malformed', 'invalid_gzip', `The body is not valid gzip: ${error.message}`)
    : error;

/** The bytes of a stream as they come out of gzip; nothing is held back. */
export async function* gunzipped(stream: Readable): AsyncGenerator<Buffer> {
  const gunzip: Transform = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error));
  try {
    for await (const chunk of stream.pipe(gunzip)) yield chunk as Buffer;
  } catch (error) {
    throw asProblem(error as Error);
  } finally {
    gunzip.destroy();
  }
}

/**
 * The body of a request that reaches its controller as a stream, decompressed where it says so.
 * @throws DomainError 415 for another encoding than gzip
 */
export const bodyStream = (request: FastifyRequest): AsyncIterable<Buffer> => {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding === 'gzip' || encoding === 'x-gzip') return gunzipped(body);
  throw new DomainError('unsupported_media', 'unsupported_encoding', 'Content-Encoding may be gzip or identity');
};
