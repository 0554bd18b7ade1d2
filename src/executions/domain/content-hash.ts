import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { ErrorInput, ResultInput } from './model.js';

/** Whole microseconds, as durations are stored; undefined stays undefined. */
export const toMicroseconds = (durationMs: number | undefined): number | undefined =>
  durationMs === undefined ? undefined : Math.round(durationMs * 1000);

const sortedSet = (texts: readonly string[] | undefined): string[] | undefined =>
  texts === undefined || texts.length === 0 ? undefined : [...new Set(texts)].sort();

const errorOf = ({ type, message, stack }: ErrorInput): ErrorInput | undefined =>
  type === undefined && message === undefined && stack === undefined ? undefined : { type, message, stack };

/**
 * 12 characters (base64url, 72 bits of SHA-256) over what is stored of an attempt besides its key (run, test, attempt).
 * What means the same hashes the same: order of tags and keys, spelling of the time, empty lists. `startedAt` is the one
 * the result has in the end, so put the run's in first where the client sent none.
 */
export const contentHashOf = (result: ResultInput): string => {
  const { file, type, owner, tags, status, startedAt, durationMs, error, steps, worker } = result;
  const content = {
    file,
    type,
    owner,
    worker,
    status,
    tags: sortedSet(tags),
    at: startedAt === undefined ? undefined : Date.parse(startedAt),
    d: toMicroseconds(durationMs),
    error: error && errorOf(error),
    steps: steps?.length ? steps : undefined,
  };
  return hash('sha256', canonicalJson(content), 'base64url').slice(0, 12);
};
