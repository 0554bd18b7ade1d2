import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretKeys } from './secret-keys.js';

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Secrets that the service has to know again (webhook keys, passwords), encrypted at rest with AES-256-GCM. */
@Injectable()
export class SecretBox {
  constructor(private readonly keys: SecretKeys) {}

  /** @param owner what the secret belongs to (such as `channel:<id>`): a text moved to another owner does not open */
  seal(secret: string, owner: string): string {
    const [key] = this.keys.of('box');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, key!.bytes, iv).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([iv, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, key!.id, sealed.toString('base64url')].join('.');
  }

  /** @throws Error for a text of another owner, an altered one, and one whose key is no longer configured */
  open(sealed: string, owner: string): string {
    const [version, keyId, body = ''] = sealed.split('.');
    const key = this.keys.of('box').find(({ id }) => id === keyId);
    if (version !== VERSION || key === undefined) throw new Error('The key of a stored secret is not in SECRET_KEYS');
    const bytes = Buffer.from(body, 'base64url');
    const decipher = createDecipheriv(CIPHER, key.bytes, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(owner))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  }
}
