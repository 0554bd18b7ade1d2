import { describe, expect, it } from '@jest/globals';
import { principalFromClaims } from './claims.js';

const CLAIMS = { sub: 'ana', org: 'acme', roles: ['engineer'], exp: 2_000_000_000 };

describe('principalFromClaims', () => {
  it('reads the caller', () => {
    const principal = principalFromClaims({ ...CLAIMS, name: 'Ana', email: 'ana@acme.test', projects: ['web', 'web'] });
    expect(principal).toMatchObject({
      subject: 'ana',
      name: 'Ana',
      email: 'ana@acme.test',
      organization: 'acme',
      roles: ['engineer'],
      projects: ['web'],
      kind: 'user',
      scope: { organization: 'acme', projects: ['web'] },
      tokenExpiresAt: new Date(2_000_000_000_000),
    });
    expect(principal.permissions.has('results:write')).toBe(true);
    expect(principal.permissions.has('keys:manage')).toBe(false);
  });

  it('takes absent projects for all, and an empty list for none', () => {
    expect(principalFromClaims(CLAIMS).projects).toBe('all');
    expect(principalFromClaims({ ...CLAIMS, projects: [] }).projects).toEqual([]);
  });

  it.each([null, 'web', 'all', [1], [['web']], { 0: 'web' }, ['../x'], true])('refuses projects %j', (projects) => {
    expect(() => principalFromClaims({ ...CLAIMS, projects })).toThrow(
      expect.objectContaining({ code: 'invalid_token' }),
    );
  });

  it.each(['sub', 'org'])('refuses a %s that is no text', (claim) => {
    for (const value of [undefined, null, '', ' ', 7, { $ne: '' }, ['acme'], 'a\0b', 'x'.repeat(201)])
      expect(() => principalFromClaims({ ...CLAIMS, [claim]: value })).toThrow(
        expect.objectContaining({ kind: 'unauthenticated', code: 'invalid_token' }),
      );
  });

  it.each([undefined, null, [], 'admin', ['root'], [['admin']], { admin: true }])('forbids roles %j', (roles) => {
    expect(() => principalFromClaims({ ...CLAIMS, roles })).toThrow(
      expect.objectContaining({ kind: 'forbidden', code: 'no_role' }),
    );
  });

  it('ignores unknown roles beside a known one', () => {
    expect(principalFromClaims({ ...CLAIMS, roles: ['root', 'viewer'] }).roles).toEqual(['viewer']);
  });
});
