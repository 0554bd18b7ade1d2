import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AuditService, type Principal, TokenVerifier } from '../../src/auth/index.js';
import { Clock, makeScope } from '../../src/common/index.js';
import { AppConfig } from '../../src/config/index.js';
import { DEFINITION_CHANGED, type Project, ProjectsService } from '../../src/projects/index.js';
import { ProjectsRepository } from '../../src/projects/projects.repository.js';
import { startApp, type TestApp } from '../support/app.js';

describe('ProjectsService', () => {
  let app: TestApp;
  let service: ProjectsService;
  let seen: Project[] = [];
  let org = '';
  let count = 0;
  beforeAll(async () => {
    app = await startApp();
    const of = app.app;
    const hook = {
      definitionChanged: (project: Project): Promise<void> => {
        seen.push(project);
        return Promise.resolve();
      },
    };
    expect(typeof DEFINITION_CHANGED).toBe('symbol');
    service = new ProjectsService(
      of.get(ProjectsRepository),
      of.get(AuditService),
      of.get(Clock),
      of.get(AppConfig),
      hook,
    );
  });
  beforeEach(() => {
    count += 1;
    org = `org-${count}`;
    seen = [];
  });
  afterAll(() => app.close());

  const caller = async (claims = {}): Promise<Principal> =>
    app.app.get(TokenVerifier).verifyToken(await app.token({ org, ...claims }));
  const keysOf = (projects: readonly Project[]): string => projects.map(({ key }) => key).join(',');

  describe('requireForIngest', () => {
    it('makes a project on the first post, once, with an entry in the audit log', async () => {
      const principal = await caller({ roles: ['manager'] });
      const all = await Promise.all(Array.from({ length: 6 }, () => service.requireForIngest(principal, 'fresh')));
      expect(new Set(all.map(({ id }) => id)).size).toBe(1);
      expect(all[0]).toMatchObject({ key: 'fresh', name: 'fresh', timeZone: 'UTC', organization: org });
      const { items } = await app.app.get(AuditService).list(principal.scope, { action: 'project.created' }, 50);
      expect(items).toHaveLength(1);
    });

    it('names the command where the caller may not', async () => {
      const engineer = await caller({ roles: ['engineer'] });
      await expect(service.requireForIngest(engineer, 'fresh')).rejects.toMatchObject({
        kind: 'invalid',
        code: 'unknown_project',
        extensions: {
          command: expect.stringMatching(/^curl -X POST http.*\/projects .*'\{"key":"fresh","name":"fresh"\}'$/),
        },
      });
      const made = await service.create(await caller(), { key: 'fresh', name: 'Fresh', timeZone: 'UTC' });
      expect(await service.requireForIngest(engineer, 'fresh')).toEqual(made);
    });

    it('is 404 outside of the own projects, and 422 for what can be no key', async () => {
      const confined = await caller({ projects: ['web'] });
      await expect(service.requireForIngest(confined, 'app')).rejects.toMatchObject({ code: 'not_found' });
      for (const key of ['', 'A', '__proto__', "x'; rm -rf /", 'a\0'])
        await expect(service.requireForIngest(confined, key)).rejects.toMatchObject({ code: 'validation_failed' });
      expect((await service.requireForIngest(confined, 'web')).key).toBe('web');
    });
  });

  describe('resolve', () => {
    it('gives what the caller may see and what matches', async () => {
      const admin = await caller();
      for (const [key, team] of [
        ['a', 'one'],
        ['b', 'two'],
        ['c', undefined],
      ] as const)
        await service.create(admin, { key, name: key, timeZone: 'UTC', ...(team === undefined ? {} : { team }) });
      const all = makeScope(org, 'all');
      expect(keysOf(await service.resolve(all))).toBe('a,b,c');
      expect(keysOf(await service.resolve(all, { projects: ['c', 'a'] }))).toBe('a,c');
      expect(keysOf(await service.resolve(all, { teams: ['two', 'nobody'] }))).toBe('b');
      expect(keysOf(await service.resolve(all, { projects: ['a', 'b'], teams: ['one'] }))).toBe('a');
      expect(await service.resolve(all, { projects: [] })).toEqual([]);
      expect(keysOf(await service.resolve(makeScope(org, ['b', 'x'])))).toBe('b');
      expect(await service.resolve(makeScope('stranger', 'all'))).toEqual([]);
      await expect(service.resolve(all, { projects: ['a', 'x'] })).rejects.toMatchObject({ code: 'not_found' });
      await expect(service.resolve(makeScope(org, ['b']), { projects: ['a'] })).rejects.toMatchObject({
        code: 'not_found',
      });
      await expect(service.resolve(makeScope('stranger', 'all'), { projects: ['a'] })).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  it('getByIds leaves out what is not the caller’s', async () => {
    const { id } = await service.create(await caller(), { key: 'web', name: 'Web', timeZone: 'UTC' });
    expect(keysOf(await service.getByIds(makeScope(org, 'all'), [id, 'nonsense', '0'.repeat(24)]))).toBe('web');
    expect(await service.getByIds(makeScope(org, ['app']), [id])).toEqual([]);
    expect(await service.getByIds(makeScope('stranger', 'all'), [id])).toEqual([]);
  });

  it('calls the hook, and moves the definition version, for team, zone and weights only', async () => {
    const admin = await caller();
    await service.create(admin, { key: 'web', name: 'Web', timeZone: 'UTC' });
    await service.update(admin, 'web', { name: 'Shop', retentionDays: 10, timeZone: 'UTC' });
    expect(seen).toEqual([]);
    await service.update(admin, 'web', { team: 'core' });
    await service.update(admin, 'web', { timeZone: 'Asia/Kolkata' });
    const last = await service.update(admin, 'web', { team: null });
    expect(seen.map(({ definitionVersion }) => definitionVersion)).toEqual([2, 3, 4]);
    expect(seen.at(-1)).toEqual(last);
    expect(last.team).toBeUndefined();
  });
});
