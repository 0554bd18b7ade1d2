import type { Scope } from '../common/index.js';
import type { Permission, Role } from './permissions.js';

/** Who is calling, from a verified token or API key; never from the request's body. */
export interface Principal {
  /** `sub` of the token, or `key:<keyId>`. */
  readonly subject: string;
  /** For people to read; the subject where the token has no name. */
  readonly name: string;
  readonly email?: string;
  readonly organization: string;
  /** Known roles only; empty for an API key, which carries permissions of its own. */
  readonly roles: readonly Role[];
  readonly permissions: ReadonlySet<Permission>;
  /** Project keys the caller is confined to; `all` for the whole organization. */
  readonly projects: 'all' | readonly string[];
  readonly kind: 'user' | 'api_key';
  readonly keyId?: string;
  /** What every repository takes: made here and nowhere else. */
  readonly scope: Scope;
  readonly tokenExpiresAt?: Date;
}

export const may = (principal: Principal, permission: Permission): boolean => principal.permissions.has(permission);
