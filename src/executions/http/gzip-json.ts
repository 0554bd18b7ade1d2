import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify';
import { createGunzip } from 'node:zlib';

const isGzipJson = ({ headers }: FastifyRequest): boolean =>
  /^(x-)?gzip$/i.test(headers['content-encoding']?.trim() ?? '') &&
  /^application\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');

/** The body as it comes out of gzip; the parser behind it holds both lengths to its limit, so a bomb ends there. */
const unpacked = (payload: RequestPayload): RequestPayload => {
  const gunzip: RequestPayload & ReturnType<typeof createGunzip> = createGunzip();
  gunzip.receivedEncodedLength = 0;
  payload.on('data', (chunk: Buffer) => (gunzip.receivedEncodedLength! += chunk.length));
  payload.on('error', (error) => gunzip.destroy(error));
  return payload.pipe(gunzip);
};

/**
 * Lets clients send JSON with Content-Encoding gzip: batches pack to a tenth. Made with the module, before the routes are,
 * so that the hook covers them.
 */
@Injectable()
export class GzipJson {
  constructor(host: HttpAdapterHost) {
    // the worker has no HTTP
    const adapter = host.httpAdapter as HttpAdapterHost['httpAdapter'] | null;
    adapter
      ?.getInstance<FastifyInstance>()
      .addHook('preParsing', (request, _reply, payload, done) =>
        done(null, isGzipJson(request) ? unpacked(payload) : payload),
      );
  }
}
