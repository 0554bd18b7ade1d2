import { Injectable } from '@nestjs/common';
import { ApiKeysService, looksLikeApiKey, may, type Principal, TokenVerifier } from '../../auth/index.js';
import { DomainError } from '../../common/index.js';
import { type GuestAuthenticator, roomKeyOf } from '../room.js';
import type { Identity } from './session.js';

const TOKEN_LENGTH = 16_384;

/** Who a socket is, from what it shows at the handshake: a token, an API key, or a credential that a feature knows. */
@Injectable()
export class SocketAuthenticator {
  private readonly guests = new Map<string, GuestAuthenticator>();

  constructor(
    private readonly tokens: TokenVerifier,
    private readonly apiKeys: ApiKeysService,
  ) {}

  /** @param field of `handshake.auth` */
  addGuests(field: string, authenticate: GuestAuthenticator): void {
    if (field === 'token' || this.guests.has(field)) throw new Error(`handshake.auth.${field} is taken`);
    this.guests.set(field, authenticate);
  }

  /** @throws DomainError 401 `unauthenticated`, `invalid_token`, `token_expired`, `key_revoked`, ...; 403 `permission_missing` */
  async authenticate(auth: Readonly<Record<string, unknown>>): Promise<Identity> {
    const token = textOf(auth.token);
    if (token !== undefined) return looksLikeApiKey(token) ? this.byKey(token) : this.byToken(token);
    for (const [field, authenticate] of this.guests) {
      const credential = textOf(auth[field]);
      if (credential !== undefined) return this.byGuest(field, authenticate, credential);
    }
    throw new DomainError('unauthenticated', 'unauthenticated', 'A token or an API key is needed in auth.token');
  }

  async byToken(token: string): Promise<Identity> {
    return { principal: requireSubscribe(await this.tokens.verifyToken(token)) };
  }

  private async byKey(text: string): Promise<Identity> {
    const principal = requireSubscribe(await this.apiKeys.authenticate(text));
    const credential = { kind: 'api_key', id: principal.keyId ?? '' };
    return { principal, credential, renew: () => this.byKey(text) };
  }

  private async byGuest(kind: string, authenticate: GuestAuthenticator, credential: string): Promise<Identity> {
    const { principal, rooms, id } = await authenticate(credential);
    return {
      principal,
      rooms,
      credential: { kind, id },
      renew: () => this.byGuest(kind, authenticate, credential),
    };
  }
}

/** By which the sockets of a credential are found. */
export const credentialKey = ({ credential }: Identity): string | undefined =>
  credential && roomKeyOf(credential.kind, credential.id);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= TOKEN_LENGTH ? value : undefined;

const requireSubscribe = (principal: Principal): Principal => {
  if (may(principal, 'realtime:subscribe')) return principal;
  throw new DomainError('forbidden', 'permission_missing', 'This needs the permission realtime:subscribe');
};
