import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { getModelToken } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../src/common/index.js';
import { type ApiKeyRecord } from '../../src/auth/api-keys/api-key.schema.js';
import { type Answer, startApp, type TestApp } from '../support/app.js';

const READ = ['projects:read'];

describe('API keys', () => {
  let app: TestApp;
  let org = '';
  let count = 0;
  beforeAll(async () => {
    app = await startApp();
  });
  beforeEach(() => {
    count += 1;
    org = `org-${count}`;
  });
  afterAll(() => app.close());

  const admin = (claims = {}): Promise<string> => app.token({ org, ...claims });
  const make = async (body: unknown, claims = {}): Promise<Answer> =>
    app.post('/api-keys', body, { token: await admin(claims) });
  const created = async (body = {}): Promise<{ keyId: string; key: string }> => {
    const answer = await make({ name: 'CI', permissions: READ, ...body });
    expect(answer.status).toBe(201);
    return answer.body;
  };
  const projectsSeenBy = (key: string): Promise<Answer> => app.get('/projects', { token: key });
  const project = async (key: string): Promise<void> => {
    expect((await app.post('/projects', { key, name: key }, { token: await admin() })).status).toBe(201);
  };
  const records = (): Model<ApiKeyRecord> => app.app.get<Model<ApiKeyRecord>>(getModelToken('ApiKeyRecord'));

  it('are shown once, stored hashed, and work in both headers', async () => {
    const { key, keyId } = await created();
    expect(key).toMatch(/^ers_[0-9a-f]{16}_[\w-]{43}$/);
    expect((await projectsSeenBy(key)).status).toBe(200);
    expect((await app.get('/projects', { token: null, headers: { 'x-api-key': key } })).status).toBe(200);
    const stored = await records().findById(keyId).lean();
    expect(JSON.stringify(stored)).not.toContain(key.slice(-43));
    const list = await app.get('/api-keys', { token: await admin() });
    expect(JSON.stringify(list.body)).not.toContain(key.slice(-43));
    expect(list.body.items).toHaveLength(1);
    expect(list.body.items[0]).toMatchObject({ keyId, status: 'active', permissions: READ, projects: null });
    expect(list.body.items[0].hash).toBeUndefined();
  });

  it('are refused with another secret, an unknown id or a broken shape', async () => {
    const { key } = await created();
    const flipped = key.slice(0, -1) + (key.endsWith('A') ? 'B' : 'A');
    for (const wrong of [
      `${key.slice(0, -2)}__`,
      `ers_${'0'.repeat(16)}_${key.slice(-43)}`,
      'ers_',
      `${key}x`,
      flipped,
    ]) {
      const { status, body } = await projectsSeenBy(wrong);
      expect([status, body.code]).toEqual([401, 'invalid_key']);
    }
  });

  it('are refused at once after they were revoked; revoking again changes nothing', async () => {
    const { key, keyId } = await created();
    expect((await projectsSeenBy(key)).status).toBe(200);
    const token = await admin();
    expect((await app.request('DELETE', `/api-keys/${keyId}`, undefined, { token })).status).toBe(204);
    const refused = await projectsSeenBy(key);
    expect([refused.status, refused.body.code]).toEqual([401, 'key_revoked']);
    expect((await app.request('DELETE', `/api-keys/${keyId}`, undefined, { token })).status).toBe(204);
    const log = await app.get('/audit-log?target=api_key', { token });
    expect(log.body.items.map((entry: { action: string }) => entry.action)).toEqual([
      'api_key.revoked',
      'api_key.created',
    ]);
  });

  it('are refused after they expired', async () => {
    const { key, keyId } = await created({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await projectsSeenBy(key)).status).toBe(200);
    await records().updateOne({ _id: keyId }, { expiresAt: new Date(Date.now() - 1) });
    const refused = await projectsSeenBy(key);
    expect([refused.status, refused.body.code]).toEqual([401, 'key_expired']);
  });

  it('see nothing outside their projects: 404', async () => {
    await project('web');
    await project('app');
    const { key } = await created({ projects: ['web'] });
    expect((await projectsSeenBy(key)).body.items.map((item: { key: string }) => item.key)).toEqual(['web']);
    expect((await app.get('/projects/web', { token: key })).status).toBe(200);
    expect((await app.get('/projects/app', { token: key })).status).toBe(404);
  });

  it('do what they are given and nothing else', async () => {
    const { key } = await created();
    const { status, body } = await app.post('/projects', { key: 'new', name: 'new' }, { token: key });
    expect([status, body.code]).toEqual([403, 'permission_missing']);
    expect((await app.get('/api-keys', { token: key })).status).toBe(403);
  });

  it('cannot exceed who makes them', async () => {
    const manage = await make({ name: 'x', permissions: ['keys:manage'] });
    expect([manage.status, manage.body.code]).toEqual([403, 'exceeds_own_rights']);
    expect(manage.body.errors[0].pointer).toBe('/permissions/0');
    const beyond = await make({ name: 'x', permissions: READ, projects: ['web', 'app'] }, { projects: ['web'] });
    expect([beyond.status, beyond.body.errors[0].pointer]).toEqual([403, '/projects/1']);
    const inherited = await make({ name: 'x', permissions: READ }, { projects: ['web'] });
    expect(inherited.body.projects).toEqual(['web']);
    for (const roles of [['viewer'], ['engineer'], ['manager']] as const)
      expect((await make({ name: 'x', permissions: READ }, { roles })).status).toBe(403);
  });

  it('are seen and revoked only within the own organization and the own projects', async () => {
    const { keyId } = await created();
    for (const claims of [{ org: 'another' }, { projects: ['web'] }]) {
      const token = await admin(claims);
      expect((await app.get('/api-keys', { token })).body.items).toEqual([]);
      expect((await app.request('DELETE', `/api-keys/${keyId}`, undefined, { token })).status).toBe(404);
    }
  });

  it('note their last use at most once a minute', async () => {
    const clock = app.app.get(Clock);
    const { key, keyId } = await created();
    const lastUsed = async (): Promise<Date | undefined> => (await records().findById(keyId).lean())?.lastUsedAt;
    const useAt = async (offset: number): Promise<void> => {
      const real = clock.now;
      clock.now = () => new Date(Date.now() + offset);
      await projectsSeenBy(key);
      clock.now = real;
    };
    /** It is stored behind the answer. */
    const usedSince = async (time: number): Promise<Date> => {
      for (;;) {
        const used = await lastUsed();
        if (used && used.getTime() > time) return used;
        await sleep(20);
      }
    };
    await useAt(0);
    const first = await usedSince(0);
    await useAt(30_000);
    await sleep(100);
    expect(await lastUsed()).toEqual(first);
    await useAt(90_000);
    await usedSince(first.getTime() + 60_000);
  });

  it('come in pages', async () => {
    for (let i = 0; i < 5; i += 1) await created({ name: `key ${i}` });
    const token = await admin();
    const names: string[] = [];
    let cursor = '';
    do {
      const { body } = await app.get(`/api-keys?limit=2${cursor}`, { token });
      names.push(...body.items.map((item: { name: string }) => item.name));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(names.sort()).toEqual(['key 0', 'key 1', 'key 2', 'key 3', 'key 4']);
    expect((await app.get('/api-keys?cursor=WzEsMl0', { token })).body.code).toBe('invalid_cursor');
  });

  it.each([
    ['name', 7],
    ['name', ''],
    ['name', 'a\0b'],
    ['name', { $ne: '' }],
    ['permissions', []],
    ['permissions', 'projects:read'],
    ['permissions', ['everything']],
    ['permissions', [{ $ne: '' }]],
    ['projects', []],
    ['projects', ['../web']],
    ['projects', 'web'],
    ['projects', [null]],
    ['expiresAt', 'tomorrow'],
    ['expiresAt', 1_900_000_000],
    ['expiresAt', '2020-01-01T00:00:00Z'],
    ['expiresAt', '+275760-09-13T00:00:00Z'],
    ['admin', true],
  ])('are not made with %s %j', async (field, value) => {
    const { status, body } = await make({ name: 'CI', permissions: READ, [field]: value });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors[0].pointer).toMatch(new RegExp(`^/${field}`));
  });
});
