import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileFilter, type MetricFilter } from '../../metrics/index.js';
import { admitsNothing, covers, narrowFilter } from './narrow-filter.js';

const filterOf = (outer: MetricFilter, inner: MetricFilter): MetricFilter => {
  const narrowed = narrowFilter(outer, inner);
  if ('conflict' in narrowed) throw new Error(narrowed.conflict.detail);
  return narrowed.filter;
};

describe('covers', () => {
  it.each([
    ['checkout/*', 'checkout/cart', true],
    ['checkout/*', 'checkout/*', true],
    ['checkout/*', 'checkout/cart/*', true],
    ['*', '*a*', true],
    ['checkout/*', 'check*', false],
    ['a.c', 'abc', false],
    ['a*b', 'a*', false],
  ])('%s covers %s: %s', (pattern, name, expected) => expect(covers(pattern, name)).toBe(expected));
});

describe('narrowFilter', () => {
  it('is the other filter where one says nothing', () => {
    const filter = { projects: ['web'], tags: ['slow', 'smoke'] };
    expect(filterOf({}, filter)).toEqual(filter);
    expect(filterOf(filter, {})).toEqual(filter);
    expect(filterOf({}, {})).toEqual({});
  });

  it('keeps what both name, and leaves out what either refuses', () => {
    expect(
      filterOf({ projects: ['api', 'web'], owners: ['!ann'] }, { projects: ['web', 'lib'], owners: ['!bob'] }),
    ).toEqual({ projects: ['web'], owners: ['!ann', '!bob'] });
  });

  it('leaves nothing where they contradict each other', () => {
    const contradictions: [MetricFilter, MetricFilter][] = [
      [{ projects: ['api'] }, { projects: ['web'] }],
      [{ projects: ['api', 'web'] }, { projects: ['lib', '!api'] }],
      [{ branches: ['main'] }, { branches: ['release'] }],
      [{ statuses: ['failed'] }, { statuses: ['passed'] }],
      [{ tests: ['a'.repeat(24)] }, { tests: ['b'.repeat(24)] }],
    ];
    for (const [outer, inner] of contradictions) {
      expect(filterOf(outer, inner)).toMatchObject({ tests: [] });
      expect(admitsNothing(filterOf(outer, inner))).toBe(true);
    }
    for (const filter of [{}, { branches: ['main', '!main'] }, { tests: ['a'.repeat(24)] }])
      expect(admitsNothing(filterOf(filter, {}))).toBe(false);
  });

  it('takes the narrower of two patterns, and refuses two that cross', () => {
    expect(filterOf({ suites: ['checkout/*'] }, { suites: ['checkout/cart*', 'search'] }).suites).toEqual([
      'checkout/cart*',
    ]);
    expect(narrowFilter({ suites: ['checkout/*'] }, { suites: ['*/pay'] })).toMatchObject({
      conflict: { list: 'suites' },
    });
    expect(filterOf({ branches: ['release/*'] }, { branches: ['feature/*'] })).toMatchObject({ tests: [] });
  });

  it('wants both of two single tags, and refuses alternatives of alternatives', () => {
    expect(filterOf({ tags: ['a', 'b'] }, { tags: ['c'] })).toEqual({ tags: ['a', 'b'], tagsAll: ['c'] });
    expect(narrowFilter({ tags: ['a', 'b'] }, { tags: ['c', 'd'] })).toMatchObject({ conflict: { list: 'tags' } });
  });

  it('admits exactly what both filters admit', () => {
    const names = ['a', 'ab', 'abc', 'b', 'bc', 'c', 'a/b'];
    const patterns = [...names, 'a*', '*c', 'a*c', '!a*', '!b', '!abc'];
    const plain = [...names, '!a', '!bc'];
    const list = (from: readonly string[]) => fc.option(fc.subarray([...from], { maxLength: 4 }), { nil: undefined });
    const aFilter = fc.record({
      suites: list(patterns),
      branches: list(patterns),
      projects: list(plain),
      owners: list(plain),
      tags: list(plain),
      tagsAll: list(names),
    });
    const aGroup = fc.record({
      suite: fc.constantFrom(...names),
      branch: fc.constantFrom(...names),
      owner: fc.constantFrom(...names),
      tags: fc.subarray(names),
    });
    const clean = (filter: object): MetricFilter =>
      Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    fc.assert(
      fc.property(aFilter, aFilter, aGroup, fc.constantFrom(...names), (outer, inner, part, project) => {
        const narrowed = narrowFilter(clean(outer), clean(inner));
        if ('conflict' in narrowed) return;
        const group = { ...part, type: '', environment: '', user: '', kind: 'ci' };
        const admits = (filter: MetricFilter): boolean => {
          const compiled = compileFilter(filter);
          return !filter.tests && compiled.project(project) && compiled.group(group);
        };
        expect(admits(narrowed.filter)).toBe(admits(clean(outer)) && admits(clean(inner)));
      }),
      { numRuns: 500 },
    );
  });
});
