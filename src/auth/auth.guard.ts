import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../common/index.js';
import { PERMISSION_KEY, PUBLIC_KEY, type RequestWithPrincipal } from './access.decorators.js';
import { looksLikeApiKey } from './api-keys/api-key.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { JWT_STRATEGY, type JwtOptions } from './jwt.strategy.js';
import type { Permission } from './permissions.js';
import { may } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

type Request = FastifyRequest & RequestWithPrincipal;

const unauthenticated = (): DomainError =>
  new DomainError('unauthenticated', 'unauthenticated', 'A token (Authorization: Bearer ...) or an API key is needed');

/** The door of every HTTP route: a verified caller with the route's permission, unless the route is public. */
@Injectable()
export class AccessGuard extends AuthGuard(JWT_STRATEGY) {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
    private readonly apiKeys: ApiKeysService,
  ) {
    super({ property: 'principal' });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    // sockets authenticate at their handshake
    if (context.getType() !== 'http') return true;
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC_KEY, targets) === true) return true;
    const permission = this.reflector.getAllAndOverride<Permission | undefined>(PERMISSION_KEY, targets);
    const request = context.switchToHttp().getRequest<Request>();
    await this.identify(request, context);
    const { principal } = request;
    if (principal === undefined) throw unauthenticated();
    if (permission === undefined || !may(principal, permission))
      throw new DomainError('forbidden', 'permission_missing', `This needs the permission ${permission ?? '(none)'}`);
    return true;
  }

  override handleRequest<T>(error: unknown, principal: T | false): T {
    if (error instanceof Error) throw error;
    if (principal === false) throw unauthenticated();
    return principal;
  }

  override getAuthenticateOptions(): { session: false } & JwtOptions {
    return { session: false, verifier: this.verifier };
  }

  private async identify(request: Request, context: ExecutionContext): Promise<void> {
    const key = apiKeyOf(request);
    if (key !== undefined) request.principal = await this.apiKeys.authenticate(key);
    else await super.canActivate(context);
  }
}

/** From `X-Api-Key`, or from `Authorization: Bearer ers_...`. */
const apiKeyOf = (request: FastifyRequest): string | undefined => {
  const header = request.headers['x-api-key'];
  if (typeof header === 'string') return header;
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  return bearer !== undefined && looksLikeApiKey(bearer) ? bearer : undefined;
};
