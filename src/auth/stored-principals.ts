import { Injectable } from '@nestjs/common';
import { DomainError, makeScope } from '../common/index.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { isRole, type Permission, permissionsOf, type Role } from './permissions.js';
import { may, type Principal } from './principal.js';

/** Who asked for something that is done later, as it is stored with it. */
export interface StoredPrincipal {
  readonly subject: string;
  readonly name: string;
  readonly email?: string;
  readonly organization: string;
  readonly kind: Principal['kind'];
  readonly keyId?: string;
  readonly roles: readonly Role[];
  readonly projects: 'all' | readonly string[];
}

export const storedPrincipalOf = (principal: Principal): StoredPrincipal => {
  const { subject, name, email, organization, kind, keyId, roles, projects } = principal;
  return {
    ...{ subject, name, organization, kind, roles, projects },
    ...(email !== undefined && { email }),
    ...(keyId !== undefined && { keyId }),
  };
};

/** Gives stored principals back the rights that are left to them, for work that runs without a request. */
@Injectable()
export class StoredPrincipals {
  constructor(private readonly keys: ApiKeysService) {}

  /**
   * An API key acts with what it may do now. For a person it is what the roles of the token allowed, by the table of
   * today: nobody but the issuer of tokens knows whether the person still has them.
   * @throws DomainError 403 `rights_gone` when the key is revoked, expired or gone, or the permission is not among them
   */
  async restore(stored: StoredPrincipal, needed: Permission): Promise<Principal> {
    const principal = stored.keyId === undefined ? personOf(stored) : await this.keyOf(stored);
    if (may(principal, needed)) return principal;
    throw gone(`${stored.name} has no longer the permission ${needed}`);
  }

  private async keyOf(stored: StoredPrincipal): Promise<Principal> {
    const found = await this.keys.current(stored.organization, stored.keyId ?? '');
    if (typeof found !== 'string') return found;
    throw gone(`The API key ${stored.name} is ${found}`);
  }
}

const gone = (detail: string): DomainError => new DomainError('forbidden', 'rights_gone', detail);

const personOf = ({ subject, name, email, organization, roles, projects }: StoredPrincipal): Principal => ({
  ...{ subject, name, organization, projects, kind: 'user' },
  ...(email !== undefined && { email }),
  roles: roles.filter(isRole),
  permissions: permissionsOf(roles.filter(isRole)),
  scope: makeScope(organization, projects),
});
