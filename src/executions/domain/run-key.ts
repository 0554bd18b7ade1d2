import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** What makes a run the same run when it is sent again. */
export interface RunKey {
  /** Unique within the project. */
  readonly key: string;
  /** The client's, or one made from what the key is made from. */
  readonly externalId: string;
}

export type RunKeySource =
  | { readonly externalId: string }
  | { readonly idempotencyKey: string }
  /** SHA-256 in hex of the body, or of the files. */
  | { readonly sha256: string };

const sha256 = (text: string): string => hash('sha256', text, 'hex');

export const runKeyOf = (source: RunKeySource): RunKey => {
  if ('externalId' in source) return { key: sha256(`external\0${source.externalId}`), externalId: source.externalId };
  if ('idempotencyKey' in source)
    return { key: sha256(`idempotency\0${source.idempotencyKey}`), externalId: `key:${source.idempotencyKey}` };
  return { key: sha256(`content\0${source.sha256}`), externalId: `sha256:${source.sha256}` };
};

/** SHA-256 of a JSON body: the same whatever the order of its keys and the space between them. */
export const bodyHash = (body: unknown): string => sha256(canonicalJson(body));

/** SHA-256 of several files together, in whatever order they come. */
export const filesHash = (hashes: readonly string[]): string =>
  hashes.length === 1 ? hashes[0]! : sha256([...hashes].sort().join('\0'));
