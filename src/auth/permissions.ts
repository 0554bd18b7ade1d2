/** The roles a token may carry, from the weakest to the strongest. */
export const ROLES = ['viewer', 'engineer', 'manager', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * The one table: what each role may do beyond the role before it. A permission stands in exactly one row; the stronger
 * roles inherit it.
 */
const GRANTS = {
  viewer: [
    'projects:read',
    'runs:read',
    'results:read',
    'reports:read',
    'trends:read',
    'quality:read',
    'metrics:read',
    'dashboards:read',
    'alerts:read',
    'exports:read',
    'schedules:read',
    'notifications:read',
    'inbox:write',
    'realtime:subscribe',
  ],
  engineer: [
    'results:write',
    'gates:evaluate',
    'reports:write',
    'dashboards:write',
    'exports:write',
    'alerts:acknowledge',
    'tests:annotate',
  ],
  manager: [
    'projects:write',
    'quality:write',
    'gates:write',
    'alerts:write',
    'silences:write',
    'schedules:write',
    'channels:write',
    'policies:write',
    'notifications:write',
    'tests:alias',
    'outages:write',
    'usage:read',
  ],
  admin: [
    'runs:delete',
    'projects:delete',
    'dashboards:manage',
    'exports:manage',
    'keys:manage',
    'audit:read',
    'demo:manage',
    'system:manage',
  ],
} as const satisfies Readonly<Record<Role, readonly string[]>>;

export type Permission = (typeof GRANTS)[Role][number];

export const PERMISSIONS: readonly Permission[] = ROLES.flatMap((role): readonly Permission[] => GRANTS[role]);

const UP_TO: ReadonlyMap<Role, ReadonlySet<Permission>> = new Map(
  ROLES.map((role, rank) => [
    role,
    new Set(ROLES.slice(0, rank + 1).flatMap((below): readonly Permission[] => GRANTS[below])),
  ]),
);

export const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);

export const isPermission = (value: unknown): value is Permission => PERMISSIONS.some((known) => known === value);

/** Everything the roles allow together; empty for no role. */
export const permissionsOf = (roles: readonly Role[]): ReadonlySet<Permission> =>
  new Set(roles.flatMap((role) => [...(UP_TO.get(role) ?? [])]));
