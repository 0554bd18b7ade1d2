import { SignJWT } from 'jose';
import type { Role } from './permissions.js';

export interface TokenClaims {
  readonly sub: string;
  readonly org: string;
  readonly roles: readonly Role[];
  readonly name?: string;
  readonly email?: string;
  /** Left out: all projects of the organization. */
  readonly projects?: readonly string[];
}

export interface TokenSigning {
  readonly secret: string;
  readonly issuer: string;
  readonly audience: string;
  readonly expiresInSeconds: number;
}

/** An HS256 token as the service itself accepts it; for `npm run token`, the first start and tests. */
export const signToken = (claims: TokenClaims, signing: TokenSigning): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(signing.issuer)
    .setAudience(signing.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + signing.expiresInSeconds)
    .sign(Buffer.from(signing.secret, 'utf8'));
};
