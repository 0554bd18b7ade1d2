import { applyDecorators, createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import { DomainError } from '../common/index.js';
import type { Permission } from './permissions.js';
import type { Principal } from './principal.js';

export const PERMISSION_KEY = 'auth:permission';
export const PUBLIC_KEY = 'auth:public';

/** Names of the security schemes in the OpenAPI document. */
export const BEARER_SCHEME = 'bearer';
export const API_KEY_SCHEME = 'apiKey';

/** The route is open to callers whose role or API key holds the permission. */
export const Permit = (permission: Permission): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(PERMISSION_KEY, permission),
    ApiBearerAuth(BEARER_SCHEME),
    ApiSecurity(API_KEY_SCHEME),
    ApiExtension('x-permission', permission),
  );

/** The route is open to everybody. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_KEY, true);

export interface RequestWithPrincipal {
  principal?: Principal;
}

/** The verified caller, as a parameter of a controller method. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<RequestWithPrincipal>();
  if (principal === undefined)
    throw new DomainError('unauthenticated', 'unauthenticated', 'A token or API key is needed');
  return principal;
});
