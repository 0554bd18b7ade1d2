import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

/** A weak ETag of everything that an answer depends on. */
export const weakTag = (...parts: readonly unknown[]): string =>
  `W/"${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 27)}"`;

const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');

/** Sets the ETag; true, and 304, where the client has that answer already. */
export const isUnchanged = (reply: FastifyReply, tag: string, ifNoneMatch: string | undefined): boolean => {
  void reply.header('etag', tag).header('cache-control', 'private, no-cache');
  const known = (ifNoneMatch ?? '').split(',').some((one) => one.trim() === '*' || opaque(one) === opaque(tag));
  if (known) void reply.status(304);
  return known;
};
