import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp, type TestApp } from '../support/app.js';

interface Entry {
  readonly entryId: string;
  readonly action: string;
  readonly at: string;
  readonly target: { readonly id: string };
}

describe('the audit log', () => {
  let app: TestApp;
  let token = '';
  beforeAll(async () => {
    app = await startApp();
    token = await app.token({ org: 'audited', sub: 'ana', name: 'Ana' });
    for (const key of ['one', 'two', 'three']) await app.post('/projects', { key, name: key }, { token });
    const bob = await app.token({ org: 'audited', sub: 'bob', roles: ['manager'] });
    await app.request('PATCH', '/projects/two', { timeZone: 'Asia/Kolkata', name: 'two' }, { token: bob });
    await app.request('PATCH', '/projects/two', { name: 'two' }, { token: bob });
  });
  afterAll(() => app.close());

  const list = async (query = '', as = token): Promise<Entry[]> =>
    (await app.get<{ items: Entry[] }>(`/audit-log${query}`, { token: as })).body.items;

  it('holds each change once, newest first, with who and what; a change of nothing is none', async () => {
    const items = await list();
    expect(items.map(({ action, target }) => `${action} ${target.id}`)).toEqual([
      'project.updated two',
      'project.created three',
      'project.created two',
      'project.created one',
    ]);
    expect(items[0]).toMatchObject({
      actor: { subject: 'bob', kind: 'user' },
      target: { type: 'project', id: 'two', projectKey: 'two' },
      details: { timeZone: 'Asia/Kolkata' },
    });
  });

  it.each([
    ['?actor=ana', 3],
    ['?actor=nobody', 0],
    ['?action=project.updated', 1],
    ['?target=project', 4],
    ['?target=project:two', 2],
    ['?target=api_key', 0],
    ['?from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z', 4],
    ['?to=2020-01-01T00:00:00Z', 0],
    ['?actor=ana&target=project:two', 1],
  ])('filters %s', async (query, expected) => {
    expect(await list(query)).toHaveLength(expected);
  });

  it('comes in pages without gap or repetition', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await app.get(`/audit-log?limit=1${cursor}`, { token });
      seen.push(...body.items.map((entry: Entry) => entry.entryId));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(4);
    expect(seen).toHaveLength(4);
  });

  it('is for admins of the organization, confined to their projects', async () => {
    for (const roles of [['viewer'], ['engineer'], ['manager']] as const)
      expect((await app.get('/audit-log', { token: await app.token({ org: 'audited', roles }) })).status).toBe(403);
    expect(await list('', await app.token({ org: 'another' }))).toEqual([]);
    const confined = await list('', await app.token({ org: 'audited', projects: ['two'] }));
    expect(confined.map(({ target }) => target.id)).toEqual(['two', 'two']);
  });

  it.each([
    '?from=yesterday',
    '?limit=0',
    '?limit=x',
    '?actor=',
    '?actor[$ne]=x',
    '?cursor=x',
    '?cursor=WzEsIiRuZSJd',
    '?unknown=1',
  ])('refuses %s', async (query) => {
    expect((await app.get(`/audit-log${query}`, { token })).status).toBe(422);
  });
});
