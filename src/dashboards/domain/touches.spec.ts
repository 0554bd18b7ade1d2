import { describe, expect, it } from '@jest/globals';
import { compileFilter, type MetricFilter } from '../../metrics/index.js';
import { type Touchable, touches } from './touches.js';

const day = (date: string): number => Date.parse(date) / 86_400_000;
const range = { from: new Date('2026-03-01'), to: new Date('2026-03-11'), timeZone: 'UTC' };
const widget = (more: Partial<Touchable> = {}, filter: MetricFilter = {}): Touchable => ({
  reach: 'filter',
  filter: compileFilter(filter),
  projectIds: new Set(['web']),
  range,
  ...more,
});
const commit = (more = {}) => ({ kind: 'results' as const, projectId: 'web', days: [day('2026-03-05')], ...more });
const run = { branch: 'main', environment: 'staging', triggeredBy: 'ann', kind: 'ci' };

describe('touches', () => {
  it.each<[string, Touchable, ReturnType<typeof commit>, boolean]>([
    ['a run in range', widget(), commit(), true],
    ['another project', widget(), commit({ projectId: 'api' }), false],
    ['a day after the range', widget(), commit({ days: [day('2026-03-11')] }), false],
    ['a day of the period before, which it may compare with', widget(), commit({ days: [day('2026-02-20')] }), true],
    ['a day before that', widget(), commit({ days: [day('2026-02-18')] }), false],
    ['a day before that, of a judgement', widget({ reach: 'projects' }), commit({ days: [day('2026-01-20')] }), true],
    ['no day at all', widget(), commit({ days: [] }), false],
    ['no day at all, of a list of runs', widget({ reach: 'runs' }), commit({ days: [] }), true],
    ['a text', widget({ reach: 'nothing' }), commit(), false],
    ['a definition of any project', widget(), commit({ kind: 'definition', projectId: 'api', days: [] }), true],
    ['another branch', widget({}, { branches: ['release/*'] }), commit(), false],
    ['another branch, of a judgement', widget({ reach: 'projects' }, { branches: ['release/*'] }), commit(), true],
    ['its branch', widget({}, { branches: ['ma*'] }), commit(), true],
    ['runs without a branch, which this one may have been', widget({}, { branches: ['(none)'] }), commit(), true],
    ['another environment', widget({}, { environments: ['production'] }), commit(), false],
    ['another user', widget({}, { users: ['bob'] }), commit(), false],
    ['another kind', widget({}, { kinds: ['manual'] }), commit(), false],
    ['a deletion on any branch', widget({}, { branches: ['release/*'] }), commit({ kind: 'deleted' }), true],
  ])('%s', (_, touchable, change, expected) => {
    expect(touches(touchable, change, run)).toBe(expected);
    // a run that is not known may be any run
    if (expected) expect(touches(touchable, change, undefined)).toBe(true);
  });
});
