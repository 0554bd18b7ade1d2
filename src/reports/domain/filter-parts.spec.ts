import { describe, expect, it } from '@jest/globals';
import type { MetricFilter } from '../../metrics/index.js';
import { selectsWithinRuns } from './filter-parts.js';

describe('selectsWithinRuns', () => {
  it.each<[string, MetricFilter]>([
    ['suites', { suites: ['shop/*'] }],
    ['tests', { tests: ['6650c0ffee6650c0ffee0001'] }],
    ['types', { types: ['e2e'] }],
    ['tags', { tagsAll: ['slow'] }],
    ['owners', { owners: ['!core'] }],
    ['statuses', { statuses: ['failed'] }],
    ['a place of a drill-down', { exact: [{ dimension: 'suite', value: '' }] }],
  ])('is so by %s', (_, filter) => {
    expect(selectsWithinRuns(filter)).toBe(true);
  });

  it('is not so for no filter, nor by what a whole run has', () => {
    const exact = [{ dimension: 'branch' as const, value: 'main' }];
    expect(selectsWithinRuns({})).toBe(false);
    expect(selectsWithinRuns({ suites: [] })).toBe(false);
    const ofRuns = { projects: ['web'], teams: ['a'], branches: ['main'], environments: ['ci'], users: ['ann'] };
    expect(selectsWithinRuns({ ...ofRuns, kinds: ['ci'], runs: ['r'], exact })).toBe(false);
  });
});
