import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Permission } from '../permissions.js';

/** A stored API key; the secret itself is not kept. */
export interface ApiKey {
  readonly keyId: string;
  readonly organization: string;
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly projects: 'all' | readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
  readonly lastUsedAt?: Date;
}

export type ApiKeyStatus = 'active' | 'expired' | 'revoked';

const PREFIX = 'ers_';
const SHAPE = /^ers_([0-9a-f]{16})_([\w-]{43})$/;

export interface MintedKey {
  readonly keyId: string;
  /** The whole text, shown once. */
  readonly text: string;
  readonly hash: Buffer;
}

/** SHA-256 without salt or stretching is enough: the secret has 256 random bits, so there is nothing to guess. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export const mintKey = (): MintedKey => {
  const keyId = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { keyId, text: `${PREFIX}${keyId}_${secret}`, hash: hashSecret(secret) };
};

export const looksLikeApiKey = (text: string): boolean => text.startsWith(PREFIX);

/** undefined where the text cannot be a key of ours. */
export const parseKey = (text: string): { readonly keyId: string; readonly secret: string } | undefined => {
  const [, keyId, secret] = SHAPE.exec(text) ?? [];
  return keyId === undefined || secret === undefined ? undefined : { keyId, secret };
};

/** Takes the same time wherever the two differ. */
export const secretMatches = (secret: string, hash: Uint8Array): boolean => {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
};

export const statusOf = (key: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, now: Date): ApiKeyStatus => {
  if (key.revokedAt !== undefined) return 'revoked';
  return key.expiresAt <= now ? 'expired' : 'active';
};
