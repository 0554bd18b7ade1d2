import { createHash } from 'node:crypto';

declare const scoped: unique symbol;

/**
 * What the caller may touch: one organization, and all or some of its projects. Every repository method takes one, and
 * only `auth` (from a verified token) and the system's own background work (`systemScope`) make one, so a query without
 * a tenant does not compile.
 */
export interface Scope {
  readonly organization: string;
  /** Project keys the caller is confined to; `all` for the whole organization. */
  readonly projects: 'all' | readonly string[];
  readonly [scoped]: true;
}

export const makeScope = (organization: string, projects: 'all' | readonly string[]): Scope =>
  ({ organization, projects }) as Scope;

/** For sweeps and seals that work on behalf of the service inside one organization. */
export const systemScope = (organization: string): Scope => makeScope(organization, 'all');

export const mayTouchProject = (scope: Scope, projectKey: string): boolean =>
  scope.projects === 'all' || scope.projects.includes(projectKey);

/** A stable text for cache keys: same rights, same key. */
export const scopeKey = (scope: Scope): string =>
  createHash('sha256')
    .update(JSON.stringify([scope.organization, scope.projects === 'all' ? 'all' : [...scope.projects].sort()]))
    .digest('base64url');
