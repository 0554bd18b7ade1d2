import { Injectable } from '@nestjs/common';
import { SecretBox } from '../auth/index.js';
import { type ChannelSecrets, hintOf, type SecretHints } from './domain/channel.js';
import type { SealedSecrets, StoredChannel } from './persistence/channels.repository.js';

/** Secrets in the clear, on their way into the store. */
export interface PlainSecrets {
  readonly url?: string;
  readonly password?: string;
  readonly signing?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Seals and opens the secrets of channels; one that is copied to another channel does not open. */
@Injectable()
export class ChannelSecretsBox {
  constructor(private readonly box: SecretBox) {}

  seal(
    channelId: string,
    { headers, ...secrets }: PlainSecrets,
  ): { readonly sealed: SealedSecrets; readonly hints: SecretHints } {
    const seal = (secret: string): string => this.box.seal(secret, ownerOf(channelId));
    const given = Object.entries<string | undefined>(secrets).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      sealed: {
        ...Object.fromEntries(given.map(([name, secret]) => [name, seal(secret)])),
        ...(headers && { headers: seal(JSON.stringify(headers)) }),
      },
      hints: Object.fromEntries(given.map(([name, secret]) => [name, hintOf(secret)])),
    };
  }

  /** @throws Error where the key that sealed them is no longer configured */
  open({ channelId, sealed, plainHeaders = {} }: StoredChannel, now: Date): ChannelSecrets {
    const { url, password, signing, headers, oldSigning, oldSigningUntil } = sealed;
    const open = (text: string): string => this.box.open(text, ownerOf(channelId));
    const oldSigns = oldSigning !== undefined && oldSigningUntil !== undefined && oldSigningUntil > now;
    return {
      ...(url !== undefined && { url: open(url) }),
      ...(password !== undefined && { password: open(password) }),
      headers: headers === undefined ? plainHeaders : (JSON.parse(open(headers)) as Record<string, string>),
      signing: [...(signing === undefined ? [] : [open(signing)]), ...(oldSigns ? [open(oldSigning)] : [])],
    };
  }
}

const ownerOf = (channelId: string): string => `channel:${channelId}`;
