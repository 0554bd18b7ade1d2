import { Global, Module } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { MongooseModule } from '@nestjs/mongoose';
import { PassportModule } from '@nestjs/passport';
import { RedisModule } from '../redis/index.js';
import { ApiKeyRecord, ApiKeySchema } from './api-keys/api-key.schema.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditRepository } from './audit/audit.repository.js';
import { AuditRecord, AuditSchema } from './audit/audit.schema.js';
import { AuditService } from './audit/audit.service.js';
import { AccessGuard } from './auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LinkSigner } from './keys/link-signer.js';
import { SecretBox } from './keys/secret-box.js';
import { SecretKeys } from './keys/secret-keys.js';
import { RateLimitGuard } from './rate-limit/rate-limit.guard.js';
import { RateLimiter } from './rate-limit/rate-limiter.js';
import { RoutePolicy } from './route-policy.js';
import { StoredPrincipals } from './stored-principals.js';
import { TokenVerifier } from './token-verifier.js';

/** Guards every route of the application; the order of the two guards counts: limits are per verified caller. */
@Global()
@Module({
  imports: [
    PassportModule,
    DiscoveryModule,
    RedisModule,
    MongooseModule.forFeature([
      { name: ApiKeyRecord.name, schema: ApiKeySchema },
      { name: AuditRecord.name, schema: AuditSchema },
    ]),
  ],
  controllers: [ApiKeysController, AuditController],
  providers: [
    TokenVerifier,
    JwtStrategy,
    ApiKeysRepository,
    ApiKeysService,
    AuditRepository,
    AuditService,
    RateLimiter,
    RoutePolicy,
    SecretKeys,
    SecretBox,
    LinkSigner,
    StoredPrincipals,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_GUARD, useClass: RateLimitGuard },
  ],
  exports: [TokenVerifier, ApiKeysService, AuditService, RateLimiter, SecretBox, LinkSigner, StoredPrincipals],
})
export class AuthModule {}
