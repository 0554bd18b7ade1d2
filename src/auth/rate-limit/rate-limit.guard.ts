import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../../common/index.js';
import type { RequestWithPrincipal } from '../access.decorators.js';
import type { Principal } from '../principal.js';
import { COST_KEY, type CostClass, WINDOW_SECONDS } from './cost.js';
import { type RateDecision, RateLimiter } from './rate-limiter.js';

/** Runs behind the AccessGuard, so it counts per user or key; a public route with a cost class per address. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limiter: RateLimiter,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & RequestWithPrincipal>();
    const targets = [context.getHandler(), context.getClass()];
    const declared = this.reflector.getAllAndOverride<CostClass | undefined>(COST_KEY, targets);
    const { principal } = request;
    if (principal === undefined && declared === undefined) return true;
    const who = principal === undefined ? `address:${request.ip}` : identityOf(principal);
    const decision = await this.limiter.consume(declared ?? 'cheap', who);
    if (decision === undefined) return true;
    writeHeaders(http.getResponse<FastifyReply>(), decision);
    if (decision.allowed) return true;
    throw new DomainError('rate_limited', 'rate_limited', `At most ${decision.limit} such requests a minute`, {
      retryAfterSeconds: decision.resetSeconds,
    });
  }
}

const identityOf = (principal: Principal): string =>
  JSON.stringify([principal.organization, principal.kind, principal.subject]);

const writeHeaders = (reply: FastifyReply, { limit, remaining, resetSeconds }: RateDecision): void => {
  void reply
    .header('ratelimit-limit', String(limit))
    .header('ratelimit-remaining', String(remaining))
    .header('ratelimit-reset', String(resetSeconds))
    .header('ratelimit-policy', `${limit};w=${WINDOW_SECONDS}`);
};
