import { describe, expect, it } from '@jest/globals';
import { cacheKey, resolveRequest } from './resolve-request.js';

const range = { from: new Date(0), to: new Date(86_400_000), timeZone: 'UTC' };
const web = { id: '1', key: 'web', team: 'shop' };
const api = { id: '2', key: 'api', team: '' };

describe('resolveRequest', () => {
  it('gives each type its shape', () => {
    expect(resolveRequest({ type: 'trend_analysis', filter: {} }, range)).toMatchObject({
      interval: 'day',
      groupBy: [],
    });
    expect(resolveRequest({ type: 'detailed', filter: {} }, range)).toMatchObject({
      groupBy: ['project', 'suite'],
      top: 10,
    });
    expect(resolveRequest({ type: 'summary', filter: {} }, range)).toEqual({
      ...{ type: 'summary', filter: {}, range, groupBy: [], attempts: 'final', comparePrevious: false },
    });
  });

  it('takes exactly the shape that is asked for', () => {
    const asked = resolveRequest({ type: 'detailed', filter: {}, interval: 'week', top: 3 }, range);
    expect(asked).toMatchObject({ interval: 'week', groupBy: [], top: 3 });
    expect(resolveRequest({ type: 'trend_analysis', filter: {}, groupBy: [] }, range).interval).toBeUndefined();
  });
});

describe('cacheKey', () => {
  const key = (filter: object, projects = [web, api], organization = 'acme', definitions = ''): string =>
    cacheKey(organization, resolveRequest({ type: 'summary', filter }, range), projects, definitions);

  it('is the same for what means the same', () => {
    expect(key({ owners: ['a'], tags: ['b'] })).toBe(key({ tags: ['b'], owners: ['a'] }));
    expect(key({ projects: ['web', 'api'] })).toBe(key({}, [api, web]));
  });

  it('differs with organization, projects, teams, filter and definitions', () => {
    const keys = [
      key({}),
      key({}, [web]),
      key({}, [web, api], 'rival'),
      key({}, [{ ...web, team: 'x' }, api]),
      key({ owners: ['a'] }),
      key({}, [web, api], 'acme', 'other weights'),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
