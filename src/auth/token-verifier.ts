import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import { LRUCache } from 'lru-cache';
import { createSecretKey } from 'node:crypto';
import { DomainError } from '../common/index.js';
import { AppConfig, ConfigError } from '../config/index.js';
import { invalidToken, principalFromClaims } from './claims.js';
import type { Principal } from './principal.js';

type Verify = (token: string) => Promise<JWTPayload>;

const CLOCK_TOLERANCE_SECONDS = 5;
/** A client sends the same token with every request: it is verified again after so long, or not at all once it has expired. */
const KEPT_MS = 60_000;
const KEPT_TOKENS = 1_000;
/** Failures of the key server, not of the token. */
const KEYS_AWAY: readonly unknown[] = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

/**
 * Verifies a JWT and names its caller; for HTTP (through the passport strategy) and for sockets alike. With a JWKS
 * address only asymmetric algorithms are accepted and with a secret only HS256, so a public key is never taken for a
 * secret. jsonwebtoken, on which passport-jwt stands, has no EdDSA; jose has, and keeps the keys.
 */
@Injectable()
export class TokenVerifier {
  private readonly verify: Verify;
  private readonly known = new LRUCache<string, { readonly principal: Principal; readonly until: number }>({
    max: KEPT_TOKENS,
  });

  constructor(config: AppConfig) {
    const { secret, jwksUri, issuer, audience } = config.jwt;
    const pinned = {
      issuer,
      audience,
      requiredClaims: ['exp', 'sub', 'org'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
    this.verify = jwksUri === undefined ? withSecret(secret, pinned) : withKeyServer(jwksUri, pinned);
  }

  /**
   * @throws DomainError 401 `invalid_token` or `token_expired`, 403 `no_role`, 503 `keys_unavailable` where the key
   * server does not answer.
   */
  async verifyToken(token: string): Promise<Principal> {
    const known = this.known.get(token);
    if (known && Date.now() < known.until) return known.principal;
    const principal = await this.verifyAnew(token);
    const until = Math.min(Date.now() + KEPT_MS, principal.tokenExpiresAt?.getTime() ?? 0);
    this.known.set(token, { principal, until });
    return principal;
  }

  private async verifyAnew(token: string): Promise<Principal> {
    let claims: JWTPayload;
    try {
      claims = await this.verify(token);
    } catch (error) {
      throw refusal(error);
    }
    return principalFromClaims(claims);
  }
}

const withSecret = (secret: string | undefined, options: JWTVerifyOptions): Verify => {
  if (secret === undefined) throw new ConfigError([['JWT_SECRET', ['must be set, or JWT_JWKS_URI']]]);
  const key = createSecretKey(Buffer.from(secret, 'utf8'));
  return async (token) => (await jwtVerify(token, key, { ...options, algorithms: ['HS256'] })).payload;
};

const withKeyServer = (uri: string, options: JWTVerifyOptions): Verify => {
  const keys = createRemoteJWKSet(new URL(uri), { timeoutDuration: 5000, cooldownDuration: 30_000 });
  const algorithms = ['RS256', 'ES256', 'EdDSA'];
  return async (token) => (await jwtVerify(token, keys, { ...options, algorithms })).payload;
};

const refusal = (error: unknown): DomainError => {
  if (error instanceof errors.JWTExpired) return invalidToken('The token has expired', 'token_expired', error);
  if (error instanceof errors.JOSEError && !KEYS_AWAY.includes(error.code))
    return invalidToken('The token is not valid', 'invalid_token', error);
  return new DomainError('unavailable', 'keys_unavailable', "The keys to check tokens with can't be fetched", {
    retryAfterSeconds: 5,
    cause: error,
  });
};
