import { Injectable, Logger } from '@nestjs/common';
import {
  Clock,
  decodeCursor,
  DomainError,
  encodeCursor,
  invalid,
  makeScope,
  mayTouchProject,
  notFound,
  type Page,
} from '../../common/index.js';
import { AuditService } from '../audit/audit.service.js';
import { invalidToken } from '../claims.js';
import type { Permission } from '../permissions.js';
import { may, type Principal } from '../principal.js';
import { type ApiKey, mintKey, parseKey, secretMatches, statusOf } from './api-key.js';
import { ApiKeysRepository, type KeyPosition } from './api-keys.repository.js';

const DAY_MS = 86_400_000;
const DEFAULT_LIFE_DAYS = 365;
const LONGEST_LIFE_DAYS = 5 * 366;
/** A key that makes keys would outlive its own expiry and the rights of who made it. */
const NEVER_FOR_KEYS: readonly Permission[] = ['keys:manage'];

export interface NewApiKey {
  readonly name: string;
  readonly permissions: readonly Permission[];
  readonly projects?: readonly string[];
  readonly expiresAt?: Date;
}

@Injectable()
export class ApiKeysService {
  private readonly logger = new Logger(ApiKeysService.name);

  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly audit: AuditService,
    private readonly clock: Clock,
  ) {}

  /**
   * The caller behind a key. One indexed look-up per request and no cache: a revoked key is refused at once everywhere.
   * @throws DomainError 401 `invalid_key`, `key_revoked` or `key_expired`.
   */
  async authenticate(text: string): Promise<Principal> {
    const parsed = parseKey(text);
    const found = parsed && (await this.keys.findForAuthentication(parsed.keyId));
    if (!parsed || !found || !secretMatches(parsed.secret, found.hash))
      throw invalidToken('The API key is not valid', 'invalid_key');
    const now = this.clock.now();
    const status = statusOf(found.key, now);
    if (status !== 'active') throw invalidToken(`The API key is ${status}`, `key_${status}`);
    this.keys.touch(found.key, now).catch((error: unknown) => {
      this.logger.warn({ err: error, keyId: found.key.keyId }, 'lastUsedAt was not stored');
    });
    return principalOf(found.key);
  }

  /** What a key may do now, without its secret; or why it may nothing: for work that was begun with it and goes on. */
  async current(organization: string, keyId: string): Promise<Principal | 'revoked' | 'expired' | 'gone'> {
    const found = await this.keys.findForAuthentication(keyId);
    if (found?.key.organization !== organization) return 'gone';
    const status = statusOf(found.key, this.clock.now());
    return status === 'active' ? principalOf(found.key) : status;
  }

  /** The new key and its text, which nobody can read again. */
  async create(principal: Principal, input: NewApiKey): Promise<{ key: ApiKey; text: string }> {
    this.refuseMoreThanCreator(principal, input);
    const minted = mintKey();
    const now = this.clock.now();
    const key: ApiKey = {
      keyId: minted.keyId,
      organization: principal.organization,
      name: input.name,
      permissions: [...new Set(input.permissions)],
      projects: input.projects === undefined ? principal.projects : [...new Set(input.projects)],
      createdBy: principal.subject,
      createdAt: now,
      expiresAt: expiryOf(input.expiresAt, now),
    };
    await this.keys.insert(principal.scope, key, minted.hash);
    const { name, permissions, projects, expiresAt } = key;
    await this.audit.record(principal, 'api_key.created', target(key), { name, permissions, projects, expiresAt });
    return { key, text: minted.text };
  }

  async list(principal: Principal, limit: number, cursor?: string): Promise<Page<ApiKey>> {
    const after = cursor === undefined ? undefined : positionOf(cursor);
    const found = await this.keys.list(principal.scope, limit + 1, after);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const more = found.length > limit && last !== undefined;
    return { items, nextCursor: more ? encodeCursor([last.createdAt.getTime(), last.keyId]) : null };
  }

  /** From the next request on the key is refused, on every node. Revoking it again changes nothing. */
  async revoke(principal: Principal, keyId: string): Promise<void> {
    const before = await this.keys.revoke(principal.scope, keyId, this.clock.now());
    if (before === undefined) throw notFound('API key');
    if (before.revokedAt === undefined)
      await this.audit.record(principal, 'api_key.revoked', target(before), { name: before.name });
  }

  private refuseMoreThanCreator(principal: Principal, input: NewApiKey): void {
    input.permissions.forEach((permission, index) => {
      if (may(principal, permission) && !NEVER_FOR_KEYS.includes(permission)) return;
      const detail = may(principal, permission) ? 'cannot be given to an API key' : 'is more than you may do yourself';
      throw refused(`/permissions/${index}`, detail);
    });
    input.projects?.forEach((project, index) => {
      if (!mayTouchProject(principal.scope, project))
        throw refused(`/projects/${index}`, 'is not one of your projects');
    });
  }
}

const refused = (pointer: string, detail: string): DomainError =>
  new DomainError('forbidden', 'exceeds_own_rights', 'A key cannot do more than who makes it', {
    errors: [{ pointer, detail }],
  });

const expiryOf = (wanted: Date | undefined, now: Date): Date => {
  const expiresAt = wanted ?? new Date(now.getTime() + DEFAULT_LIFE_DAYS * DAY_MS);
  const life = expiresAt.getTime() - now.getTime();
  if (life > 0 && life <= LONGEST_LIFE_DAYS * DAY_MS) return expiresAt;
  const detail = 'must lie in the future, at most five years ahead';
  throw invalid('validation_failed', 'Some fields are not valid', [{ pointer: '/expiresAt', detail }]);
};

const positionOf = (cursor: string): KeyPosition => {
  const [at, keyId] = decodeCursor(cursor, 2);
  const createdAt = new Date(typeof at === 'number' ? at : Number.NaN);
  if (Number.isNaN(createdAt.getTime()) || typeof keyId !== 'string')
    throw invalid('invalid_cursor', 'The cursor is not one that this list gave out', [
      { pointer: '/cursor', detail: 'must be the nextCursor of the page before' },
    ]);
  return { createdAt, keyId };
};

const target = (key: ApiKey): { type: string; id: string } => ({ type: 'api_key', id: key.keyId });

const principalOf = (key: ApiKey): Principal => ({
  subject: `key:${key.keyId}`,
  name: key.name,
  organization: key.organization,
  roles: [],
  permissions: new Set(key.permissions),
  projects: key.projects,
  kind: 'api_key',
  keyId: key.keyId,
  scope: makeScope(key.organization, key.projects),
  tokenExpiresAt: key.expiresAt,
});
