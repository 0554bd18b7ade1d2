import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RESULT_STATUSES } from '../../executions/domain/model.js';
import { compileFilter } from './filter.js';
import type { GroupKey } from './rows.js';

const group = (facts: Partial<GroupKey> = {}): GroupKey => ({
  suite: 'checkout/cart',
  type: 'e2e',
  environment: 'staging',
  branch: 'main',
  owner: 'core',
  user: 'ana',
  kind: 'ci',
  tags: ['slow', 'smoke'],
  ...facts,
});

describe('compileFilter', () => {
  it('admits everything when it is empty', () => {
    const filter = compileFilter({ suites: [], statuses: [] });
    expect(filter).toMatchObject({ isEmpty: true, hasGroupFilter: false, needsRows: false });
    expect(filter.group(group({ suite: '', tags: [] }))).toBe(true);
    expect(filter.statusMask).toBe((1 << RESULT_STATUSES.length) - 1);
  });

  it('reads lists as alternatives and parts as conditions that hold together', () => {
    const filter = compileFilter({ environments: ['ci', 'staging'], branches: ['main'] });
    expect(filter.group(group())).toBe(true);
    expect(filter.group(group({ environment: 'ci' }))).toBe(true);
    expect(filter.group(group({ environment: 'prod' }))).toBe(false);
    expect(filter.group(group({ branch: 'release/1' }))).toBe(false);
    expect(filter).toMatchObject({ isEmpty: false, hasGroupFilter: true });
  });

  it('lets a list of negations admit everything else, none included', () => {
    const { owner } = compileFilter({ owners: ['!core', '!web'] });
    expect(['core', 'web', 'data', ''].map(owner)).toEqual([false, false, true, true]);
    const mixed = compileFilter({ suites: ['checkout/*', '!checkout/cart'] }).suite;
    expect(['checkout/pay', 'checkout/cart', 'search'].map(mixed)).toEqual([true, false, false]);
  });

  it('takes * for any text in suites and branches only', () => {
    const { suite } = compileFilter({ suites: ['checkout/*', 'a*b*c'] });
    expect(['checkout/', 'checkout/cart/x', 'checkout', 'abc', 'a--b--c', 'acb', 'ab'].map(suite)).toEqual([
      ...[true, true, false],
      ...[true, true, false, false],
    ]);
    expect(compileFilter({ owners: ['co*'] }).owner('core')).toBe(false);
    expect(compileFilter({ branches: ['!release/*'] }).branch('release/2')).toBe(false);
    expect(compileFilter({ suites: ['*aa*a'] }).suite('aa')).toBe(false);
  });

  it('finds what has no value under (none)', () => {
    expect(compileFilter({ environments: ['(none)'] }).environment('')).toBe(true);
    expect(compileFilter({ environments: ['!(none)'] }).environment('')).toBe(false);
    expect(compileFilter({ tags: ['(none)'] }).tags([])).toBe(true);
    expect(compileFilter({ tags: ['(none)'] }).tags(['slow'])).toBe(false);
  });

  it('knows any of the tags, all of the tags, and none of the refused', () => {
    const tags = ['slow', 'smoke'];
    expect(compileFilter({ tags: ['smoke', 'x'] }).tags(tags)).toBe(true);
    expect(compileFilter({ tagsAll: ['smoke', 'x'] }).tags(tags)).toBe(false);
    expect(compileFilter({ tagsAll: ['smoke', 'slow'] }).tags(tags)).toBe(true);
    expect(compileFilter({ tags: ['!slow'] }).tags(tags)).toBe(false);
    expect(compileFilter({ tags: ['!x'] }).tags([])).toBe(true);
  });

  it('takes exact values as they are', () => {
    const filter = compileFilter({
      suites: ['a*'],
      exact: [
        { dimension: 'suite', value: 'a*b' },
        { dimension: 'tag', value: '!x' },
      ],
    });
    expect(filter.hasGroupFilter).toBe(true);
    expect(filter.group(group({ suite: 'a*b', tags: ['!x', 'y'] }))).toBe(true);
    expect(filter.group(group({ suite: 'axb', tags: ['!x'] }))).toBe(false);
    expect(filter.group(group({ suite: 'a*b', tags: [] }))).toBe(false);
    expect(compileFilter({ exact: [{ dimension: 'owner', value: '' }] }).owner('(none)')).toBe(false);
    const project = compileFilter({ exact: [{ dimension: 'project', value: 'web' }] });
    expect(['web', 'api'].map(project.project)).toEqual([true, false]);
    expect(project).toMatchObject({ hasGroupFilter: false, isEmpty: false });
  });

  it('has a bit for each status asked for', () => {
    expect(compileFilter({ statuses: ['passed', 'broken'] }).statusMask).toBe(0b101);
    expect(compileFilter({ statuses: ['passed'] })).toMatchObject({ isEmpty: false, hasGroupFilter: false });
  });

  it('says where attempts have to be read', () => {
    expect(compileFilter({ tests: ['a'] }).needsRows).toBe(true);
    expect(compileFilter({ runs: [] }).needsRows).toBe(true);
  });

  it('agrees with a regular expression on any pattern', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(letters, text, (pattern, value) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value);
        expect(compileFilter({ suites: [pattern] }).suite(value)).toBe(expected);
      }),
    );
  });
});
