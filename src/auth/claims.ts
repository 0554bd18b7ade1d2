import { DomainError, isSlug, isText, makeScope } from '../common/index.js';
import { isRole, permissionsOf } from './permissions.js';
import type { Principal } from './principal.js';

export const invalidToken = (detail: string, code = 'invalid_token', cause?: unknown): DomainError =>
  new DomainError('unauthenticated', code, detail, { cause });

const text = (claims: Claims, name: string): string => {
  const value = claims[name];
  if (!isText(value, 200)) throw invalidToken(`The token's claim "${name}" must be a text of 1 to 200 characters`);
  return value;
};

const optionalText = (claims: Claims, name: string): string | undefined =>
  claims[name] === undefined || claims[name] === null ? undefined : text(claims, name);

/** Absent means all projects; anything else than a list of project keys is refused, never read as "all". */
const projectsOf = (value: unknown): Principal['projects'] => {
  if (value === undefined) return 'all';
  if (!Array.isArray(value) || value.length > 1000 || !value.every(isSlug))
    throw invalidToken('The token\'s claim "projects" must be a list of project keys');
  return [...new Set(value)];
};

export type Claims = Readonly<Record<string, unknown>>;

/**
 * The caller that verified claims describe.
 * @throws DomainError `invalid_token` (401) for claims of a wrong shape, `no_role` (403) without a known role.
 */
export const principalFromClaims = (claims: Claims): Principal => {
  const subject = text(claims, 'sub');
  const organization = text(claims, 'org');
  const email = optionalText(claims, 'email');
  const projects = projectsOf(claims.projects);
  const roles = Array.isArray(claims.roles) ? [...new Set(claims.roles.filter(isRole))] : [];
  if (roles.length === 0)
    throw new DomainError('forbidden', 'no_role', 'The token carries no role that this service knows');
  return {
    subject,
    name: optionalText(claims, 'name') ?? subject,
    ...(email === undefined ? {} : { email }),
    organization,
    roles,
    permissions: permissionsOf(roles),
    projects,
    kind: 'user',
    scope: makeScope(organization, projects),
    ...(typeof claims.exp === 'number' ? { tokenExpiresAt: new Date(claims.exp * 1000) } : {}),
  };
};
