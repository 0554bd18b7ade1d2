import { createHmac, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock, DomainError } from '../../common/index.js';
import { SecretKeys } from './secret-keys.js';

const VERSION = 'v1';

/** What a signed link stands for; each field is under the signature. */
export interface LinkSubject {
  readonly method: string;
  /** The path as it is requested, with the API's prefix, without the query. */
  readonly path: string;
  /** Of the export, alert or whatever the link is about. */
  readonly id: string;
  readonly organization: string;
  /** Moves when the links of the thing are revoked; part of what is signed, not of the link. */
  readonly revision?: number;
}

/** The query parameters that make a path a signed link. */
export interface LinkSignature {
  /** Organization. */
  readonly org: string;
  /** Epoch seconds. */
  readonly expires: string;
  readonly key: string;
  readonly signature: string;
}

/** Links that act without a token: HMAC-SHA256 over what they stand for and their end, compared in constant time. */
@Injectable()
export class LinkSigner {
  constructor(
    private readonly keys: SecretKeys,
    private readonly clock: Clock,
  ) {}

  sign(subject: LinkSubject, expiresAt: Date): LinkSignature {
    const [key] = this.keys.of('link');
    const expires = String(Math.floor(expiresAt.getTime() / 1000));
    return {
      org: subject.organization,
      expires,
      key: key!.id,
      signature: mac(key!, subject, expires).toString('base64url'),
    };
  }

  /** The signature as the query of a URL, without `?`. */
  query(subject: LinkSubject, expiresAt: Date): string {
    return new URLSearchParams({ ...this.sign(subject, expiresAt) }).toString();
  }

  /** @throws DomainError 403 `link_invalid`, which does not say what is wrong with the link */
  verify(subject: LinkSubject, { expires, key: keyId, signature }: Omit<LinkSignature, 'org'>): void {
    const key = this.keys.of('link').find(({ id }) => id === keyId);
    const expected = key === undefined ? undefined : mac(key, subject, expires);
    const given = Buffer.from(signature, 'base64url');
    // the last character of base64 has bits to spare: another spelling of the same bytes is an altered link
    const isCanonical = given.toString('base64url') === signature;
    const genuine =
      isCanonical && expected !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
    if (!genuine || !(Number(expires) * 1000 > this.clock.now().getTime()))
      throw new DomainError('forbidden', 'link_invalid', 'This link is not valid or no longer valid');
  }
}

const mac = (
  key: { readonly id: string; readonly bytes: Buffer },
  { method, path, id, organization, revision = 0 }: LinkSubject,
  expires: string,
): Buffer =>
  createHmac('sha256', key.bytes)
    .update([VERSION, method, path, id, organization, revision, expires, key.id].join('\n'))
    .digest();
