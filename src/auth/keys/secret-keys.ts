import { createHash, hkdfSync } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/index.js';

const KEY_BYTES = 32;
const ID_LENGTH = 8;

export interface SecretKey {
  /** Names the key without saying anything about it. */
  readonly id: string;
  readonly bytes: Buffer;
}

/**
 * The keys of this installation (`SECRET_KEYS`, newest first): the first makes, all of them open and verify, so that a
 * key is replaced by putting the new one before it. Each purpose gets keys of its own, derived by HKDF (RFC 5869).
 */
@Injectable()
export class SecretKeys {
  constructor(private readonly config: AppConfig) {}

  /** Newest first; never empty. */
  of(purpose: string): readonly SecretKey[] {
    const { secretKeys } = this.config;
    if (secretKeys.length === 0) throw new Error('SECRET_KEYS is empty: withOwnKeys() was not called');
    return secretKeys.map((secret) => ({
      id: createHash('sha256').update(`id:${secret}`).digest('base64url').slice(0, ID_LENGTH),
      bytes: Buffer.from(hkdfSync('sha256', secret, '', `execution-reporting:${purpose}`, KEY_BYTES)),
    }));
  }
}
