import { invalid, isText } from '../../common/index.js';
import { bodyHash, type RunKeySource } from '../domain/run-key.js';

const LONGEST_KEY = 200;

/**
 * What names the run: the externalId, else the Idempotency-Key, else the content.
 * @throws DomainError 422 for a key that is blank or too long
 */
export const runKeySource = (
  externalId: string | undefined,
  idempotencyKey: string | undefined,
  body: unknown,
): RunKeySource => {
  if (externalId !== undefined) return { externalId };
  if (idempotencyKey === undefined) return { sha256: bodyHash(body) };
  return { idempotencyKey: checkedKey(idempotencyKey) };
};

/** @throws DomainError 422 for a key that is blank or too long */
export const checkedKey = (idempotencyKey: string): string => {
  if (isText(idempotencyKey, LONGEST_KEY)) return idempotencyKey;
  throw invalid('validation_failed', 'Some fields are not valid', [
    { pointer: '/Idempotency-Key', detail: `must be a text of 1 to ${LONGEST_KEY} characters` },
  ]);
};
