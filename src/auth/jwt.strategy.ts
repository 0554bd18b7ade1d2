import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport';
import { ExtractJwt } from 'passport-jwt';
import { DomainError } from '../common/index.js';
import type { Principal } from './principal.js';
import type { TokenVerifier } from './token-verifier.js';

export const JWT_STRATEGY = 'ers-jwt';

export interface JwtOptions {
  /** Passed with each request, since passport keeps one strategy of a name per process and a process may run two apps. */
  readonly verifier: TokenVerifier;
}

type RequestLike = Parameters<ReturnType<typeof ExtractJwt.fromAuthHeaderAsBearerToken>>[0];

/** passport's strategy for `Authorization: Bearer <JWT>`. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, JWT_STRATEGY) {
  private readonly tokenOf = ExtractJwt.fromAuthHeaderAsBearerToken();

  override authenticate(request: RequestLike, options: JwtOptions): void {
    const token = this.tokenOf(request);
    if (token === null) {
      this.fail('Bearer', 401);
      return;
    }
    options.verifier.verifyToken(token).then(
      (principal) => this.success(principal),
      (error: unknown) => this.error(error),
    );
  }

  /** @nestjs/passport asks for it; the verifier has already made the principal. */
  validate(principal: Principal): Principal {
    if (principal.organization === '') throw new DomainError('unauthenticated', 'invalid_token', 'No organization');
    return principal;
  }
}
