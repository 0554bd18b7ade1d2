import { describe, expect, it } from '@jest/globals';
import { isPermission, isRole, PERMISSIONS, permissionsOf, ROLES } from './permissions.js';

describe('the table of permissions', () => {
  it('names each permission once', () => {
    expect(new Set(PERMISSIONS).size).toBe(PERMISSIONS.length);
  });

  it('gives each role everything of the role before it, and more', () => {
    const sizes = ROLES.map((role) => permissionsOf([role]).size);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    ROLES.slice(1).forEach((role, index) => {
      const weaker = permissionsOf([ROLES[index]!]);
      const own = permissionsOf([role]);
      expect([...weaker].every((permission) => own.has(permission))).toBe(true);
      expect(own.size).toBeGreaterThan(weaker.size);
    });
    expect(permissionsOf(['admin']).size).toBe(PERMISSIONS.length);
  });

  it('lets a viewer write nothing but his own inbox', () => {
    const writes = [...permissionsOf(['viewer'])].filter((name) => /:(write|delete|manage)$/.test(name));
    expect(writes).toEqual(['inbox:write']);
  });

  it('gives nothing for no role', () => {
    expect(permissionsOf([]).size).toBe(0);
  });

  it('does not take names of Object.prototype for roles or permissions', () => {
    expect(isRole('constructor')).toBe(false);
    expect(isPermission('__proto__')).toBe(false);
    expect(isRole(['admin'])).toBe(false);
  });
});
